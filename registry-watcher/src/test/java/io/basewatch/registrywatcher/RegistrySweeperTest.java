package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.fleetstore.TagFilter;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagReferrers;
import io.basewatch.fleetstore.UnwatchedImage;
import io.basewatch.ociregistry.Credentials;
import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.NewestTags;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryKind;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.ociregistry.WantedPlatforms;
import io.basewatch.registrytestkit.Faults.Reply;
import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrywatcher.WatcherProgress.LastSweep;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The sweep against a real registry protocol and a real store; only Kafka is a list here. */
class RegistrySweeperTest {

    @TempDir
    Path folder;

    private LocalRegistry registry;
    private EmbeddedStore engine;
    private FleetStore store;
    private TagLedger ledger;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final WatcherMetrics.Each metrics = new WatcherMetrics.Each(meters);
    private final WatcherProgress progress = new WatcherProgress();
    private final List<ImageEvent> told = Collections.synchronizedList(new ArrayList<>());
    private final List<Urgency> urgencies = Collections.synchronizedList(new ArrayList<>());
    private Clock clock = Clock.systemUTC();
    private NamePatterns repositories = NamePatterns.ALL;
    private NamePatterns tags = NamePatterns.ALL;
    private NewestTags newest = NewestTags.ALL;
    private WantedPlatforms platforms = WantedPlatforms.ALL;
    private boolean referrers;
    private Predicate<String> immutable = tag -> false;
    private final RemovalBrake brake = new RemovalBrake(0.2, 100, Duration.ofMinutes(4));

    @BeforeEach
    void start() throws Exception {
        registry = LocalRegistry.start();
        openStore();
    }

