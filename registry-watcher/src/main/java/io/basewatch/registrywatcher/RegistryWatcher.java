package io.basewatch.registrywatcher;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** The watcher as a process of its own; its settings are in {@code registry-watcher.yml}. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(RegistryWatcherConfiguration.class)
public class RegistryWatcher {

    /** The base name of the settings' file: several services share one classpath, so that {@code application.yml} would be anybody's. */
    static final String CONFIG_NAME = "spring.config.name=registry-watcher";

    public static void main(String[] args) {
        new SpringApplicationBuilder(RegistryWatcher.class)
                .properties(CONFIG_NAME)
                .run(args);
    }
}
