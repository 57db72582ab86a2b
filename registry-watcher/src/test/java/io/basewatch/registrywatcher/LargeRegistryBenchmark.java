package io.basewatch.registrywatcher;

import com.sun.management.OperatingSystemMXBean;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.NewestTags;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistrySettings;
import io.basewatch.ociregistry.WantedPlatforms;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command of docs/benchmarks.md about a large registry, no test: sweeps of one that counts its requests ({@code GET /stats}, {@code POST /stats/reset}) and moves
 * tags when it is told to ({@code POST /mutate?n=}). Events are counted and go nowhere. Asked for by its name only.
 */
class LargeRegistryBenchmark {

    private static final URI REGISTRY = URI.create(System.getProperty("large.registry", "http://127.0.0.1:5100"));
    private static final int MOVED = Integer.getInteger("large.moved", 1000);
    private static final int AT_ONCE = 4;
    private static final Cadence CADENCE = Cadence.every(Duration.ofMinutes(5));
    private static final PrintStream OUT = System.out;

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Long> told = Collections.synchronizedList(new ArrayList<>());
    private long begun;

    @Test
    void sweeps(@TempDir Path folder) throws Exception {
        try (EmbeddedStore server = EmbeddedStore.start(folder.resolve("store.db"));
                FleetStore store = FleetStore.connect(server.connectionString())) {
            Membership alone = member(store, "a");
            measure("the first", List.of(sweeper(store, alone, tag -> false)));
            measure("nothing changed", List.of(sweeper(store, alone, tag -> false)));
            measure("nothing changed, no tag may move", List.of(sweeper(store, alone, tag -> true)));
            ask("POST", "/mutate?n=" + MOVED);
            measure(MOVED + " tags moved", List.of(sweeper(store, alone, tag -> false)));
            Membership other = member(store, "b");
            alone.beat();
            measure(
                    "nothing changed, two watchers",
                    List.of(sweeper(store, alone, tag -> false), sweeper(store, other, tag -> false)));
            ask("POST", "/mutate?n=" + MOVED);
            measure(
                    MOVED + " tags moved, two watchers",
                    List.of(sweeper(store, alone, tag -> false), sweeper(store, other, tag -> false)));
        }
    }

    private static Membership member(FleetStore store, String name) {
        Membership member = new Membership("watcher", name, store.watchMembers(), System::nanoTime);
        member.beat();
        return member;
    }

    private RegistrySweeper sweeper(FleetStore store, Membership membership, Predicate<String> immutable) {
        WatchRules rules = new WatchRules(
                NamePatterns.ALL,
                NamePatterns.ALL,
                NewestTags.ALL,
                WantedPlatforms.ALL,
                false,
                immutable,
                AT_ONCE,
                new RemovalBrake(0.2, 100, Duration.ZERO),
                CADENCE);
        return new RegistrySweeper(
                Registry.connect(RegistrySettings.of(REGISTRY).withBudget(10_000, 16)),
                rules,
                store.tagLedger(),
                store.watchBook(),
                membership,
                (urgency, event) -> tell(event),
                new WatcherMetrics(new SimpleMeterRegistry(), REGISTRY.getAuthority()),
                new WatcherProgress(),
                Clock.systemUTC());
    }

    private void tell(ImageEvent event) {
        if (event instanceof ImageEvent.ImagePushed) {
            told.add(System.nanoTime() - begun);
        }
    }

    private void measure(String name, List<RegistrySweeper> sweepers) throws Exception {
        ask("POST", "/stats/reset");
        told.clear();
        long cpu = cpu();
        begun = System.nanoTime();
        ExecutorService all = Executors.newFixedThreadPool(sweepers.size());
        try {
            List<Future<Boolean>> sweeps = new ArrayList<>();
            for (RegistrySweeper sweeper : sweepers) {
                sweeps.add(all.submit(sweeper::sweep));
            }
            for (Future<Boolean> sweep : sweeps) {
                if (!sweep.get()) {
                    throw new IllegalStateException("a sweep did not come to its end");
                }
            }
        } finally {
            all.shutdown();
        }
        double seconds = (System.nanoTime() - begun) / 1e9;
        double processor = (cpu() - cpu) / 1e9;
        String requests = ask("GET", "/stats").strip();
        List<Long> times = told.stream().sorted().toList();
        System.gc();
        OUT.printf(
                Locale.ROOT,
                "%s: %.1f s, %.1f s of CPU, %d images told (median after %.1f s, 99th percentile %.1f s), %d MB of heap, requests %s%n",
                name,
                seconds,
                processor,
                times.size(),
                at(times, 0.5),
                at(times, 0.99),
                (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20,
                requests);
    }

    private static double at(List<Long> sorted, double share) {
        return sorted.isEmpty() ? 0 : sorted.get((int) ((sorted.size() - 1) * share)) / 1e9;
    }

    private static long cpu() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private String ask(String method, String path) throws IOException, InterruptedException {
        return http.send(
                        HttpRequest.newBuilder(REGISTRY.resolve(path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        BodyHandlers.ofString())
                .body();
    }
}
