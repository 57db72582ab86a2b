package io.basewatch.benchmarks;

import io.basewatch.backlog.Backlog;
import io.basewatch.backlog.FollowingBacklog;
import io.basewatch.backlog.Weights;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.FleetReading;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** The tree of bases over a fleet: how long it takes to make anew and to keep up to date, how much memory it takes, and how long questions take. */
final class LineageBenchmark {

    private static final PrintStream OUT = System.out;
    private static final int DEEPEST = 8;
    private static final int QUESTIONS = 2000;
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");

    private final Map<Repository, List<Member>> fleet = new TreeMap<>();
    private final List<Digest> images = new ArrayList<>();
    private final SplittableRandom random;

    private LineageBenchmark(long seed) {
        this.random = new SplittableRandom(seed);
    }

    /**
     * Of a fleet that is made up: half as many layers as images, on a tree of bases eight deep that are images themselves.
     *
     * @param seed of everything that is chosen
     */
    static void ofMadeUp(int images, int tags, int repositories, long seed) {
        LineageBenchmark benchmark = new LineageBenchmark(seed);
        benchmark.fill(images, tags, repositories);
        benchmark.measure();
    }

    /**
     * Of what a store holds; it is brought to this program's version first.
     *
     * @param target a file of the embedded store, or {@code mongodb://…}
     */
    static void ofStore(String target, long seed) throws Exception {
        if (StoreSizes.isAddress(target)) {
            StoreSizes.reach(target);
            ofStoreAt(target, seed);
        } else {
            try (EmbeddedStore engine = EmbeddedStore.start(Path.of(target))) {
                ofStoreAt(engine.connectionString(), seed);
            }
        }
    }

    private static void ofStoreAt(String uri, long seed) throws InterruptedException {
        long start = System.nanoTime();
        LineageBenchmark benchmark = new LineageBenchmark(seed);
        try (FleetStore store = FleetStore.connect(uri)) {
            OUT.printf(Locale.ROOT, "opened in %.1f s%n", seconds(start));
            start = System.nanoTime();
            long cpu = processCpu();
            FleetReading reading = store.reading();
            reading.readChanges((content, left) -> {
                benchmark.fleet.put(content.repository(), content.members());
                content.members().forEach(member -> benchmark.images.add(member.digest()));
            });
            OUT.printf(
                    Locale.ROOT,
                    "read in %.1f s, cpu of store and reader %.1f s%n",
                    seconds(start),
                    (processCpu() - cpu) / 1e9);
            start = System.nanoTime();
            reading.readChanges((content, left) -> {});
            OUT.printf(Locale.ROOT, "looked for changes in %.3f s%n", seconds(start));
        }
        benchmark.measure();
    }

    private static double seconds(long start) {
        return (System.nanoTime() - start) / 1e9;
    }

    private Digest digest() {
        byte[] hash = new byte[32];
        random.nextBytes(hash);
        return Digest.ofSha256(hash);
    }

    private Member.Layer layer() {
        return new Member.Layer(digest(), digest(), false, 1000 + random.nextLong(50_000_000));
    }

    private void fill(int count, int tags, int repositories) {
        List<List<Member.Layer>> bases = new ArrayList<>();
        List<Member.Layer> tops = new ArrayList<>();
        while (bases.size() < Math.max(1, count / 10)) {
            List<Member.Layer> below =
                    bases.size() < Math.max(1, count / 80) ? List.of() : bases.get(random.nextInt(bases.size()));
            if (below.size() < DEEPEST) {
                List<Member.Layer> chain = new ArrayList<>(below);
                chain.add(layer());
                bases.add(chain);
            }
        }
        while (tops.size() < Math.max(1, count * 4 / 10)) {
            tops.add(layer());
        }
        for (int n = 0; n < count; n++) {
            // One in twenty bases is an image of the fleet.
            boolean isBase = n < bases.size() / 20;
            List<Member.Layer> layers = new ArrayList<>(bases.get(isBase ? n * 20 : random.nextInt(bases.size())));
            if (!isBase) {
                layers.add(tops.get(random.nextInt(tops.size())));
            }
            List<String> named = new ArrayList<>();
            for (int tag = tags / count; tag > 0; tag--) {
                named.add("build-" + Long.toString(random.nextLong() >>> 24, 36));
            }
            named.sort(null);
            double place = random.nextDouble();
            int repository = (int) (repositories * place * place);
            Digest digest = digest();
            images.add(digest);
            fleet.computeIfAbsent(
                            new Repository(
                                    "registry.example.com:5000", "team-" + repository % 97 + "/app-" + repository),
                            any -> new ArrayList<>())
                    .add(new Member(
                            digest,
                            random.nextInt(10) == 0 ? ARM64 : AMD64,
                            AnalysisStatus.COMPLETE,
                            layers,
                            List.of(),
                            // What a base brings, all that stands on it has.
                            new Member.Ground(
                                    "alpine",
                                    "3." + Math.floorMod(layers.get(0).digest().hashCode(), 25) + ".1",
                                    null,
                                    null),
                            Libc.Family.MUSL,
                            Instant.ofEpochSecond(1_700_000_000L + n),
                            List.of(),
                            null,
                            named,
                            List.of(),
                            Map.of(),
                            null));
        }
    }

