package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.registrytestkit.LocalRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks outside of any sweep, as somebody takes them who was told that something changed there. */
class LookTest {

    @TempDir
    Path folder;

    private LocalRegistry registry;
    private EmbeddedStore engine;
    private FleetStore store;
    private TagLedger ledger;
    private final WatcherMetrics.Each metrics = new WatcherMetrics.Each(new SimpleMeterRegistry());
    private final WatcherProgress progress = new WatcherProgress();
    private final List<ImageEvent> told = Collections.synchronizedList(new ArrayList<>());
    private final List<Urgency> urgencies = Collections.synchronizedList(new ArrayList<>());

    @BeforeEach
    void start() throws Exception {
        registry = LocalRegistry.start();
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString());
        ledger = store.tagLedger();
    }

    @AfterEach
    void stop() {
        registry.close();
        store.close();
        engine.close();
    }

    private RegistrySettings connection() {
        return RegistrySettings.of(registry.url())
                .withBudget(10_000, 16)
                .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(5))
                .withTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(5));
    }

    private WatchedRegistry watched(NamePatterns repositories, NamePatterns tags) {
        return watched(repositories, tags, this::take);
    }

    private WatchedRegistry watched(
            NamePatterns repositories, NamePatterns tags, BiConsumer<Urgency, ImageEvent> publisher) {
        return new WatchedRegistry(
                Registry.connect(connection()),
                Rules.some(
                        repositories,
                        tags,
                        new RemovalBrake(0.2, 100, Duration.ZERO),
                        Cadence.every(Duration.ofMinutes(5))),
                ledger,
                publisher,
                metrics.of(registry.host()),
                progress,
                Clock.systemUTC());
    }

    private WatchedRegistry watched() {
        return watched(NamePatterns.ALL, NamePatterns.ALL);
    }

    private void take(Urgency urgency, ImageEvent event) {
        urgencies.add(urgency);
        told.add(event);
    }

    private RegistrySweeper sweeper() {
        return new RegistrySweeper(
                Registry.connect(connection()),
                Rules.all(new RemovalBrake(0.2, 100, Duration.ZERO), Cadence.every(Duration.ofMinutes(5))),
                ledger,
                store.watchBook(),
                new Membership("watcher", "alone", store.watchMembers(), System::nanoTime),
                this::take,
                metrics.of(registry.host()),
                progress,
                Clock.systemUTC());
    }

    private Digest push(String repository, String tag, String content) {
        return PushedImages.image(registry, repository, tag, content);
    }

    private List<String> tellings() {
        return told.stream()
                .map(event -> event.getClass().getSimpleName() + " "
                        + event.repository().name() + ":" + event.tag())
                .sorted()
                .toList();
    }

    @Test
    void atOneTagTellsThatOneAndNoOtherAndAsksForNoList() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        push("team/other", "1", "c");
        registry.traffic().clear();

        Look look = watched().look();
        look.tag("team/app", "2");

        assertThat(tellings()).containsExactly("ImagePushed team/app:2");
        assertThat(urgencies).containsOnly(Urgency.LIVE);
        assertThat(look.published()).isEqualTo(1);
        assertThat(registry.traffic().requests().toString()).doesNotContain("tags/list", "_catalog");
        assertThat(ledger.tags(new Repository(registry.host(), "team/app"))).containsOnlyKeys("2");
    }

    @Test
    void atOneRepositoryTellsAllItsTagsAndNothingOfOthers() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        push("team/other", "1", "c");

        watched().look().repository("team/app");

        assertThat(tellings()).containsExactly("ImagePushed team/app:1", "ImagePushed team/app:2");
    }

    @Test
    void whatWasToldIsNotToldAgainByTheNextLookNorByTheNextSweep() {
        push("team/app", "1", "a");
        WatchedRegistry watched = watched();
        watched.look().tag("team/app", "1");
        watched.look().tag("team/app", "1");
        watched.look().repository("team/app");
        assertThat(sweeper().sweep()).isTrue();
        assertThat(tellings()).containsExactly("ImagePushed team/app:1");
    }

    @Test
    void aTagThatMovedIsToldToHaveMoved() {
        push("team/app", "1", "a");
        assertThat(sweeper().sweep()).isTrue();
        told.clear();
        Digest now = push("team/app", "1", "b");

        watched().look().tag("team/app", "1");

        assertThat(told).hasSize(2);
        assertThat(told.get(0))
                .isInstanceOfSatisfying(
                        ImagePushed.class, push -> assertThat(push.digest()).isEqualTo(now));
        assertThat(told.get(1)).isInstanceOf(TagMoved.class);
    }

    @Test
    void aTagThatIsGoneIsRememberedToBeMissingAndToldByTheNextSweepOnlyIfItStillIs() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        assertThat(sweeper().sweep()).isTrue();
        told.clear();
        registry.removeTag("team/app", "1");
        registry.removeTag("team/app", "2");

        WatchedRegistry watched = watched();
        watched.look().tag("team/app", "1");
        watched.look().tag("team/app", "2");
        assertThat(told).isEmpty();
        assertThat(ledger.entry(new Repository(registry.host(), "team/app"), "1")
                        .orElseThrow()
                        .missingSince())
                .isNotNull();

        Digest back = push("team/app", "2", "b");
        assertThat(back).isNotNull();
        watched.look().tag("team/app", "2");
        assertThat(ledger.entry(new Repository(registry.host(), "team/app"), "2")
                        .orElseThrow()
                        .missingSince())
                .isNull();
        assertThat(sweeper().sweep()).isTrue();
        assertThat(tellings()).containsExactly("TagRemoved team/app:1");
        assertThat(told.get(0)).isInstanceOf(TagRemoved.class);
    }

    @Test
    void whatNobodyWatchesIsNotEvenAskedFor() {
        push("team/app", "1", "a");
        push("other/app", "1", "a");
        registry.traffic().clear();
        Look look = watched(new NamePatterns(List.of("team/**"), null), new NamePatterns(null, List.of("*-dev")))
                .look();

        look.tag("other/app", "1");
        look.repository("other/app");
        look.tag("team/app", "1-dev");
        look.tag("../etc/passwd", "1");

        assertThat(told).isEmpty();
        assertThat(registry.traffic().requests()).isEmpty();
    }

    @Test
    void namesThatAreNoneArePassedOver() {
        push("team/app", "1", "a");
        Look look = watched().look();
        look.tag("../etc/passwd", "1");
        look.repository("../etc/passwd");
        look.tag("team/app", "-not/a/tag");
        look.tag("team/app", "1");
        assertThat(tellings()).containsExactly("ImagePushed team/app:1");
    }

    @Test
    void aTagThatNobodyEverHeardOfAndThatIsNotThereIsNothingToTell() {
        Look look = watched().look();
        look.tag("team/none", "1");
        assertThat(told).isEmpty();
        assertThat(look.failures()).isZero();
    }

    @Test
    void whatKafkaDoesNotTakeEndsTheLookAndIsToldByTheNextOne() {
        push("team/app", "1", "a");
        Look failing = watched(NamePatterns.ALL, NamePatterns.ALL, (urgency, event) -> {
                    throw new EventLogUnavailableException("no broker", null);
                })
                .look();
        assertThatThrownBy(() -> failing.tag("team/app", "1")).isInstanceOf(LookEndedException.class);
        assertThat(failing.wasKept()).isTrue();
        assertThatThrownBy(() -> failing.tag("team/app", "1"))
                .as("it has ended")
                .isInstanceOf(LookEndedException.class);

        watched().look().tag("team/app", "1");
        assertThat(tellings()).contains("ImagePushed team/app:1");
    }

    @Test
    void aRegistryThatFailsIsCountedAndChangesNothing() {
        push("team/app", "1", "a");
        watched().look().tag("team/app", "1");
        told.clear();
        registry.faults().refuse("/manifests/", 10, 503);
        Look look = watched().look();
        look.tag("team/app", "1");
        assertThat(look.failures()).isEqualTo(1);
        assertThat(told).isEmpty();
        assertThat(ledger.entry(new Repository(registry.host(), "team/app"), "1")
                        .orElseThrow()
                        .missingSince())
                .isNull();
    }
}
