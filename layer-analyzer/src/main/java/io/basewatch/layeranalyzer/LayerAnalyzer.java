package io.basewatch.layeranalyzer;

import io.basewatch.ociregistry.Registry;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Import;

/** The analyzer as a process of its own; its settings are in {@code layer-analyzer.yml}. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(LayerAnalyzerConfiguration.class)
public class LayerAnalyzer {

    /** The base name of the settings' file: several services share one classpath, so that {@code application.yml} would be anybody's. */
    static final String CONFIG_NAME = "spring.config.name=layer-analyzer";

    public static void main(String[] args) {
        Registry.prepareProcess();
        new SpringApplicationBuilder(LayerAnalyzer.class)
                .properties(CONFIG_NAME)
                .run(args);
    }
}
