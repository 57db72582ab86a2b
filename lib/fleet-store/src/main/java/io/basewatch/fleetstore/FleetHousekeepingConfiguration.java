package io.basewatch.fleetstore;

import io.basewatch.worker.Worker;
import java.time.Clock;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** For the service that fills the store: keeps it small, by {@code basewatch.store.*}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HousekeepingSettings.class)
public final class FleetHousekeepingConfiguration {

    private static final Logger log = LoggerFactory.getLogger(FleetHousekeepingConfiguration.class);

    /** How often it is looked whether it is time; also before the first time, when there is more urgent work. */
    private static final Duration GLANCE = Duration.ofMinutes(1);

    @Bean
    Worker fleetHousekeeping(StoreAccess store, Turns turns, HousekeepingSettings settings) {
        Housekeeping housekeeping = new Housekeeping(store.mongo(), Clock.systemUTC());
        Duration interval = settings.housekeepingInterval();
        return Worker.every(
                        "store-housekeeping",
                        interval.compareTo(GLANCE) < 0 ? interval : GLANCE,
                        turns.of("housekeeping", interval).whenFree(turn -> {
                            tell(housekeeping.removeUnused(settings.retention()));
                            return interval;
                        }))
                .pausingFirst();
    }

    private static void tell(Housekeeping.Removed removed) {
        if (!removed.isNothing()) {
            log.info("store tidied up images={} tags={} claims={}", removed.images(), removed.tags(), removed.claims());
        }
    }
}
