package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.embeddedstore.EmbeddedStore;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.awaitility.Awaitility;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.mongodb.autoconfigure.DataMongoAutoConfiguration;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.mongodb.autoconfigure.MongoAutoConfiguration;
import org.springframework.boot.mongodb.autoconfigure.health.MongoHealthContributorAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.data.mongodb.core.MongoTemplate;

class FleetStoreConfigurationTest {

    @TempDir
    Path directory;

    private static ApplicationContextRunner service(String uri) {
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        MongoAutoConfiguration.class,
                        DataMongoAutoConfiguration.class,
                        MongoHealthContributorAutoConfiguration.class))
                .withUserConfiguration(FleetStoreConfiguration.class)
                .withPropertyValues("spring.mongodb.uri=" + uri);
    }

    @Test
    void givesTheDoorsAsBeansAndIsHealthyOnTheEmbeddedEngine() {
        try (EmbeddedStore engine = EmbeddedStore.start(directory.resolve("store.mv"))) {
            service(engine.connectionString()).run(context -> {
                assertThat(context)
                        .hasSingleBean(TagLedger.class)
                        .hasSingleBean(ImageArchive.class)
                        .hasSingleBean(LayerFactsStore.class)
                        .hasSingleBean(FleetQueries.class)
                        .doesNotHaveBean("mongoHealthIndicator");
                HealthIndicator health = context.getBean("mongoHealthContributor", HealthIndicator.class);
                Awaitility.await()
                        .atMost(StoreUnderTest.PATIENCE)
                        .until(() -> health.health().getStatus().equals(Status.UP));
                context.getBean(ImageArchive.class).apply(Fleet.pushed(Fleet.SHOP, "1.0", Fleet.digest(1), 1));
                assertThat(context.getBean(FleetQueries.class)
                                .count(Clock.systemUTC())
                                .summary()
                                .pending())
                        .isEqualTo(1);
            });
        }
    }

    @Test
    void housekeepingRunsBySetting() {
        try (EmbeddedStore engine = EmbeddedStore.start(directory.resolve("tidied.mv"))) {
            service(engine.connectionString())
                    .withUserConfiguration(FleetHousekeepingConfiguration.class)
                    .withPropertyValues("basewatch.store.retention=39d", "basewatch.store.housekeeping-interval=1s")
                    .run(context -> {
                        MongoTemplate mongo = context.getBean(MongoTemplate.class);
                        mongo.getCollection(FleetDatabase.IMAGES)
                                .insertOne(new Document("_id", Fleet.digest(1).toString())
                                        .append(
                                                "untaggedAt",
                                                Date.from(Instant.now().minus(Duration.ofDays(40)))));
                        mongo.getCollection(FleetDatabase.IMAGES)
                                .insertOne(new Document("_id", Fleet.digest(2).toString())
                                        .append(
                                                "untaggedAt",
                                                Date.from(Instant.now().minus(Duration.ofDays(38)))));
                        Awaitility.await()
                                .atMost(StoreUnderTest.PATIENCE)
                                .until(() -> mongo.getCollection(FleetDatabase.IMAGES)
                                                .countDocuments()
                                        == 1);
                        assertThat(context.getBean(FleetQueries.class).image(Fleet.digest(2)))
                                .isPresent();
                    });
        }
    }

    @Test
    void aRetentionThatIsTooShortIsNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Duration.ofHours(1), Duration.ofHours(6)))
                .withMessageContaining("basewatch.store.retention is PT1H");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new HousekeepingSettings(Duration.ofDays(30), Duration.ZERO))
                .withMessageContaining("basewatch.store.housekeeping-interval is PT0S");
    }

    @Test
    void startsWithoutAStoreAndRecoversWhenItComes() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        service("mongodb://127.0.0.1:" + port + "/basewatch?serverSelectionTimeoutMS=300")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    HealthIndicator health = context.getBean("mongoHealthContributor", HealthIndicator.class);
                    assertThat(health.health().getStatus()).isEqualTo(Status.DOWN);
                    try (EmbeddedStore engine = EmbeddedStore.start(directory.resolve("late.mv"), port)) {
                        Awaitility.await()
                                .atMost(StoreUnderTest.PATIENCE)
                                .until(() -> health.health().getStatus().equals(Status.UP));
                        assertThat(engine.connectionString()).contains(Integer.toString(port));
                    }
                });
    }
}
