package io.basewatch.benchmarks;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.TagHistory;
import io.basewatch.fleetstore.TrendArchive;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/** Years of trends in the embedded store: how large they are when every series has as many lines as it may, and how long questions take; and what a change of a tag takes. */
final class TrendBenchmark {

    private static final PrintStream OUT = System.out;
    private static final LocalDate FIRST = LocalDate.of(2023, 11, 1);
    private static final List<String> SERIES = List.of(
            "distro", "distribution", "libc", "phase", "caveat", "backlog", "backlog-images", "registry", "owner");
    private static final int ROUNDS = 15;
    private static final double MEGABYTE = 1e6;

    private TrendBenchmark() {}

    /**
     * @param folder a new one
     * @param changes of tags
     */
    static void measure(Path folder, int days, int changes, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        Files.createDirectories(folder);
        Path file = folder.resolve("store");
        try (EmbeddedStore engine = EmbeddedStore.start(file)) {
            try (FleetStore store = FleetStore.connect(engine.connectionString())) {
                trends(store.trends(), days, random);
                questions(store.trends(), days);
            }
        }
        OUT.printf(
                Locale.ROOT,
                "trends of %d days: %.1f MB, %.1f kB a day%n",
                days,
                Files.size(file) / MEGABYTE,
                Files.size(file) / 1e3 / days);
        long before = Files.size(file);
        try (EmbeddedStore engine = EmbeddedStore.start(file)) {
            try (FleetStore store = FleetStore.connect(engine.connectionString())) {
                changes(store, changes, random);
            }
        }
        OUT.printf(
                Locale.ROOT,
                "tags, images and changes: %.0f bytes for each change%n",
                (Files.size(file) - before) / (double) changes);
    }

    private static void trends(TrendArchive archive, int days, SplittableRandom random) {
        long[] taken = new long[days];
        for (int n = 0; n < days; n++) {
            LocalDate day = FIRST.plusDays(n);
            Map<String, Map<String, Long>> series = new LinkedHashMap<>();
            for (String name : SERIES) {
                Map<String, Long> lines = new LinkedHashMap<>();
                int most = name.startsWith("backlog") || name.equals("libc") || name.equals("caveat") ? 6 : 46;
                for (int line = 0; line < most; line++) {
                    // Names change slowly: of each forty a new one every other day.
                    lines.put(name + " of a length as usual " + (line + n / 2 % 7), random.nextLong(100_000));
                }
                series.put(name, lines);
            }
            Instant at = day.atTime(23, 0).toInstant(ZoneOffset.UTC);
            long start = System.nanoTime();
            archive.keep(new TrendArchive.Day(day, at, n % 16 == 0, series));
            taken[n] = System.nanoTime() - start;
        }
        Arrays.sort(taken);
        OUT.printf(
                Locale.ROOT,
                "a day kept in %.1f ms (median), %.1f ms (99 of 100)%n",
                taken[days / 2] / 1e6,
                taken[days * 99 / 100] / 1e6);
    }

    private static void questions(TrendArchive archive, int days) {
        for (int length : new int[] {90, 365, days}) {
            List<Long> taken = new ArrayList<>();
            for (int n = 0; n < ROUNDS; n++) {
                LocalDate last = FIRST.plusDays(days - 1);
                long start = System.nanoTime();
                int found = archive.between(last.minusDays(length - 1), last, List.of("distro"))
                        .size();
                taken.add(System.nanoTime() - start);
                if (found != length) {
                    throw new IllegalStateException(found + " days instead of " + length);
                }
            }
            taken.sort(null);
            OUT.printf(Locale.ROOT, "%d days of one series: %.0f ms (median)%n", length, taken.get(ROUNDS / 2) / 1e6);
        }
    }

    private static void changes(FleetStore store, int changes, SplittableRandom random) {
        Platform platform = Platform.parse("linux/amd64");
        Instant begin = FIRST.atStartOfDay(ZoneOffset.UTC).toInstant();
        byte[] hash = new byte[32];
        long start = System.nanoTime();
        for (int n = 0; n < changes; n++) {
            random.nextBytes(hash);
            Digest image = Digest.ofSha256(hash);
            store.imageArchive()
                    .apply(new ImagePushed(
                            new Repository("registry.example.com:5000", "team/service-" + random.nextInt(200)),
                            "build-" + random.nextInt(10),
                            image,
                            image,
                            platform,
                            n + 1,
                            begin.plus(Duration.ofMinutes(n))));
        }
        OUT.printf(Locale.ROOT, "a change taken in in %.2f ms%n", (System.nanoTime() - start) / 1e6 / changes);
        start = System.nanoTime();
        int page = store.tagHistory()
                .page(begin, begin.plus(Duration.ofMinutes(changes)), EnumSet.allOf(TagHistory.Kind.class), null, 1000)
                .size();
        OUT.printf(Locale.ROOT, "a page of %d changes: %.0f ms%n", page, (System.nanoTime() - start) / 1e6);
        start = System.nanoTime();
        AtomicLong stays = new AtomicLong();
        store.tagHistory().forEachTag((known, all) -> stays.addAndGet(all.size()));
        OUT.printf(Locale.ROOT, "the whole past, %d stays: %.1f s%n", stays.get(), (System.nanoTime() - start) / 1e9);
    }
}