    private void openStore() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString());
        ledger = store.tagLedger();
    }

    private void closeStore() {
        store.close();
        engine.close();
    }

    @AfterEach
    void stop() {
        registry.close();
        closeStore();
    }

    private RegistrySettings connection() {
        return RegistrySettings.of(registry.url())
                .withBudget(10_000, 16)
                .withPageSize(2)
                .withRetries(1, Duration.ofMillis(1), Duration.ofMillis(5))
                .withTimeouts(Duration.ofMinutes(5), Duration.ofMinutes(5));
    }

    private RegistrySweeper sweeper(BiConsumer<Urgency, ImageEvent> publisher) {
        return sweeper(connection(), publisher);
    }

    private RegistrySweeper sweeper(RegistrySettings connection, BiConsumer<Urgency, ImageEvent> publisher) {
        return new RegistrySweeper(
                Registry.connect(connection),
                new WatchRules(
                        repositories,
                        tags,
                        newest,
                        platforms,
                        referrers,
                        immutable,
                        2,
                        brake,
                        Cadence.every(Duration.ofMinutes(5))),
                ledger,
                store.watchBook(),
                new Membership("watcher", "alone", store.watchMembers(), System::nanoTime),
                publisher,
                metrics.of(registry.host()),
                progress,
                clock);
    }

    private RegistrySweeper sweeper() {
        return sweeper((urgency, event) -> {
            urgencies.add(urgency);
            told.add(event);
        });
    }

    private Repository repository(String name) {
        return new Repository(registry.host(), name);
    }

    private Digest push(String repository, String tag, String content) {
        return PushedImages.image(registry, repository, tag, content);
    }

    private List<String> toldOf(Class<? extends ImageEvent> kind) {
        return told.stream()
                .filter(kind::isInstance)
                .map(event -> event.repository().name() + ":" + event.tag())
                .sorted()
                .toList();
    }

    private double counter(String name, String key, String value) {
        return meters.get(name)
                .tag("registry", registry.host())
                .tag(key, value)
                .counter()
                .count();
    }

    @Test
    void theFirstSweepTellsEverythingOnceAndTheSecondNothing() {
        for (int n = 0; n < 5; n++) {
            push("team/app" + n, "1", "a" + n);
            push("team/app" + n, "2", "b" + n);
            push("team/app" + n, "3", "b" + n);
        }
        RegistrySweeper sweeper = sweeper();
        assertThat(sweeper.sweep()).isTrue();
        assertThat(told).hasSize(15).allMatch(ImagePushed.class::isInstance);
        assertThat(toldOf(ImagePushed.class)).doesNotHaveDuplicates();
        assertThat(urgencies).containsOnly(Urgency.BACKFILL);
        assertThat(sweeper.sweep()).isTrue();
        assertThat(told).hasSize(15);
        assertThat(counter("basewatch.watcher.events", "type", "pushed")).isEqualTo(15);
        assertThat(meters.get("basewatch.watcher.tags.seen").gauge().value()).isEqualTo(15);
        assertThat(meters.get("basewatch.watcher.last.sweep.timestamp.seconds")
                        .gauge()
                        .value())
                .isGreaterThan(1.7e9);
        assertThat(progress.snapshot().get(0).tagsFound()).isEqualTo(15);
        assertThat(progress.snapshot().get(0).eventsPublished()).isEqualTo(15);
        assertThat(progress.firstSweepsDone()).isTrue();
    }

    @Test
    void anUnchangedTagCostsOneHeadRequestAndNoManifest() {
        push("team/app", "1", "a");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        registry.traffic().clear();
        sweeper.sweep();
        assertThat(registry.traffic().count("HEAD", "/manifests/")).isEqualTo(1);
        assertThat(registry.traffic().count("GET", "/manifests/")).isZero();
    }

    @Test
    void anotherWatcherOnTheSameStoreGoesOnWhereTheLastOneStopped() {
        push("team/app", "1", "a");
        sweeper().sweep();
        sweeper().sweep();
        assertThat(told).hasSize(1);
    }

    @Test
    void aMovedTagIsToldAsPushedThenMovedAndLive() {
        Digest before = push("team/app", "1", "a");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        long first = told.get(0).revision();
        told.clear();
        urgencies.clear();
        Digest after = push("team/app", "1", "b");
        sweeper.sweep();
        assertThat(told).hasSize(2);
        assertThat(told.get(0))
                .isInstanceOfSatisfying(
                        ImagePushed.class, pushed -> assertThat(pushed.digest()).isEqualTo(after));
        assertThat(told.get(1)).isInstanceOfSatisfying(TagMoved.class, moved -> {
            assertThat(moved.from()).isEqualTo(before);
            assertThat(moved.to()).isEqualTo(after);
            assertThat(moved.revision()).isEqualTo(told.get(0).revision()).isGreaterThan(first);
        });
        assertThat(urgencies).containsOnly(Urgency.LIVE);
    }

    @Test
    void aNewTagAfterTheFirstSweepIsLiveAndANewRepositoryToo() {
        push("team/app", "1", "a");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        urgencies.clear();
        push("team/app", "2", "b");
        push("team/new", "1", "c");
        sweeper.sweep();
        assertThat(urgencies).hasSize(2).containsOnly(Urgency.LIVE);
    }

    @Test
    void revisionsGrowThoughTheClockWasSetBack() {
        clock = Clock.fixed(Instant.parse("2026-06-01T00:00:00Z"), ZoneOffset.UTC);
        push("team/app", "1", "a");
        sweeper().sweep();
        clock = Clock.fixed(Instant.parse("2020-01-01T00:00:00Z"), ZoneOffset.UTC);
        push("team/app", "1", "b");
        sweeper().sweep();
        registry.removeTag("team/app", "1");
        sweeper().sweep();
        push("team/app", "1", "b");
        sweeper().sweep();
        // Pushed; pushed and moved in one revision; removed; pushed again.
        assertThat(told)
                .extracting(ImageEvent::getClass)
                .extracting(Class::getSimpleName)
                .containsExactly("ImagePushed", "ImagePushed", "TagMoved", "TagRemoved", "ImagePushed");
        long begin = Instant.parse("2026-06-01T00:00:00Z").toEpochMilli();
        assertThat(told)
                .extracting(ImageEvent::revision)
                .containsExactly(begin, begin + 1, begin + 1, begin + 2, begin + 3);
    }

    @Test
    void aRemovedTagIsToldOnce() {
        push("team/app", "1", "a");
        Digest gone = push("team/app", "2", "b");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.removeTag("team/app", "2");
        sweeper.sweep();
        sweeper.sweep();
        assertThat(told).singleElement().isInstanceOfSatisfying(TagRemoved.class, removed -> {
            assertThat(removed.tag()).isEqualTo("2");
            assertThat(removed.digest()).isEqualTo(gone);
        });
    }

    @Test
    void aRepositoryThatVanishedIsRemovedAfterItsTagsAreNotKnownAnyMore() {
        push("team/app", "1", "a");
        push("team/old", "1", "b");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.faults().intercept(request -> {
            if (request.path().contains("team/old")) {
                return Optional.of(Reply.of(404));
            }
            return request.path().contains("_catalog")
                    ? Optional.of(new Reply(200, Map.of(), "{\"repositories\":[\"team/app\"]}"))
                    : Optional.empty();
        });
        sweeper.sweep();
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/old:1");
        sweeper.sweep();
        assertThat(told).hasSize(1);
    }

    @Test
    void aRepositoryThatTheCatalogLeavesOutIsKeptWhileItsTagsAreThere() {
        push("team/app", "1", "a");
        push("team/private", "1", "b");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.faults()
                .intercept(request -> request.path().contains("_catalog")
                        ? Optional.of(new Reply(200, Map.of(), "{\"repositories\":[\"team/app\"]}"))
                        : Optional.empty());
        sweeper.sweep();
        assertThat(told).isEmpty();
    }

    @Test
    void aTagListCutInTheMiddleRemovesNothing() {
        for (int n = 0; n < 6; n++) {
            push("team/app", "t" + n, "a" + n);
        }
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.faults()
                .intercept(request ->
                        request.path().endsWith("/tags/list") && request.query().contains("last")
                                ? Optional.of(Reply.of(500))
                                : Optional.empty());
        sweeper.sweep();
        assertThat(told).isEmpty();
        assertThat(counter("basewatch.watcher.failures", "reason", "registry-unavailable"))
                .isEqualTo(1);
    }

    @Test
    void aTagThatAPageLostWhileTheListChangedIsKept() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.faults()
                .intercept(request -> request.path().endsWith("/tags/list")
                        ? Optional.of(new Reply(200, Map.of(), "{\"name\":\"team/app\",\"tags\":[\"1\"]}"))
                        : Optional.empty());
        sweeper.sweep();
        assertThat(told).isEmpty();
    }

    @Test
    void aCatalogCutInTheMiddleRemovesNothing() {
        for (int n = 0; n < 6; n++) {
            push("team/app" + n, "1", "a" + n);
        }
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.faults()
                .intercept(request ->
                        request.path().endsWith("_catalog") && request.query().contains("last")
                                ? Optional.of(Reply.of(500))
                                : Optional.empty());
        assertThat(sweeper.sweep()).isFalse();
        assertThat(told).isEmpty();
        assertThat(progress.snapshot().get(0).lastSweep()).isEqualTo(LastSweep.FAILED);
        assertThat(new WatcherHealth(progress).health().getStatus()).isEqualTo(WatcherHealth.DEGRADED);
    }

    @Test
    void anIndexIsToldImageByImageWithItsPlatforms() {
        Digest amd64 = push("team/app", null, "a");
        Digest arm64 = PushedImages.image(registry, "team/app", null, "b", "linux/arm64");
        Digest windows = PushedImages.image(registry, "team/app", null, "c", "windows/amd64");
        Digest index = PushedImages.index(
                registry,
                "team/app",
                "1",
                List.of(amd64, arm64, windows),
                List.of("linux/amd64", "linux/arm64", "windows/amd64"));
        sweeper().sweep();
        assertThat(told).hasSize(2).allSatisfy(event -> {
            assertThat(((ImagePushed) event).tagDigest()).isEqualTo(index);
            assertThat(event.revision()).isEqualTo(told.get(0).revision());
        });
        assertThat(told)
                .extracting(event -> ((ImagePushed) event).platform())
                .containsExactly(Platform.parse("linux/amd64"), Platform.parse("linux/arm64"));
        assertThat(counter("basewatch.watcher.skipped", "reason", "not-linux")).isEqualTo(1);
    }

    @Test
    void anImageThatItsIndexPromisesButTheRegistryLacksIsStillTold() {
        Digest missing = Digest.parse("sha256:" + "ab".repeat(32));
        PushedImages.index(registry, "team/app", "1", List.of(missing), List.of("linux/amd64"));
        sweeper().sweep();
        assertThat(told)
                .singleElement()
                .isInstanceOfSatisfying(
                        ImagePushed.class, pushed -> assertThat(pushed.digest()).isEqualTo(missing));
    }

    @Test
    void anArtifactIsLookedAtOnceAndNotTold() {
        PushedImages.artifact(registry, "team/app", "sha256-00.sig");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        assertThat(told).isEmpty();
        assertThat(counter("basewatch.watcher.skipped", "reason", "not-an-image"))
                .isEqualTo(1);
        registry.traffic().clear();
        sweeper.sweep();
        assertThat(registry.traffic().count("GET", "/manifests/")).isZero();
    }

    @Test
    void filtersDecideWhatIsWatchedAndRemoveNothing() {
        push("team/app", "1", "a");
        push("team/app", "1-dev", "b");
        push("other/app", "1", "c");
        sweeper().sweep();
        assertThat(told).hasSize(3);
        told.clear();
        repositories = new NamePatterns(List.of("team/**"), null);
        tags = new NamePatterns(null, List.of("*-dev"));
        push("other/app", "2", "d");
        push("team/app", "2-dev", "e");
        push("team/app", "2", "f");
        sweeper().sweep();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:2");
        assertThat(toldOf(TagRemoved.class)).isEmpty();
    }

    @Test
    void ofVersionsTheNewestAreWatchedAndWhatGetsTooOldLeaves() {
        for (String tag : List.of("v1.9.0", "v1.10.0-rc.1", "v1.10.0", "1.8", "latest")) {
            push("team/app", tag, tag);
        }
        newest = new NewestTags(2);
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        assertThat(toldOf(ImagePushed.class))
                .containsExactly("team/app:latest", "team/app:v1.10.0", "team/app:v1.10.0-rc.1");
        assertThat(registry.traffic().count("GET", "/manifests/1.8")).isZero();
        push("team/app", "v1.11.0", "x");
        told.clear();
        sweeper.sweep();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:v1.11.0");
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:v1.10.0-rc.1");
        told.clear();
        sweeper.sweep();
        assertThat(told).isEmpty();
        // What is above it goes.
        registry.removeTag("team/app", "v1.11.0");
        sweeper.sweep();
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:v1.11.0");
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:v1.10.0-rc.1");
        newest = NewestTags.ALL;
        told.clear();
        sweeper().sweep();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1.8", "team/app:v1.9.0");
    }

    @Test
    void aRegistryWithoutCatalogIsWatchedByName() {
        push("team/app", "1", "a");
        push("team/other", "1", "b");
        registry.faults()
                .intercept(
                        request -> request.path().endsWith("_catalog") ? Optional.of(Reply.of(404)) : Optional.empty());
        assertThat(sweeper().sweep()).isFalse();
        repositories = new NamePatterns(List.of("team/app"), null);
        assertThat(sweeper().sweep()).isTrue();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1");
    }

    @Test
    void oneTagThatCannotBeReadStopsNoOther() {
        push("team/app", "1", "a");
        registry.push(
                "team/app",
                "2",
                "application/vnd.oci.image.manifest.v1+json",
                "{broken".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        push("team/app", "3", "c");
        RegistrySweeper sweeper = sweeper();
        assertThat(sweeper.sweep()).isTrue();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1", "team/app:3");
        assertThat(counter("basewatch.watcher.failures", "reason", "manifest-invalid"))
                .isEqualTo(1);
        push("team/app", "2", "b");
        sweeper.sweep();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1", "team/app:2", "team/app:3");
    }

    @Test
    void aWrongPasswordIsAFailureOfItsOwnAndTheNextSweepTriesAgain() throws Exception {
        registry.close();
        registry = LocalRegistry.builder().basicAuth("watcher", "right").start();
        push("team/app", "1", "a");
        RegistrySettings wrong = connection().withCredentials(new Credentials("watcher", "wrong"));
        assertThat(sweeper(wrong, (urgency, event) -> told.add(event)).sweep()).isFalse();
        assertThat(told).isEmpty();
        assertThat(counter("basewatch.watcher.failures", "reason", "unauthorized"))
                .isEqualTo(1);
        RegistrySettings right = connection().withCredentials(new Credentials("watcher", "right"));
        assertThat(sweeper(right, (urgency, event) -> told.add(event)).sweep()).isTrue();
        assertThat(told).hasSize(1);
    }

    @Test
    void aRegistryThatIsDownFailsTheSweepAndRemovesNothing() {
        push("team/app", "1", "a");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        registry.close();
        assertThat(sweeper.sweep()).isFalse();
        assertThat(toldOf(TagRemoved.class)).isEmpty();
        assertThat(counter("basewatch.watcher.failures", "reason", "registry-unavailable"))
                .isEqualTo(1);
    }

    @Test
    void aRegistryThatStopsAnsweringIsLeftAlone() {
        for (int n = 0; n < 40; n++) {
            push("team/app", "t" + n, "a" + n);
        }
        registry.faults()
                .intercept(request ->
                        request.path().contains("/manifests/") ? Optional.of(Reply.of(503)) : Optional.empty());
        repositories = new NamePatterns(List.of("team/app"), null);
        assertThat(sweeper(connection().withPageSize(100), (urgency, event) -> told.add(event))
                        .sweep())
                .isFalse();
        assertThat(registry.traffic().count("HEAD", "/manifests/")).isLessThan(20);
    }

    @Test
    void whatKafkaDoesNotTakeIsToldInTheNextSweep() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        RegistrySweeper failing = sweeper((urgency, event) -> {
            if (event.tag().equals("2")) {
                throw new EventLogUnavailableException("no broker", null);
            }
            told.add(event);
        });
        assertThat(failing.sweep()).isFalse();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1");
        assertThat(counter("basewatch.watcher.failures", "reason", "kafka-unavailable"))
                .isEqualTo(1);
        sweeper().sweep();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1", "team/app:2");
    }

    @Test
    void aCrashBetweenKafkaAndTheLedgerTellsTheSameAgain() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        RegistrySweeper crashing = sweeper((urgency, event) -> {
            told.add(event);
            if (told.size() == 2) {
                closeStore();
            }
        });
        assertThat(crashing.sweep()).isFalse();
        assertThat(told).hasSize(2);
        assertThat(counter("basewatch.watcher.failures", "reason", "store-unavailable"))
                .isEqualTo(1);
        openStore();
        sweeper().sweep();
        assertThat(told).hasSize(4).allMatch(ImagePushed.class::isInstance);
        assertThat(told).extracting(ImageEvent::id).doesNotHaveDuplicates();
        assertThat(told.get(2).revision()).isGreaterThan(told.get(0).revision());
        sweeper().sweep();
        assertThat(told).hasSize(4);
    }

    @Test
    void aTagThatWasToldBeforeACrashAndIsGoneAfterItIsToldToBeGone() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        RegistrySweeper crashing = sweeper((urgency, event) -> {
            told.add(event);
            if (told.size() == 2) {
                closeStore();
            }
        });
        crashing.sweep();
        long revision = told.get(1).revision();
        registry.removeTag("team/app", "2");
        openStore();
        sweeper().sweep();
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:2");
        assertThat(told.get(3).revision()).isGreaterThan(revision);
    }

    @Test
    void aStoreThatIsDownFailsTheSweepAndTellsNothing() {
        push("team/app", "1", "a");
        RegistrySweeper sweeper = sweeper();
        closeStore();
        assertThat(sweeper.sweep()).isFalse();
        assertThat(told).isEmpty();
        assertThat(counter("basewatch.watcher.failures", "reason", "store-unavailable"))
                .isEqualTo(1);
        openStore();
    }

    @Test
    void aSweepThatOurOwnStoreKeptFromItsEndComesAgainSoonAndIsNotTheFirst() {
        push("team/app", "1", "a");
        closeStore();
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        sweeper.sweep();
        assertThat(sweeper.keptInARow()).isEqualTo(2);
        assertThat(progress.snapshot().get(0).lastSweep()).isEqualTo(LastSweep.NONE);
        openStore();
        RegistrySweeper restarted = sweeper();
        restarted.sweep();
        assertThat(restarted.keptInARow()).isZero();
        assertThat(progress.snapshot().get(0).lastSweep()).isEqualTo(LastSweep.COMPLETE);
    }

    @Test
    void countersAreThereBeforeAnythingHappens() {
        sweeper();
        assertThat(counter("basewatch.watcher.events", "type", "tag-removed")).isZero();
        assertThat(counter("basewatch.watcher.failures", "reason", "unauthorized"))
                .isZero();
        assertThat(counter("basewatch.watcher.skipped", "reason", "not-an-image"))
                .isZero();
    }

    @Test
    void aRepositoryOfThousandsOfTagsIsToldInBatches() {
        for (int n = 0; n < 350; n++) {
            push("team/app", "t" + n, "same");
        }
        List<Integer> remembered = Collections.synchronizedList(new ArrayList<>());
        RegistrySettings largePages = connection().withPageSize(1000);
        sweeper(largePages, (urgency, event) -> {
                    told.add(event);
                    remembered.add(ledger.tags(repository("team/app")).size());
                })
                .sweep();
        assertThat(told).hasSize(350);
        // The ledger knows of at most one batch more than it was told of.
        assertThat(remembered.get(0)).isEqualTo(100);
        assertThat(remembered.get(349)).isEqualTo(350);
    }

    /** Told and acknowledged, but the store dies before the ledger says so. */
    private void sweepThatDiesBeforeItsLastWrite() {
        sweeper((urgency, event) -> {
                    told.add(event);
                    closeStore();
                })
                .sweep();
        openStore();
    }

    @Test
    void aTagThatWentBackAfterItsMoveWasHalfToldIsToldToBeBack() {
        Digest a = push("team/app", "1", "a");
        sweeper().sweep();
        Digest b = push("team/app", "1", "b");
        sweepThatDiesBeforeItsLastWrite();
        told.clear();

        push("team/app", "1", "a");
        sweeper().sweep();

        assertThat(told)
                .satisfiesExactly(
                        pushed -> assertThat(((ImagePushed) pushed).digest()).isEqualTo(a), moved -> {
                            assertThat(((TagMoved) moved).from()).isEqualTo(b);
                            assertThat(((TagMoved) moved).to()).isEqualTo(a);
                        });
        told.clear();
        sweeper().sweep();
        assertThat(told).isEmpty();
    }

    @Test
    void aTagThatIsPushedAgainAfterItsRemovalWasHalfToldIsToldToBeBack() {
        Digest a = push("team/app", "1", "a");
        sweeper().sweep();
        registry.removeTag("team/app", "1");
        sweepThatDiesBeforeItsLastWrite();
        assertThat(toldOf(TagRemoved.class)).hasSize(1);
        long removed = told.get(told.size() - 1).revision();
        told.clear();

        push("team/app", "1", "a");
        sweeper().sweep();

        assertThat(told).singleElement().isInstanceOfSatisfying(ImagePushed.class, pushed -> {
            assertThat(pushed.digest()).isEqualTo(a);
            assertThat(pushed.revision()).isGreaterThan(removed);
        });
    }

    @Test
    void anAcknowledgementThatCameTooLateIsNotTakenForARefusal() {
        push("team/app", "1", "a");
        sweeper().sweep();
        told.clear();
        Digest b = push("team/app", "1", "b");
        sweeper((urgency, event) -> {
                    told.add(event);
                    throw new EventLogUnavailableException("no acknowledgement in time", null);
                })
                .sweep();
        push("team/app", "1", "a");
        sweeper().sweep();
        assertThat(told)
                .last()
                .isInstanceOfSatisfying(
                        TagMoved.class, moved -> assertThat(moved.from()).isEqualTo(b));
    }

    @Test
    void whatWasNeverAcknowledgedIsRemovedByTheDigestThatWasToBeTold() {
        Digest a = push("team/app", "1", "a");
        sweepThatDiesBeforeItsLastWrite();
        registry.removeTag("team/app", "1");
        sweeper().sweep();
        assertThat(told)
                .last()
                .isInstanceOfSatisfying(
                        TagRemoved.class,
                        removed -> assertThat(removed.digest()).isEqualTo(a));
    }

    @Test
    void aTagThatBecameAnArtifactAfterItWasHalfToldLeadsToNothing() {
        Digest a = push("team/app", "1", "a");
        sweepThatDiesBeforeItsLastWrite();
        told.clear();
        Digest artifact = PushedImages.artifact(registry, "team/app", "1");
        sweeper().sweep();
        assertThat(told).singleElement().isInstanceOfSatisfying(TagMoved.class, moved -> {
            assertThat(moved.from()).isEqualTo(a);
            assertThat(moved.to()).isEqualTo(artifact);
        });
    }

    @Test
    void aTagThatTheListLacksButTheRegistryHasIsFollowed() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        told.clear();
        registry.faults()
                .intercept(request -> request.path().endsWith("/tags/list")
                        ? Optional.of(new Reply(200, Map.of(), "{\"name\":\"team/app\",\"tags\":[\"1\"]}"))
                        : Optional.empty());
        push("team/app", "2", "c");
        sweeper.sweep();
        assertThat(toldOf(TagMoved.class)).containsExactly("team/app:2");
    }

    private static final Instant MONDAY = Instant.parse("2026-06-01T00:00:00Z");

    private void at(Duration afterMonday) {
        clock = Clock.fixed(MONDAY.plus(afterMonday), ZoneOffset.UTC);
    }

    /** Six repositories of two tags, swept; and then the registry says of each that it is not there, and lists none. */
    private void aFleetThatTheRegistryDenies() {
        at(Duration.ZERO);
        for (int n = 0; n < 6; n++) {
            push("team/app" + n, "1", "a" + n);
            push("team/app" + n, "2", "b" + n);
        }
        sweeper().sweep();
        told.clear();
        registry.faults()
                .intercept(request -> request.path().endsWith("_catalog")
                        ? Optional.of(new Reply(200, Map.of(), "{\"repositories\":[]}"))
                        : request.path().contains("team/app") ? Optional.of(Reply.of(404)) : Optional.empty());
    }

    private double held() {
        return meters.get("basewatch.watcher.removals.held").gauge().value();
    }

    @Test
    void aRegistryThatDeniesEverythingAtOnceRemovesNothingAndIsSaidTo() {
        aFleetThatTheRegistryDenies();
        at(Duration.ofMinutes(5));
        assertThat(sweeper().sweep()).isTrue();
        assertThat(told).isEmpty();
        assertThat(held()).isEqualTo(12);
        assertThat(progress.snapshot().get(0).removalsHeld()).isEqualTo(12);
        assertThat(new WatcherHealth(progress).health())
                .satisfies(health -> assertThat(health.getStatus()).isEqualTo(WatcherHealth.DEGRADED))
                .satisfies(health -> assertThat(health.getDetails().toString()).contains(registry.host() + "=12"));
    }

    @Test
    void aSecondSweepAnIntervalLaterThatSeesTheSameLetsTheRemovalsThrough() {
        aFleetThatTheRegistryDenies();
        at(Duration.ofMinutes(5));
        sweeper().sweep();
        at(Duration.ofMinutes(9).minusMillis(1));
        sweeper().sweep();
        assertThat(told).as("too soon, as after a restart").isEmpty();
        assertThat(held()).isEqualTo(12);
        at(Duration.ofMinutes(9));
        sweeper().sweep();
        assertThat(toldOf(TagRemoved.class)).hasSize(12);
        assertThat(held()).isZero();
        assertThat(new WatcherHealth(progress).health().getDetails()).doesNotContainKey("removalsHeld");
    }

    @Test
    void aRegistryThatComesToItsSensesHasLostNothing() {
        aFleetThatTheRegistryDenies();
        at(Duration.ofMinutes(5));
        sweeper().sweep();
        registry.faults().clear();
        at(Duration.ofMinutes(10));
        sweeper().sweep();
        assertThat(told).isEmpty();
        assertThat(held()).isZero();

        registry.faults()
                .intercept(
                        request -> request.path().contains("team/app") ? Optional.of(Reply.of(404)) : Optional.empty());
        at(Duration.ofMinutes(15));
        sweeper().sweep();
        assertThat(told).as("what was missing before does not count").isEmpty();
    }

    @Test
    void aPersonsWordLetsThroughWhatIsHeldAndNothingLater() {
        aFleetThatTheRegistryDenies();
        registry.faults().clear();
        registry.faults()
                .intercept(request ->
                        request.path().matches(".*team/app[0-3].*") ? Optional.of(Reply.of(404)) : Optional.empty());
        at(Duration.ofMinutes(5));
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        assertThat(told).isEmpty();
        sweeper.letRemovalsThrough();
        sweeper.sweep();
        assertThat(toldOf(TagRemoved.class)).hasSize(8);
        assertThat(held()).isZero();

        at(Duration.ofMinutes(6));
        for (int n = 6; n < 9; n++) {
            push("team/app" + n, "1", "a" + n);
        }
        sweeper().sweep();
        registry.faults()
                .intercept(request ->
                        request.path().matches(".*team/app[4-9].*") ? Optional.of(Reply.of(404)) : Optional.empty());
        sweeper.sweep();
        assertThat(held()).isEqualTo(7);
    }

    @Test
    void fewRemovalsPassAtOnceHoweverSmallTheRegistryIs() {
        at(Duration.ZERO);
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        push("team/other", "1", "c");
        sweeper().sweep();
        registry.removeTag("team/app", "1");
        registry.removeTag("team/app", "2");
        sweeper().sweep();
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:1", "team/app:2");
    }

    @Test
    void thresholdsAreAShareAndANumber() {
        RemovalBrake few = new RemovalBrake(0.2, 100, Duration.ofMinutes(5));
        assertThat(few.holds(2, 2)).isFalse();
        assertThat(few.holds(3, 3)).isTrue();
        assertThat(few.holds(20, 100)).isFalse();
        assertThat(few.holds(21, 100)).isTrue();
        assertThat(few.holds(100, 100_000)).isFalse();
        assertThat(few.holds(101, 100_000)).isTrue();
        assertThat(new RemovalBrake(1, Integer.MAX_VALUE, Duration.ofMinutes(5)).holds(5000, 5000))
                .isFalse();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RemovalBrake(20, 100, Duration.ZERO))
                .withMessageContaining("basewatch.watcher.removals.max-share is 20.0");
    }

    @Test
    void aSweepThatEndsEarlyRemovesNothing() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        sweeper().sweep();
        told.clear();
        registry.removeTag("team/app", "2");
        push("team/new", "1", "c");
        RegistrySweeper failing = sweeper((urgency, event) -> {
            throw new EventLogUnavailableException("no broker", null);
        });
        assertThat(failing.sweep()).isFalse();
        sweeper().sweep();
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:2");
    }

    @Test
    void namesThatNoRegistryMayHaveArePassedOverAndToldOnceAndTheOthersAreWatched() {
        push("team/app", "1", "a");
        push("team/app", "2", "b");
        push("team/other", "1", "c");
        registry.faults().intercept(request -> {
            if (request.path().endsWith("team/app/tags/list")) {
                return Optional.of(new Reply(
                        200,
                        Map.of(),
                        "{\"name\":\"team/app\",\"tags\":[\"1\",\"-ot-beta\",\"sha256:abc\",null,\"2\"]}"));
            }
            return request.path().endsWith("_catalog")
                    ? Optional.of(new Reply(
                            200, Map.of(), "{\"repositories\":[\"../etc\",\"team/app\",\"TEAM APP\",\"team/other\"]}"))
                    : Optional.empty();
        });
        RegistrySweeper sweeper = sweeper(connection().withPageSize(100), (urgency, event) -> told.add(event));
        assertThat(sweeper.sweep()).isTrue();
        assertThat(sweeper.sweep()).isTrue();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1", "team/app:2", "team/other:1");
        assertThat(counter("basewatch.watcher.passed.over", "reason", "illegal-tag"))
                .isEqualTo(3);
        assertThat(counter("basewatch.watcher.passed.over", "reason", "illegal-repository"))
                .isEqualTo(2);
    }

    @Test
    void anIllegalNameInTheConfigurationStopsNoOther() {
        push("team/app", "1", "a");
        repositories = new NamePatterns(List.of("../etc", "team/app"), null);
        assertThat(sweeper().sweep()).isTrue();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1");
        assertThat(counter("basewatch.watcher.passed.over", "reason", "illegal-repository"))
                .isEqualTo(1);
    }

    @Test
    void whatOnlyIsPutRightIsNoNews() throws Exception {
        push("team/app", "1", "a");
        sweeper().sweep();
        urgencies.clear();
        told.clear();
        // Nothing of it ever came to the fleet.
        store.ledgerComparison().compare(registry.host(), "test", Duration.ZERO, (tag, difference) -> {});
        sweeper().sweep();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1");
        assertThat(urgencies).containsOnly(Urgency.BACKFILL);
    }

    @Test
    void aTagThatNeverMovesIsAskedForOnce() {
        push("team/app", "v1.0", "a");
        push("team/app", "latest", "a");
        immutable = new NamePatterns(List.of("v*"), null)::accepts;
        RegistrySweeper sweeper = sweeper();
        assertThat(sweeper.sweep()).isTrue();
        registry.traffic().clear();

        Digest moved = push("team/app", "latest", "b");
        assertThat(sweeper.sweep()).isTrue();

        assertThat(registry.traffic().requests())
                .noneMatch(request -> request.path().endsWith("/manifests/v1.0"))
                .anyMatch(request -> request.path().endsWith("/manifests/latest"));
        assertThat(ledger.tags(repository("team/app")).get("latest").digest()).isEqualTo(moved);
        assertThat(toldOf(TagRemoved.class)).isEmpty();
    }

    @Test
    void aTagThatNeverMovesIsMissedWhenItIsGone() {
        push("team/app", "v1.0", "a");
        push("team/app", "v1.1", "b");
        immutable = tag -> true;
        RegistrySweeper sweeper = sweeper();
        sweeper.sweep();
        registry.removeTag("team/app", "v1.0");
        sweeper.sweep();
        clock = Clock.fixed(Instant.now().plus(Duration.ofMinutes(10)), ZoneOffset.UTC);
        sweeper().sweep();

        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:v1.0");
    }

    @Test
    void whatIsListedWithTheDigestThatWasToldIsNotAskedForAndWhatIsNotIsToldAsTheRegistryHasIt() {
        Digest first = push("team/app", "1", "a");
        push("team/app", "2", "b");
        Map<String, Digest> listed = new ConcurrentHashMap<>(Map.of("1", first));
        // Stale, as a list that is made from a cache may be.
        listed.put("2", first);
        harbor("team/app", listed);
        RegistrySweeper sweeper =
                sweeper(connection().withKind(RegistryKind.HARBOR, null, null), (urgency, event) -> told.add(event));
        assertThat(sweeper.sweep()).isTrue();
        Digest second = ledger.tags(repository("team/app")).get("2").digest();
        assertThat(second).isNotEqualTo(first);
        listed.put("2", second);
        registry.traffic().clear();

        assertThat(sweeper.sweep()).isTrue();
        assertThat(registry.traffic().requests())
                .noneMatch(request -> request.path().contains("/manifests/"))
                .hasSize(2);

        Digest moved = push("team/app", "1", "c");
        listed.put("1", moved);
        assertThat(sweeper.sweep()).isTrue();
        assertThat(ledger.tags(repository("team/app")).get("1").digest()).isEqualTo(moved);
        assertThat(toldOf(TagMoved.class)).containsExactly("team/app:1");
    }

    @Test
    void theNewestByDateAreWatchedAndWhatGetsTooOldLeavesTheFleet() {
        newest = new NewestTags(2, NewestTags.By.DATE);
        Map<String, Digest> listed = new ConcurrentHashMap<>();
        for (String tag : List.of("9.0", "b", "1.0")) {
            listed.put(tag, push("team/app", tag, tag));
        }
        Map<String, String> pushed = new ConcurrentHashMap<>(Map.of("9.0", "01", "b", "02", "1.0", "03"));
        harbor("team/app", listed, pushed);
        RegistrySweeper sweeper =
                sweeper(connection().withKind(RegistryKind.HARBOR, null, null), (urgency, event) -> told.add(event));
        assertThat(sweeper.sweep()).isTrue();
        assertThat(toldOf(ImagePushed.class)).containsExactly("team/app:1.0", "team/app:b");
        listed.put("0.1", push("team/app", "0.1", "new"));
        pushed.put("0.1", "04");
        assertThat(sweeper.sweep()).isTrue();
        assertThat(toldOf(ImagePushed.class)).contains("team/app:0.1");
        assertThat(toldOf(TagRemoved.class)).containsExactly("team/app:b");
    }

    /** Answers Harbor's own interface for one repository. */
    private void harbor(String name, Map<String, Digest> tags) {
        harbor(name, tags, Map.of());
    }

    /**
     * The same.
     *
     * @param pushed day of a month at which tags were
     */
    private void harbor(String name, Map<String, Digest> tags, Map<String, String> pushed) {
        registry.faults().intercept(request -> {
            if (request.path().equals("/api/v2.0/repositories")) {
                return Optional.of(new Reply(200, Map.of(), "[{\"name\":\"" + name + "\"}]"));
            }
            if (request.path().endsWith("/artifacts")) {
                return Optional.of(new Reply(
                        200,
                        Map.of(),
                        tags.entrySet().stream()
                                .map(tag -> "{\"digest\":\"" + tag.getValue() + "\",\"tags\":[{\"name\":\""
                                        + tag.getKey() + "\",\"push_time\":\"2026-05-"
                                        + pushed.getOrDefault(tag.getKey(), "01") + "T00:00:00.000Z\"}]}")
                                .collect(Collectors.joining(",", "[", "]"))));
            }
            return Optional.empty();
        });
    }

    private Digest index(String tag) {
        List<Digest> images = List.of(
                push("team/app", null, tag + "-amd64", "linux/amd64"),
                push("team/app", null, tag + "-arm64", "linux/arm64"));
        return PushedImages.index(registry, "team/app", tag, images, List.of("linux/amd64", "linux/arm64"));
    }

    private Digest push(String repository, @Nullable String tag, String content, String platform) {
        return PushedImages.image(registry, repository, tag, content, platform);
    }

    private List<String> pushedPlatforms() {
        return told.stream()
                .filter(ImagePushed.class::isInstance)
                .map(event -> event.tag() + " " + ((ImagePushed) event).platform())
                .sorted()
                .toList();
    }

    /** What the fleet makes of all that was told. */
    private Map<String, StoredTag> fleet() {
        told.forEach(event -> store.imageArchive().apply(event));
        return store.queries().tags(TagFilter.all(), null, 100).tags().stream()
                .collect(Collectors.toMap(StoredTag::tag, tag -> tag));
    }

    @Test
    void ofAnIndexOnlyTheWantedPlatformsAreToldAndTheOthersAreSaidToBeThereUnwatched() {
        platforms = WantedPlatforms.of(List.of("linux/amd64"));
        index("1");
        Digest other = push("team/app", "foreign", "c", "linux/s390x");
        push("team/app", "single", "d", "linux/amd64");
        RegistrySweeper sweeper = sweeper();
        assertThat(sweeper.sweep()).isTrue();
        assertThat(pushedPlatforms()).containsExactly("1 linux/amd64", "single linux/amd64");
        assertThat(counter("basewatch.watcher.skipped", "reason", "unwatched")).isEqualTo(2);
        Map<String, StoredTag> fleet = fleet();
        assertThat(fleet.get("1").images()).hasSize(1);
        assertThat(fleet.get("1").unwatched())
                .singleElement()
                .satisfies(image -> assertThat(image.platform()).hasToString("linux/arm64"));
        assertThat(fleet.get("foreign").images()).isEmpty();
        assertThat(fleet.get("foreign").unwatched())
                .containsExactly(new UnwatchedImage(other, Platform.parse("linux/s390x")));
        assertThat(store.queries().unwatched(other)).contains(registry.host() + "/team/app:foreign");
        assertThat(store.queries().unwatched(fleet.get("single").digest())).isEmpty();
        assertThat(fleet.get("single").unwatched()).isEmpty();
        int before = told.size();
        registry.traffic().clear();
        sweeper.sweep();
        assertThat(told).hasSize(before);
        assertThat(registry.traffic().count("GET", "/manifests/")).isZero();
    }

    @Test
    void whatIsNoLongerWantedLeavesTheFleetAndComesBackWhenItIsWantedAgain() {
        index("1");
        push("team/app", "arm", "c", "linux/arm64");
        push("team/app", "same", "d", "linux/amd64");
        immutable = tag -> tag.equals("1");
        sweeper().sweep();
        assertThat(fleet().get("1").images()).hasSize(2);
        told.clear();
        urgencies.clear();

        platforms = WantedPlatforms.of(List.of("linux/amd64"));
        sweeper().sweep();
        assertThat(told).extracting(ImageEvent::tag).containsOnly("1", "arm");
        assertThat(urgencies).containsOnly(Urgency.BACKFILL);
        Map<String, StoredTag> fleet = fleet();
        assertThat(fleet.get("1").images()).hasSize(1);
        assertThat(fleet.get("arm").images()).isEmpty();
        assertThat(fleet.get("arm").unwatched()).hasSize(1);
        assertThat(fleet.get("same").images()).hasSize(1);
        told.clear();
        registry.traffic().clear();
        sweeper().sweep();
        assertThat(told).as("told once").isEmpty();
        assertThat(registry.traffic().count("GET", "/manifests/")).isZero();

        platforms = WantedPlatforms.ALL;
        sweeper().sweep();
        fleet = fleet();
        assertThat(fleet.get("1").images()).hasSize(2);
        assertThat(fleet.get("1").unwatched()).isEmpty();
        assertThat(fleet.get("arm").images()).hasSize(1);
    }

    @Test
    void whatRefersToANewImageIsKeptWithItsTagAndAskedForOnceOnlyWhereThatIsWanted() throws Exception {
        registry.close();
        registry = LocalRegistry.builder().referrers().start();
        Digest image = push("team/app", "1", "a");
        String manifest =
                "{\"schemaVersion\":2,\"artifactType\":\"application/spdx+json\",\"config\":{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\""
                        + image + "\",\"size\":2},\"layers\":[],\"subject\":{\"digest\":\"" + image + "\",\"size\":2}}";
        Digest sbom = registry.push(
                "team/app",
                null,
                "application/vnd.oci.image.manifest.v1+json",
                manifest.getBytes(StandardCharsets.UTF_8));
        sweeper().sweep();
        assertThat(registry.traffic().count("GET", "/referrers/")).isZero();
        assertThat(fleet().get("1").referrers()).isNull();

        referrers = true;
        sweeper().sweep();
        assertThat(registry.traffic().count("GET", "/referrers/"))
                .as("it was told before")
                .isZero();
        index("2");
        PushedImages.index(registry, "team/app", "3", List.of(image), List.of("linux/amd64"));
        sweeper().sweep();
        assertThat(registry.traffic().count("GET", "/referrers/"))
                .as("two indexes and three images")
                .isEqualTo(5);
        Map<String, StoredTag> fleet = fleet();
        assertThat(fleet.get("2").referrers().found()).isEmpty();
        assertThat(fleet.get("2").referrers().complete()).isTrue();
        assertThat(fleet.get("3").referrers().found())
                .containsExactly(new TagReferrers.Referrer(image, sbom, "application/spdx+json", null));

        registry.faults().refuse("/referrers/", 100, 403);
        push("team/app", "1", "b");
        assertThat(sweeper().sweep()).isTrue();
        assertThat(fleet().get("1").referrers().complete()).isFalse();
        assertThat(toldOf(TagMoved.class)).contains("team/app:1");
    }

    @Test
    void aTagThatIsHalfToldWhenThePlatformsChangeIsToldAsTheyAreNow() {
        index("1");
        sweeper((urgency, event) -> {
                    throw new EventLogUnavailableException("no broker", new IllegalStateException());
                })
                .sweep();
        platforms = WantedPlatforms.of(List.of("linux/arm64"));
        sweeper().sweep();
        assertThat(pushedPlatforms()).containsExactly("1 linux/arm64");
        assertThat(fleet().get("1").images()).hasSize(1);
    }
}
