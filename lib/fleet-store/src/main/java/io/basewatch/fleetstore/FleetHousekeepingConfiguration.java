package io.basewatch.fleetstore;

import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** For the service that fills the store: keeps it small, by {@code basewatch.store.*}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HousekeepingSettings.class)
public final class FleetHousekeepingConfiguration {

    @Bean
    HousekeepingSchedule fleetHousekeeping(StoreAccess store, HousekeepingSettings settings) {
        return new HousekeepingSchedule(store.mongo(), settings, Clock.systemUTC());
    }
}
