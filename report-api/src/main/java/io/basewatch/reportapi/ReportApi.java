package io.basewatch.reportapi;

import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** The report API as a process of its own. Its settings are in {@code report-api.yml}, so that it can share a classpath with the other services. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(ReportApiConfiguration.class)
public class ReportApi {

    public static void main(String[] arguments) {
        builder().run(arguments);
    }

    static SpringApplicationBuilder builder() {
        return new SpringApplicationBuilder(ReportApi.class).properties("spring.config.name=report-api");
    }
}
