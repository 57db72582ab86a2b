package io.basewatch.fleetstore;

import java.time.Clock;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.data.mongodb.core.MongoTemplate;

/** For the service that fills the store: keeps it small, by {@code basewatch.store.*}. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(HousekeepingSettings.class)
public final class FleetHousekeepingConfiguration {

    @Bean
    HousekeepingSchedule fleetHousekeeping(MongoTemplate mongo, HousekeepingSettings settings) {
        return new HousekeepingSchedule(mongo, settings, Clock.systemUTC());
    }
}
