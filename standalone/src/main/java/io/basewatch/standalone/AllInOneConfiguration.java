package io.basewatch.standalone;

import io.basewatch.layeranalyzer.LayerAnalyzerConfiguration;
import io.basewatch.registrywatcher.RegistryWatcherConfiguration;
import io.basewatch.registrywatcher.WatcherProgress;
import io.basewatch.reportapi.ReportApiConfiguration;
import io.basewatch.reportapi.page.Watching;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The three services in one context: one web server, one set of metrics, one start. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({RegistryWatcherConfiguration.class, LayerAnalyzerConfiguration.class, ReportApiConfiguration.class})
class AllInOneConfiguration {

    /** Pages show what the watcher beside them does. */
    @Bean
    Watching watching(WatcherProgress progress) {
        return () -> progress.snapshot().stream()
                .map(each -> watched(progress, each))
                .toList();
    }

    private static Watching.Watched watched(WatcherProgress progress, WatcherProgress.RegistryProgress registry) {
        String name = registry.registry();
        WatcherProgress.Sweep running = progress.running(name);
        WatcherProgress.Sweep complete = progress.lastComplete(name);
        boolean isWell = registry.lastSweep() == WatcherProgress.LastSweep.COMPLETE && registry.failures() == 0;
        return new Watching.Watched(
                name,
                running == null ? null : running.began(),
                running == null ? 0 : running.repositories(),
                complete == null ? null : complete.repositories(),
                complete == null ? null : complete.began(),
                progress.isPaused(name),
                isWell
                        ? null
                        : progress.lastProblem(name)
                                .map(WatcherProgress.Problem::text)
                                .orElse(null));
    }
}