    private void measure() {
        long before = used();
        long start = System.nanoTime();
        long cpu = cpu();
        FleetTree tree = new FleetTree(KnownBases.bundled());
        fleet.forEach((repository, members) -> tree.replace(repository, members, List.of()));
        OUT.printf(Locale.ROOT, "tree made in %.2f s, cpu %.2f s%n", seconds(start), (cpu() - cpu) / 1e9);
        start = System.nanoTime();
        cpu = cpu();
        int bases = tree.bases().all().size();
        OUT.printf(Locale.ROOT, "%d bases counted in %.2f s, cpu %.2f s%n", bases, seconds(start), (cpu() - cpu) / 1e9);
        OUT.println(tree.held());
        times("a repository with another tag", changed(tree, this::withAnotherTag, () -> {}));
        long bytes = used() - before;
        OUT.printf(
                Locale.ROOT,
                "%d bytes an image%n",
                bytes / Math.max(1, tree.held().images()));
        start = System.nanoTime();
        cpu = cpu();
        tree.bases();
        OUT.printf(Locale.ROOT, "bases counted again in %.2f s, cpu %.2f s%n", seconds(start), (cpu() - cpu) / 1e9);
        for (int round = 0; round < 3; round++) {
            start = System.nanoTime();
            cpu = cpu();
            Backlog backlog = backlog(tree).now();
            OUT.printf(
                    Locale.ROOT,
                    "backlog of %d entries made in %.2f s, cpu %.2f s%n",
                    backlog.entries().size(),
                    seconds(start),
                    (cpu() - cpu) / 1e9);
        }
        followed(tree);
        times("lineage of an image", questions(i -> tree.lineage(images.get(random.nextInt(images.size())))));
        List<Base> all = tree.bases().all();
        times(
                "children of a base",
                questions(i -> tree.children(all.get(random.nextInt(all.size())).id(), null, 100)));
        times(
                "children of the largest",
                questions(i ->
                        tree.children(all.get(i % Math.min(10, all.size())).id(), null, 100)));
        times(
                "descendants of the largest",
                questions(i ->
                        tree.descendants(all.get(i % Math.min(10, all.size())).id(), null, 100)));
        times(
                "who has a layer",
                questions(i -> tree.layer(tree.image(images.get(random.nextInt(images.size()))).stream()
                        .flatMap(image -> image.image().layers().stream())
                        .findFirst()
                        .map(Member.Layer::digest)
                        .orElse(images.get(0)))));
        times("bytes of a hundred images", questions(i -> {
            int from = random.nextInt(Math.max(1, images.size() - 100));
            return tree.cost(images.subList(from, Math.min(images.size(), from + 100)));
        }));
    }

    private static FollowingBacklog backlog(FleetTree tree) {
        Lifecycle lifecycle = Lifecycle.bundled();
        return new FollowingBacklog(
                tree,
                lifecycle,
                (ground, places, day) -> ground == null
                        ? Support.unknown()
                        : lifecycle.support(
                                ground.distro(), ground.version(), ground.codename(), ground.variant(), day),
                (repository, labels) -> null,
                Weights.DEFAULT,
                LocalDate.of(2026, 11, 26));
    }

    /** From the change of a repository until the backlog of today has it. */
    private void followed(FleetTree tree) {
        long before = used();
        FollowingBacklog following = backlog(tree);
        following.now();
        OUT.printf(Locale.ROOT, "%d MB to follow the fleet with a backlog%n", (used() - before) / 1_000_000);
        times("another tag, until it is in the backlog", changed(tree, this::withAnotherTag, following::now));
        times("an image pushed, until it is in the backlog", changed(tree, this::withAPush, following::now));
        times("a base pushed anew, until it is in the backlog", changed(tree, this::withABasePushed, following::now));
        times("an image gone, until it is out of the backlog", changed(tree, this::withoutOne, following::now));
    }

