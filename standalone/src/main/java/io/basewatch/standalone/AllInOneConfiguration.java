package io.basewatch.standalone;

import io.basewatch.layeranalyzer.LayerAnalyzerConfiguration;
import io.basewatch.registrywatcher.RegistryWatcherConfiguration;
import io.basewatch.reportapi.ReportApiConfiguration;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Import;

/** The three services in one context: one web server, one set of metrics, one start. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({RegistryWatcherConfiguration.class, LayerAnalyzerConfiguration.class, ReportApiConfiguration.class})
class AllInOneConfiguration {}
