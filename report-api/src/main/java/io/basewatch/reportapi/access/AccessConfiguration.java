package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AuditLog;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
class AccessConfiguration {

    @Bean
    Audit audit(AuditLog log) {
        return new Audit(log);
    }
}
