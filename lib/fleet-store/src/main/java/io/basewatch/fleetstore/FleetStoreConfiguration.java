package io.basewatch.fleetstore;

import java.time.Clock;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.mongodb.autoconfigure.MongoClientSettingsBuilderCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Scope;
import org.springframework.core.annotation.Order;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The store as beans, on the {@link MongoTemplate} that Spring Boot makes of {@code spring.mongodb.uri}.
 *
 * <p>A store that cannot be reached does not keep a service from starting: its health is down until the store is there and has its
 * indexes, and everything asked of it meanwhile is a {@link StoreUnavailableException}.
 */
@Configuration(proxyBeanMethods = false)
public final class FleetStoreConfiguration {

    @Bean
    StoreAccess storeAccess(MongoTemplate mongo) {
        return new StoreAccess(mongo);
    }

    @Bean
    TagLedger tagLedger(StoreAccess store) {
        return new TagLedger(store.mongo(), Clock.systemUTC());
    }

    @Bean
    LedgerComparison ledgerComparison(StoreAccess store) {
        return new LedgerComparison(store.mongo(), Clock.systemUTC());
    }

    @Bean
    WatchRoll watchRoll(StoreAccess store) {
        return new WatchRoll(store.mongo(), Clock.systemUTC());
    }

    @Bean
    WatchBook watchBook(StoreAccess store) {
        return new WatchBook(store.mongo(), Clock.systemUTC());
    }

    @Bean
    WatchMembers watchMembers(StoreAccess store) {
        return new WatchMembers(store.mongo());
    }

    @Bean
    Turns fleetTurns(StoreAccess store) {
        return new Turns(store.mongo(), Clock.systemUTC());
    }

    @Bean
    ImageArchive imageArchive(StoreAccess store) {
        return new ImageArchive(store.mongo(), Clock.systemUTC());
    }

    @Bean
    JudgementArchive judgementArchive(StoreAccess store) {
        return new JudgementArchive(store.mongo());
    }

    @Bean
    LayerFactsStore layerFactsStore(StoreAccess store) {
        return new LayerFactsStore(store.mongo(), Clock.systemUTC());
    }

    @Bean
    StaleImages staleImages(StoreAccess store) {
        return new StaleImages(store.mongo(), Clock.systemUTC());
    }

    @Bean
    BacklogJournal backlogJournal(StoreAccess store) {
        return new BacklogJournal(store.mongo(), Clock.systemUTC());
    }

    @Bean
    Waivers waivers(StoreAccess store) {
        return new Waivers(store.mongo());
    }

    @Bean
    TagHistory tagHistory(StoreAccess store) {
        return new TagHistory(store.mongo());
    }

    @Bean
    TrendArchive trendArchive(StoreAccess store) {
        return new TrendArchive(store.mongo());
    }

    @Bean
    AccessTokens accessTokens(StoreAccess store) {
        return new AccessTokens(store.mongo(), Clock.systemUTC());
    }

    @Bean
    AuditLog auditLog(StoreAccess store) {
        return new AuditLog(store.mongo(), Clock.systemUTC());
    }

    @Bean
    FleetQueries fleetQueries(StoreAccess store) {
        return new FleetQueries(store.mongo());
    }

    /** Each who reads has one of his own: it remembers what it has read. */
    @Bean
    @Scope(ConfigurableBeanFactory.SCOPE_PROTOTYPE)
    FleetReading fleetReading(StoreAccess store) {
        return new FleetReading(store.mongo());
    }

    @Bean
    FleetStoreStartup fleetStoreStartup(StoreAccess store) {
        return new FleetStoreStartup(store, Clock.systemUTC());
    }

    /** Named so that Spring Boot leaves its own out: that one asks {@code hello}, which the embedded engine does not answer. */
    @Bean
    HealthIndicator mongoHealthContributor(FleetStoreStartup startup) {
        return startup;
    }

    /** After Spring Boot's own, so that the connection string cannot say otherwise. */
    @Bean
    @Order
    MongoClientSettingsBuilderCustomizer fleetStoreClient() {
        return StoreDatabases::pin;
    }
}
