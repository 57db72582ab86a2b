package io.basewatch.reportapi.lineage;

import io.basewatch.fleetstore.FleetReading;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.worker.Worker;
import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Keeps the tree of bases up to date as long as the application runs. */
@Configuration(proxyBeanMethods = false)
class ProjectionConfiguration {

    @Bean
    Projection projection(FleetReading reading, Clock clock) {
        return new Projection(reading, new FleetTree(KnownBases.bundled()), clock);
    }

    @Bean
    Worker projectionWorker(Projection projection) {
        return Worker.every("fleet-projection", projection::pause, projection::refresh);
    }
}
