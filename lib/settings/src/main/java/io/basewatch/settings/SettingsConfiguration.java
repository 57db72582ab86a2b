package io.basewatch.settings;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** A misspelt setting ends the start of a service, before anything else is made: without it, it would run as if nothing had been set. */
@Configuration(proxyBeanMethods = false)
public final class SettingsConfiguration {

    private static final Logger log = LoggerFactory.getLogger(SettingsConfiguration.class);

    @Bean
    static BeanFactoryPostProcessor settingsGuard(ConfigurableEnvironment environment) {
        return beans -> {
            List<Problem> problems = SettingsCheck.names(environment);
            if (!problems.isEmpty()) {
                throw new WrongSettingsException(problems);
            }
            for (Problem variable :
                    SettingsCheck.variables(environment.getSystemEnvironment().keySet())) {
                log.warn("environment variable {}", variable);
            }
        };
    }
}
