package io.basewatch.reportapi.trend;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.Weights;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.BacklogJournal;
import io.basewatch.fleetstore.FleetReading;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.TrendArchive;
import io.basewatch.fleetstore.Turn;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import io.basewatch.reportapi.backlog.Backlogs;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrendMakerTest {

    private static final LocalDate FIRST = LocalDate.parse("2026-05-01");
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final List<String> REPOSITORIES = List.of("one.example/a", "one.example/b", "two.example:5000/a");
    private static final int IMAGES = 12;

    @TempDir
    static Path folder;

    static EmbeddedStore engine;

    private final Lifecycle lifecycle = Lifecycle.bundled();
    private final Hands clock = new Hands();

    private static final class Hands extends Clock {

        private Instant now = Instant.EPOCH;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @BeforeAll
    static void startEngine() {
        engine = EmbeddedStore.start(folder.resolve("store"));
    }

    @AfterAll
    static void stopEngine() {
        engine.close();
    }

    private FleetStore store(String database) {
        return FleetStore.connect(engine.connectionString().replaceFirst("/basewatch$", "/" + database), clock);
    }

    private static Digest digest(int n) {
        return Digest.parse("sha256:" + String.format("%064x", n));
    }

    /** What an image stands on goes by its number: some are not analysed, some cannot be read, some say nothing. */
    private enum Ground {
        ALPINE("alpine", "3.20.1", Libc.Family.MUSL),
        DEBIAN("debian", "11", Libc.Family.GLIBC),
        UBUNTU("ubuntu", "24.04", Libc.Family.GLIBC),
        CALLED_LIKE_OURS("unknown", null, Libc.Family.GLIBC),
        SILENT(null, null, Libc.Family.UNKNOWN),
        BROKEN(null, null, Libc.Family.UNKNOWN),
        PENDING(null, null, Libc.Family.UNKNOWN);

        private final String distro;
        private final String version;
        private final Libc.Family libc;

        Ground(String distro, String version, Libc.Family libc) {
            this.distro = distro;
            this.version = version;
            this.libc = libc;
        }

        static Ground of(Digest image) {
            return values()[Integer.parseInt(image.hex().substring(56), 16) % values().length];
        }

        String line(String known) {
            return switch (this) {
                case PENDING -> "pending";
                case BROKEN -> "unscannable";
                default -> known;
            };
        }
    }

    private static ImageAnalysis analysis(Digest image, Ground ground, Instant at) {
        List<Evidence> evidence = List.of(new Evidence("etc/os-release", image, "ID=x", "os-release/1"));
        boolean isBroken = ground == Ground.BROKEN;
        Distro distro = ground.distro == null
                ? null
                : new Distro(ground.distro, ground.version, null, ground.distro, null, List.of(), evidence);
        return new ImageAnalysis(
                image,
                AMD64,
                isBroken ? AnalysisStatus.UNSCANNABLE : AnalysisStatus.COMPLETE,
                isBroken ? List.of(new Reason(Reason.Code.BLOB_MISSING, "gone")) : List.of(),
                isBroken
                        ? Fingerprint.unknown()
                        : new Fingerprint(
                                distro,
                                ground.libc == Libc.Family.UNKNOWN
                                        ? Fingerprint.unknown().libc()
                                        : List.of(
                                                new Libc(ground.libc, "1", Libc.Linkage.DYNAMIC, null, null, evidence)),
                                List.of(),
                                List.of(),
                                List.of()),
                List.of(new ImageAnalysis.Layer(image, image, "application/vnd.oci.image.layer.v1.tar", 10, 20L)),
                at,
                "1",
                at);
    }

    private final class Service {

        private final FleetStore store;
        private final FleetReading reading;
        private final FleetTree tree = new FleetTree(KnownBases.bundled());
        private final TrendMaker maker;

        Service(FleetStore store) {
            this.store = store;
            this.reading = store.reading();
            Backlog.SupportAt support = (ground, places, day) -> ground == null
                    ? lifecycle.support("nothing", null, null, null, day)
                    : lifecycle.support(ground.distro(), ground.version(), ground.codename(), ground.variant(), day);
            Backlog.OwnerOf owners = (repository, labels) -> repository.name().equals("a") ? "team-a" : null;
            this.maker = new TrendMaker(
                    store.trends(),
                    () -> tree,
                    new Backlogs(() -> tree, () -> lifecycle, support, owners, Weights.DEFAULT, clock),
                    store.backlogJournal(),
                    store.tagHistory(),
                    store.queries(),
                    support,
                    owners,
                    clock,
                    Duration.ofHours(1));
        }

        void count() throws InterruptedException {
            count("trends");
        }

        /** @param work of which the turn is taken */
        void count(String work) throws InterruptedException {
            reading.readChanges(
                    (content, left) -> tree.replace(content.repository(), content.members(), content.formers()));
            try (Turn turn = store.turns().of(work, Duration.ofHours(1)).take().orElseThrow()) {
                maker.make(turn);
            }
        }
    }

    /** Where tags lead: repository, tag, image. */
    private Map<String, Map<String, Long>> fromScratch(Map<String, Digest> tags, LocalDate day) {
        Map<String, Map<String, Long>> series = new TreeMap<>();
        for (Digest image : new TreeSet<>(tags.values())) {
            Ground ground = Ground.of(image);
            Member.Ground member =
                    ground.distro == null ? null : new Member.Ground(ground.distro, ground.version, null, null);
            String release = switch (ground) {
                case ALPINE -> "alpine 3.20";
                case DEBIAN -> "debian 11";
                case UBUNTU -> "ubuntu 24.04";
                case CALLED_LIKE_OURS -> "'unknown'";
                default -> "unknown";
            };
            String phase = member == null
                    ? "unknown"
                    : lifecycle
                            .support(member.distro(), member.version(), null, null, day)
                            .phase()
                            .toString();
            plus(series, "distro", ground.line(release));
            plus(series, "libc", ground.line(ground.libc.toString()));
            plus(series, "phase", ground.line(phase));
            Set<String> registries = new TreeSet<>();
            tags.forEach((tag, led) -> {
                if (led.equals(image)) {
                    registries.add(tag.substring(0, tag.indexOf('/')));
                }
            });
            registries.forEach(registry -> plus(series, "registry", registry));
        }
        return series;
    }

    private static void plus(Map<String, Map<String, Long>> series, String name, String line) {
        series.computeIfAbsent(name, any -> new TreeMap<>()).merge(line, 1L, Long::sum);
    }

    @Test
    void everyDayIsWhatCountingFromScratchSaysWhetherTheServiceWasThereOrNot() throws Exception {
        long seed = Long.getLong("basewatch.trend.seed", System.nanoTime());
        Random random = new Random(seed);
        int length = Integer.getInteger("basewatch.trend.days", 45);
        Map<LocalDate, Map<String, Digest>> model = new TreeMap<>();
        Set<LocalDate> counted = new TreeSet<>();
        try (FleetStore store = store("model")) {
            Service service = new Service(store);
            Map<String, Digest> tags = new TreeMap<>();
            int revision = 0;
            boolean isDown = false;
            for (int n = 0; n < length; n++) {
                LocalDate day = FIRST.plusDays(n);
                clock.now = day.atTime(3, 0).toInstant(ZoneOffset.UTC);
                if (random.nextInt(4) == 0) {
                    isDown = !isDown;
                }
                for (int change = random.nextInt(5) + (n == 0 ? 4 : 0); change > 0; change--) {
                    clock.now = clock.now.plusSeconds(60);
                    Repository repository = Repository.parse(REPOSITORIES.get(random.nextInt(3)));
                    String tag = "t" + random.nextInt(3);
                    Digest before = tags.get(repository + ":" + tag);
                    revision++;
                    if (before != null && random.nextInt(4) == 0) {
                        store.imageArchive().apply(new TagRemoved(repository, tag, before, revision, clock.now));
                        tags.remove(repository + ":" + tag);
                    } else {
                        Digest image = digest(random.nextInt(IMAGES));
                        ImagePushed pushed = new ImagePushed(repository, tag, image, image, AMD64, revision, clock.now);
                        store.imageArchive().apply(pushed);
                        if (random.nextInt(3) == 0) {
                            store.imageArchive().apply(pushed);
                        }
                        if (Ground.of(image) != Ground.PENDING) {
                            store.imageArchive().save(analysis(image, Ground.of(image), clock.now));
                        }
                        tags.put(repository + ":" + tag, image);
                    }
                    if (!isDown && random.nextInt(3) == 0) {
                        service.count();
                    }
                }
                model.put(day, new TreeMap<>(tags));
                if (!isDown || n == length - 1) {
                    clock.now = day.atTime(23, 30).toInstant(ZoneOffset.UTC);
                    (random.nextInt(3) == 0 ? new Service(store) : service).count();
                    counted.add(day);
                }
            }
            LocalDate last = FIRST.plusDays(length - 1);
            Map<LocalDate, TrendArchive.Day> kept = new TreeMap<>();
            store.trends()
                    .between(
                            FIRST.minusDays(500),
                            last.plusDays(2),
                            Arrays.stream(Series.values()).map(Series::toString).toList())
                    .forEach(day -> kept.put(day.day(), day));
            assertThat(kept.keySet()).as("seed %d", seed).isEqualTo(model.keySet());
            model.forEach((day, then) -> {
                TrendArchive.Day there = kept.get(day);
                assertThat(there.backfilled()).as("seed %d, %s", seed, day).isEqualTo(!counted.contains(day));
                fromScratch(then, day)
                        .forEach((series, lines) -> assertThat(
                                        new TreeMap<>(there.series().get(series)))
                                .as("seed %d, %s, %s", seed, day, series)
                                .isEqualTo(lines));
                assertThat(there.series().containsKey("caveat")).isEqualTo(counted.contains(day));
            });
        }
    }

    private void push(FleetStore store, String repository, int image) {
        store.imageArchive()
                .apply(new ImagePushed(
                        Repository.parse(repository), "1", digest(image), digest(image), AMD64, 1, clock.now));
        store.imageArchive().save(analysis(digest(image), Ground.ALPINE, clock.now));
    }

    private static Map<LocalDate, Long> images(FleetStore store) {
        Map<LocalDate, Long> images = new TreeMap<>();
        store.trends()
                .between(FIRST.minusDays(9), FIRST.plusDays(99), List.of("registry"))
                .forEach(day ->
                        images.put(day.day(), day.series().get("registry").get("one.example")));
        return images;
    }

    @Test
    void whatAClockThatWentBackSaysReplacesNothingAndIsReplacedWhenItsTimeHasCome() throws Exception {
        try (FleetStore store = store("back")) {
            Service service = new Service(store);
            clock.now = FIRST.atTime(12, 0).toInstant(ZoneOffset.UTC);
            push(store, "one.example/a", 0);
            service.count();
            clock.now = clock.now.plus(Duration.ofDays(1));
            push(store, "one.example/b", 7);
            service.count();
            Map<LocalDate, Long> before = Map.of(FIRST, 1L, FIRST.plusDays(1), 2L);
            assertThat(images(store)).isEqualTo(before);

            clock.now = clock.now.minus(Duration.ofMinutes(50));
            push(store, "one.example/c", 14);
            // In turns that nobody had when it was later: the others are over by the clock, too.
            service.count("trends, a bit earlier");
            clock.now = FIRST.atTime(11, 0).toInstant(ZoneOffset.UTC);
            service.count("trends, a day earlier");
            assertThat(images(store)).isEqualTo(before);

            clock.now = FIRST.plusDays(1).atTime(12, 1).toInstant(ZoneOffset.UTC);
            service.count();
            assertThat(images(store)).isEqualTo(Map.of(FIRST, 1L, FIRST.plusDays(1), 3L));
        }
    }

    @Test
    void whatWasKeptWhileTheClockWasAheadGivesWayToWhatIsCountedWhenThatDayHasCome() throws Exception {
        try (FleetStore store = store("ahead")) {
            Service service = new Service(store);
            clock.now = FIRST.atTime(12, 0).toInstant(ZoneOffset.UTC);
            push(store, "one.example/a", 0);
            clock.now = FIRST.plusDays(3).atTime(1, 0).toInstant(ZoneOffset.UTC);
            service.count();
            assertThat(images(store))
                    .containsExactlyInAnyOrderEntriesOf(
                            Map.of(FIRST, 1L, FIRST.plusDays(1), 1L, FIRST.plusDays(2), 1L, FIRST.plusDays(3), 1L));

            clock.now = FIRST.atTime(12, 1).toInstant(ZoneOffset.UTC);
            push(store, "one.example/b", 7);
            for (int day = 0; day < 4; day++) {
                clock.now = FIRST.plusDays(day).atTime(12, 2).toInstant(ZoneOffset.UTC);
                new Service(store).count("trends " + day);
            }
            assertThat(images(store).values()).hasSize(4).containsOnly(2L);
            assertThat(store.trends().between(FIRST, FIRST.plusDays(3), List.of("registry")))
                    .allSatisfy(day -> assertThat(day.backfilled()).isFalse());
        }
    }

    @Test
    void ofTwoServicesOneCountsAtATimeAndTheLaterCountStays() throws Exception {
        clock.now = FIRST.atTime(12, 0).toInstant(ZoneOffset.UTC);
        try (FleetStore one = store("two");
                FleetStore other = store("two")) {
            Service first = new Service(one);
            Service second = new Service(other);
            push(one, "one.example/a", 0);
            first.count();
            TrendArchive.Day late = first.maker.today();
            try (Turn turn =
                    one.turns().of("trends", Duration.ofHours(1)).take().orElseThrow()) {
                assertThat(turn.isMine()).isTrue();
                assertThat(other.turns().of("trends", Duration.ofHours(1)).take())
                        .isEmpty();
            }
            clock.now = clock.now.plusSeconds(60);
            push(other, "one.example/b", 7);
            second.count();
            // The first one hung while it counted, for longer than its turn.
            one.trends().keep(late);
            assertThat(images(one)).isEqualTo(Map.of(FIRST, 2L));
        }
    }

    @Test
    void aDayIsNotCountedBeforeTheFirstTagWasSeenAndIsOneOfNoImagesWhenTheLastOneIsGone() throws Exception {
        try (FleetStore store = store("new")) {
            Service service = new Service(store);
            clock.now = FIRST.atTime(12, 0).toInstant(ZoneOffset.UTC);
            service.count();
            assertThat(store.trends().kept(FIRST.minusDays(1), FIRST)).isEmpty();

            Repository shop = Repository.parse("one.example/a");
            store.imageArchive().apply(new ImagePushed(shop, "1", digest(0), digest(0), AMD64, 1, clock.now));
            service.count();
            assertThat(store.trends().kept(FIRST.minusDays(1), FIRST)).containsExactly(FIRST);
            store.imageArchive().apply(new TagRemoved(shop, "1", digest(0), 2, clock.now));
            service.count();
            assertThat(store.trends().between(FIRST, FIRST, List.of("phase", "backlog")))
                    .singleElement()
                    .satisfies(day -> assertThat(day.series().get("backlog")).containsEntry("open", 0L))
                    .satisfies(day -> assertThat(day.series().getOrDefault("phase", Map.of()))
                            .isEmpty());
        }
    }

    @Test
    void whatNobodyCanKnowOfADayThatIsOverIsNotThere() throws Exception {
        try (FleetStore store = store("past")) {
            Repository shop = Repository.parse("one.example/a");
            clock.now = FIRST.atTime(12, 0).toInstant(ZoneOffset.UTC);
            store.imageArchive().apply(new ImagePushed(shop, "1", digest(99), digest(99), AMD64, 1, clock.now));
            clock.now = clock.now.plus(Duration.ofDays(2));
            store.imageArchive().apply(new ImagePushed(shop, "1", digest(0), digest(0), AMD64, 2, clock.now));
            store.imageArchive().save(analysis(digest(0), Ground.ALPINE, clock.now));
            clock.now = clock.now.plus(Duration.ofDays(2));
            store.backlogJournal().note(List.of(new BacklogJournal.Standing("a", "a", 1, 1)));
            clock.now = clock.now.plus(Duration.ofDays(2));
            new Service(store).count();
            List<TrendArchive.Day> days = store.trends()
                    .between(FIRST.minusDays(9), FIRST.plusDays(9), List.of("libc", "registry", "caveat", "backlog"));
            assertThat(days)
                    .hasSize(7)
                    .allSatisfy(day -> assertThat(day.series().get("registry")).isEqualTo(Map.of("one.example", 1L)));
            // Nobody ever read the first image.
            assertThat(days)
                    .extracting(day -> day.series().get("libc"))
                    .containsExactly(
                            Map.of("pending", 1L),
                            Map.of("pending", 1L),
                            Map.of("musl", 1L),
                            Map.of("musl", 1L),
                            Map.of("musl", 1L),
                            Map.of("musl", 1L),
                            Map.of("musl", 1L));
            assertThat(days)
                    .extracting(day -> day.series().containsKey("backlog"))
                    .containsExactly(false, false, false, false, true, true, true);
            assertThat(days)
                    .extracting(TrendArchive.Day::backfilled)
                    .containsExactly(true, true, true, true, true, true, false);
        }
    }
}