    private interface Change {
        /** What is held instead. */
        List<Member> of(List<Member> members, int number);
    }

    private Times changed(FleetTree tree, Change change, Runnable then) {
        List<Repository> repositories = List.copyOf(fleet.keySet());
        Times times = Times.of(QUESTIONS);
        for (int i = 0; i < QUESTIONS; i++) {
            Repository repository = repositories.get(random.nextInt(repositories.size()));
            List<Member> members = change.of(new ArrayList<>(fleet.get(repository)), i);
            fleet.put(repository, members);
            times.take(i, () -> {
                tree.replace(repository, members, List.of());
                then.run();
            });
        }
        return times;
    }

    private List<Member> withAnotherTag(List<Member> members, int number) {
        if (!members.isEmpty()) {
            int at = random.nextInt(members.size());
            members.set(at, tagged(members.get(at), "another-" + number));
        }
        return members;
    }

    /** A tag leads to a new build on the same base. */
    private List<Member> withAPush(List<Member> members, int number) {
        if (!members.isEmpty()) {
            int at = random.nextInt(members.size());
            Member old = members.get(at);
            List<Member.Layer> layers = new ArrayList<>(old.layers());
            if (layers.size() > 1) {
                layers.set(layers.size() - 1, layer());
            }
            members.set(at, built(old, layers, old.tags()));
        }
        return members;
    }

    /** A tag of the fleet leads to a new build that others will stand on; they stand on the former as long as they are not built again. */
    private List<Member> withABasePushed(List<Member> members, int number) {
        if (!members.isEmpty()) {
            int at = random.nextInt(members.size());
            Member old = members.get(at);
            List<Member.Layer> layers = new ArrayList<>(old.layers());
            layers.add(layer());
            Member base = built(old, layers, old.tags());
            members.set(at, base);
            layers.add(layer());
            members.add(built(old, layers, List.of("on-it-" + number)));
        }
        return members;
    }

    private List<Member> withoutOne(List<Member> members, int number) {
        if (!members.isEmpty()) {
            members.remove(random.nextInt(members.size()));
        }
        return members;
    }

    private static Member tagged(Member old, String tag) {
        return like(old, old.digest(), old.layers(), List.of(tag));
    }

    private Member built(Member old, List<Member.Layer> layers, List<String> tags) {
        return like(old, digest(), layers, tags);
    }

    private static Member like(Member old, Digest digest, List<Member.Layer> layers, List<String> tags) {
        return new Member(
                digest,
                old.platform(),
                old.status(),
                layers,
                old.history(),
                old.ground(),
                old.libc(),
                old.created(),
                old.caveats(),
                old.claim(),
                tags,
                old.indexes(),
                old.labels(),
                old.effort());
    }

    /** Of this thread: what it takes where the machine has nothing else to do. */
    private static long cpu() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    /** Of this process: an embedded store works in other threads. */
    private static long processCpu() {
        return ProcessHandle.current()
                .info()
                .totalCpuDuration()
                .map(Duration::toNanos)
                .orElse(0L);
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    /** By the clock, and of the thread that asked. */
    @SuppressWarnings("ArrayRecordComponent")
    private record Times(long[] wall, long[] cpu) {
        static Times of(int number) {
            return new Times(new long[number], new long[number]);
        }

        void take(int number, Runnable work) {
            long begun = cpuNow();
            long start = System.nanoTime();
            work.run();
            wall[number] = System.nanoTime() - start;
            cpu[number] = cpuNow() - begun;
        }

        private static long cpuNow() {
            return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        }
    }

    private interface Question {
        Object ask(int number);
    }

    private static Times questions(Question question) {
        Times times = Times.of(QUESTIONS);
        for (int i = 0; i < QUESTIONS; i++) {
            int number = i;
            times.take(i, () -> {
                if (question.ask(number) == null) {
                    throw new IllegalStateException("no answer");
                }
            });
        }
        return times;
    }

    private static void times(String what, Times times) {
        OUT.printf(Locale.ROOT, "%s: %s; cpu %s%n", what, percentiles(times.wall()), percentiles(times.cpu()));
    }

    private static String percentiles(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "p50 %.3f ms, p99 %.3f ms, worst %.3f ms",
                sorted[sorted.length / 2] / 1e6,
                sorted[sorted.length * 99 / 100] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }
}
