package io.basewatch.reportapi.trend;

import io.basewatch.backlog.Backlog;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.fleetstore.Turns;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.reportapi.backlog.Backlogs;
import io.basewatch.reportapi.lineage.Projection;
import io.basewatch.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(TrendProperties.class)
class TrendConfiguration {

    private static final Duration LEASE = Duration.ofMinutes(10);

    /** Between two looks whether it is time. */
    private static final Duration LOOK = Duration.ofSeconds(30);

    /** While the fleet is not known yet. */
    private static final Duration SOON = Duration.ofSeconds(1);

    @Bean
    TrendMaker trendMaker(
            TrendArchive archive,
            Projection projection,
            Backlogs backlogs,
            BacklogJournal journal,
            TagHistory history,
            FleetQueries images,
            Backlog.SupportAt support,
            Backlog.OwnerOf owners,
            Clock clock,
            TrendProperties properties) {
        return new TrendMaker(
                archive,
                projection::tree,
                backlogs,
                journal,
                history,
                images,
                support,
                owners,
                clock,
                properties.interval());
    }

    @Bean
    Endings endings(Projection projection, Backlog.SupportAt support, CurrentLifecycle lifecycle) {
        return new Endings(projection::tree, support, lifecycle);
    }

    @Bean
    Worker trendWorker(TrendMaker maker, Turns turns, Projection projection, TrendProperties properties) {
        Worker.Task counting = turns.of("trends", LEASE).whenFree(maker::make);
        Duration look = properties.interval().compareTo(LOOK) < 0 ? properties.interval() : LOOK;
        return Worker.every("trends", () -> projection.isFilled() ? look : SOON, () -> {
            if (projection.isFilled()) {
                counting.run();
            }
        });
    }
}
