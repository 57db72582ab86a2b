package io.basewatch.registrywatcher;

import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AuditLog;
import io.basewatch.ociregistry.Registry;
import java.net.InetAddress;
import java.net.UnknownHostException;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;

/** The watcher as a process of its own; its settings are in {@code registry-watcher.yml}. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(RegistryWatcherConfiguration.class)
public class RegistryWatcher {

    /** The base name of the settings' file: several services share one classpath, so that {@code application.yml} would be anybody's. */
    static final String CONFIG_NAME = "spring.config.name=registry-watcher";

    @Bean
    OperatorsOnly watcherOperatorsOnly(AccessTokens tokens, AuditLog audit, Environment environment) {
        return new OperatorsOnly(tokens, audit, isOpen(environment));
    }

    /** As the report API decides it for itself, by the same settings. */
    private static boolean isOpen(Environment environment) {
        String mode = environment.getProperty("basewatch.access.mode", "auto").trim();
        if (!mode.equalsIgnoreCase("auto")) {
            return mode.equalsIgnoreCase("open");
        }
        String address = environment.getProperty("server.address", "").trim();
        try {
            return !address.isEmpty() && InetAddress.getByName(address).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    public static void main(String[] args) {
        Registry.prepareProcess();
        new SpringApplicationBuilder(RegistryWatcher.class)
                .properties(CONFIG_NAME)
                .run(args);
    }
}
