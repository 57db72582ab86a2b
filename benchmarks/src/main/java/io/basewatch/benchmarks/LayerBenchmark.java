package io.basewatch.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.Expected;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FactsPart;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerException;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.layerfacts.RootFs;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The command of docs/benchmarks.md:
 * <ul>
 * <li>{@code layers FOLDER MEGABYTES…} makes a layer of each size and measures reading it against the tools;
 * <li>{@code facts BLOBS} tells how large the facts of all layers in a registry's storage folder are;
 * <li>{@code trees FOLDER} tells how many of the root file systems in a folder are fingerprinted in a second;
 * <li>{@code huge LAYERS MEGABYTES} analyses an image of so many layers of that size, made while they are read;
 * <li>{@code judge ROUNDS} tells what judging images again costs, and trying them on another base;
 * <li>{@code read FILE all|none} is one measured process, started by {@code layers}.
 * </ul>
 */
public final class LayerBenchmark {

    private static final int ROUNDS = Integer.getInteger("rounds", 3);

    /** For which a process reads before its warm reading: as a service that has been up for a few layers. */
    private static final long WARM_UP_NANOS = 20_000_000_000L;

    static final PrintStream OUT = System.out;

    private LayerBenchmark() {}

    public static void main(String[] args) throws Exception {
        try {
            perform(args);
        } catch (IllegalArgumentException e) {
            System.err.println("benchmarks: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void perform(String[] args) throws Exception {
        switch (args.length == 0 ? "" : args[0]) {
            case "layers" -> {
                Path folder = Files.createDirectories(Path.of(args[1]));
                for (int i = 2; i < args.length; i++) {
                    layers(folder, Long.parseLong(args[i]));
                }
            }
            case "facts" -> facts(Path.of(args[1]));
            case "trees" -> trees(Path.of(args[1]));
            case "huge" -> HugeImage.analyze(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
            case "fleet" ->
                SampleFleet.fill(
                        args[1],
                        Integer.parseInt(args[2]),
                        Integer.parseInt(args[3]),
                        Integer.parseInt(args[4]),
                        args.length > 5 ? Long.parseLong(args[5]) : 1);
            case "api" ->
                ApiBenchmark.measure(
                        args[1], args.length > 2 ? Integer.parseInt(args[2]) : 200, args.length > 3 ? args[3] : null);
            case "sizes" -> StoreSizes.print(args[1]);
            case "trends" ->
                TrendBenchmark.measure(
                        Path.of(args[1]),
                        args.length > 2 ? Integer.parseInt(args[2]) : 1096,
                        args.length > 3 ? Integer.parseInt(args[3]) : 10_000,
                        1);
            case "lineage" -> {
                if (args.length > 3) {
                    LineageBenchmark.ofMadeUp(
                            Integer.parseInt(args[1]),
                            Integer.parseInt(args[2]),
                            Integer.parseInt(args[3]),
                            args.length > 4 ? Long.parseLong(args[4]) : 1);
                } else {
                    LineageBenchmark.ofStore(args[1], args.length > 2 ? Long.parseLong(args[2]) : 1);
                }
            }
            case "judge" ->
                JudgementBenchmark.measure(
                        args.length > 1 ? Integer.parseInt(args[1]) : 30,
                        Arrays.stream(args).skip(2).map(Path::of).toList());
            case "read" ->
                read(
                        Path.of(args[1]),
                        !args[2].equals("none"),
                        args[2].endsWith("isal") ? Isal.installed() : Isal.none());
            default -> {
                System.err.println(
                        "usage: layers FOLDER MEGABYTES… | facts BLOBS | trees FOLDER | huge LAYERS MEGABYTES"
                                + " | fleet FILE|mongodb://… IMAGES TAGS REPOSITORIES [SEED] | api URL [REQUESTS [ONLY]]"
                                + " | lineage IMAGES TAGS REPOSITORIES [SEED] | lineage FILE|mongodb://… [SEED] | sizes FILE|mongodb://… | judge [ROUNDS [DESCRIPTION…]]");
                System.exit(2);
            }
        }
    }

    private static void layers(Path folder, long megabytes) throws Exception {
        Path tar = folder.resolve("layer-" + megabytes + ".tar");
        if (!Files.exists(tar)) {
            SampleLayer.write(tar, megabytes << 20);
        }
        Path gz = compressed(tar, ".gz", "gzip -6 -c");
        Path zst = compressed(tar, ".zst", "zstd -3 -T1 -q -c");
        OUT.printf(
                Locale.ROOT,
                "%n%d MB uncompressed, %d MB gzip -6, %d MB zstd -3; best of %d rounds%n",
                Files.size(tar) >> 20,
                Files.size(gz) >> 20,
                Files.size(zst) >> 20,
                ROUNDS);
        OUT.println(
                "what                                          wall s   cpu s   speed to gzip -dc (wall, cpu)   peak RSS MB");
        Map<String, double[]> best = new HashMap<>();
        List<String> order = new ArrayList<>();
        // Round by round, so that a busy moment of the machine hits all alike.
        for (int round = 0; round < ROUNDS; round++) {
            tool(best, order, "gzip -dc", "gzip -dc " + gz);
            tool(best, order, "igzip -dc", "igzip -dc " + gz);
            tool(best, order, "pigz -dc", "pigz -dc " + gz);
            tool(best, order, "gzip -dc | sha256sum", "gzip -dc " + gz + " | sha256sum");
            reader(best, order, "reader, gzip, no detectors", gz, "none");
            reader(best, order, "reader, gzip, all detectors", gz, "all");
            reader(best, order, "reader, gzip by ISA-L, all detectors", gz, "all-isal");
            tool(best, order, "zstd -dc", "zstd -dcq " + zst);
            reader(best, order, "reader, zstd, all detectors", zst, "all");
            reader(best, order, "reader, plain tar, all detectors", tar, "all");
        }
        double[] gzip = best.getOrDefault("gzip -dc", new double[3]);
        for (String name : order) {
            double[] b = best.getOrDefault(name, new double[3]);
            OUT.printf(
                    Locale.ROOT,
                    "%-44s  %6.2f  %6.2f   %10.2fx %10.2fx   %s%n",
                    name,
                    b[0],
                    b[1],
                    gzip[0] / b[0],
                    gzip[1] / b[1],
                    b[2] == 0 ? "" : String.format(Locale.ROOT, "%17.0f", b[2]));
        }
    }

    private static Path compressed(Path tar, String suffix, String command) throws Exception {
        Path file = Path.of(tar + suffix);
        if (!Files.exists(file)) {
            run("bash", "-c", command + " '" + tar + "' > '" + file + "'");
        }
        return file;
    }

    private static void tool(Map<String, double[]> best, List<String> order, String name, String command)
            throws Exception {
        if (run("bash", "-c", "command -v " + command.substring(0, command.indexOf(' ')) + " || true")
                .isBlank()) {
            return;
        }
        String[] times = run("bash", "-c", "TIMEFORMAT='%R %U %S'; time { " + command + " > /dev/null; } 2>&1")
                .trim()
                .split(" ");
        keep(
                best,
                order,
                name,
                Double.parseDouble(times[0]),
                Double.parseDouble(times[1]) + Double.parseDouble(times[2]),
                0);
    }

    /** A new process under a heap of 256 MB. The first reading is cold, the last one warm, as in a service. */
    private static void reader(Map<String, double[]> best, List<String> order, String name, Path file, String detectors)
            throws Exception {
        String output = run(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                LayerBenchmark.class.getName(),
                "read",
                file.toString(),
                detectors);
        String[] lines = output.trim().split("\n");
        for (int i = 0; i < lines.length; i++) {
            String[] fields = lines[i].split(" ");
            keep(
                    best,
                    order,
                    name + (i == 0 ? ", cold" : ", warm"),
                    Double.parseDouble(fields[0]),
                    Double.parseDouble(fields[1]),
                    Double.parseDouble(fields[2]));
        }
    }

    private static void keep(
            Map<String, double[]> best, List<String> order, String name, double wall, double cpu, double rss) {
        double[] kept = best.get(name);
        if (kept == null) {
            order.add(name);
            best.put(name, new double[] {wall, cpu, rss});
        } else {
            kept[0] = Math.min(kept[0], wall);
            kept[1] = Math.min(kept[1], cpu);
            kept[2] = Math.max(kept[2], rss);
        }
    }

    private static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
        return output;
    }

    private static void read(Path file, boolean withDetectors, Isal isal) throws Exception {
        List<FactsKind> detectors = withDetectors ? Kinds.all() : List.of();
        OperatingSystemMXBean process = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        // The first reading computes both digests, the others also compare them.
        Expected expected = new Expected(null, Files.size(file), null, "");
        long begin = System.nanoTime();
        boolean warm = false;
        for (int round = 0; !warm; round++) {
            warm = round > 0 && System.nanoTime() - begin > WARM_UP_NANOS;
            long cpu = process.getProcessCpuTime();
            long start = System.nanoTime();
            LayerFacts facts = new LayerReader(LayerLimits.defaults(), detectors)
                    .read(() -> Files.newInputStream(file), expected, isal);
            long wall = System.nanoTime() - start;
            cpu = process.getProcessCpuTime() - cpu;
            expected = new Expected(facts.digest(), Files.size(file), facts.diffId(), "");
            if (round == 0 || warm) {
                OUT.printf(Locale.ROOT, "%.3f %.3f %.1f%n", wall / 1e9, cpu / 1e9, peakMegabytes());
            }
        }
    }

    /** VmHWM of the whole process, heap, native memory and code. */
    static double peakMegabytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToDouble(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0)
                .findFirst()
                .orElse(0);
    }

    private static void facts(Path blobs) throws IOException {
        LayerReader reader = new LayerReader(LayerLimits.defaults(), Kinds.all());
        List<Path> files;
        try (Stream<Path> walk = Files.walk(blobs)) {
            files = walk.map(Path::toFile)
                    .filter(File::isFile)
                    .map(File::toPath)
                    .sorted()
                    .collect(Collectors.toList());
        }
        long layers = 0;
        long stored = 0;
        long uncompressed = 0;
        long factsBytes = 0;
        long entries = 0;
        double decodeSeconds = 0;
        double fingerprintSeconds = 0;
        for (Path file : files) {
            LayerFacts facts;
            try (InputStream in = Files.newInputStream(file)) {
                facts = reader.read(in, Expected.NOTHING);
            } catch (LayerException e) {
                // A manifest, a config or a layer that is broken on purpose.
                continue;
            }
            List<FactsPart> encoded = facts.encode();
            layers++;
            entries += facts.entries();
            stored += facts.storedBytes();
            uncompressed += facts.uncompressedBytes();
            factsBytes +=
                    encoded.stream().mapToLong(part -> part.bytes().length).sum();
            long start = System.nanoTime();
            LayerFacts decoded = LayerFacts.decode(encoded);
            long middle = System.nanoTime();
            Fingerprinter.fingerprint(List.of(decoded), ImageInputs.NONE);
            decodeSeconds += (middle - start) / 1e9;
            fingerprintSeconds += (System.nanoTime() - middle) / 1e9;
        }
        OUT.printf(
                Locale.ROOT,
                "%d layers, %d entries, %.1f MB stored, %.1f MB uncompressed: facts %.2f MB%n"
                        + "%.0f bytes of facts per uncompressed MB, %.0f per stored MB%n"
                        + "decoding %.2f s, laying and detecting %.2f s%n",
                layers,
                entries,
                stored / 1e6,
                uncompressed / 1e6,
                factsBytes / 1e6,
                factsBytes / (uncompressed / 1e6),
                factsBytes / (stored / 1e6),
                decodeSeconds,
                fingerprintSeconds);
    }

    private static void trees(Path folder) throws IOException, LayerException {
        List<Path> trees;
        try (Stream<Path> list = Files.list(folder)) {
            trees = list.filter(Files::isDirectory).sorted().collect(Collectors.toList());
        }
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            long entries = 0;
            int done = 0;
            while (System.nanoTime() - start < 3_000_000_000L) {
                LayerFacts facts = RootFs.read(trees.get(done++ % trees.size()), LayerLimits.defaults(), Kinds.all());
                Fingerprinter.fingerprint(List.of(facts), ImageInputs.NONE);
                entries += facts.entries();
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            OUT.printf(
                    Locale.ROOT,
                    "round %d: %.0f trees a second, of %.1f entries on average%n",
                    round + 1,
                    done / seconds,
                    (double) entries / done);
        }
    }
}
