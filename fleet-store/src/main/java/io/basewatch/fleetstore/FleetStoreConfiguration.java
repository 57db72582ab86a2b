package io.basewatch.fleetstore;

import java.time.Clock;
import java.util.concurrent.TimeUnit;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The store as beans, on the {@link MongoTemplate} that Spring Boot makes of {@code spring.mongodb.uri}.
 *
 * <p>A store that cannot be reached does not keep a service from starting: its health is down until the store is there and has its
 * indexes, and everything asked of it meanwhile fails.
 */
@Configuration(proxyBeanMethods = false)
public final class FleetStoreConfiguration {

    @Bean
    TagLedger tagLedger(MongoTemplate mongo) {
        return new TagLedger(mongo, Clock.systemUTC());
    }

    @Bean
    ImageArchive imageArchive(MongoTemplate mongo) {
        return new ImageArchive(mongo);
    }

    @Bean
    LayerFactsStore layerFactsStore(MongoTemplate mongo) {
        return new LayerFactsStore(mongo, Clock.systemUTC());
    }

    @Bean
    StaleImages staleImages(MongoTemplate mongo) {
        return new StaleImages(mongo, Clock.systemUTC());
    }

    @Bean
    FleetQueries fleetQueries(MongoTemplate mongo) {
        return new FleetQueries(mongo);
    }

    @Bean
    FleetStoreStartup fleetStoreStartup(MongoTemplate mongo) {
        return new FleetStoreStartup(mongo);
    }

    /** Named so that Spring Boot leaves its own out: that one asks {@code hello}, which the embedded engine does not answer. */
    @Bean
    HealthIndicator mongoHealthContributor(FleetStoreStartup startup) {
        return startup;
    }

    /** Before Spring Boot's own at order 0, so that what the connection string says wins. Thirty seconds is too long for a probe. */
    @Bean
    @Order(-1)
    MongoClientSettingsBuilderCustomizer fleetStoreTimeouts() {
        return settings ->
                settings.applyToClusterSettings(cluster -> cluster.serverSelectionTimeout(5, TimeUnit.SECONDS));
    }
}
