package io.basewatch.tracing;

import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Traces, when the settings of the context name an endpoint. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TracingSettings.class)
public final class TracingConfiguration {

    @Bean
    static Tracing tracing(TracingSettings settings, @Value("${spring.application.name:basewatch}") String service) {
        return Tracing.of(settings, service);
    }
}
