package io.basewatch.benchmarks;

import io.basewatch.caveats.Judge;
import io.basewatch.caveats.JudgedImage;
import io.basewatch.caveats.OwnObjects;
import io.basewatch.caveats.WhatIf;
import io.basewatch.caveats.kept.BaseDescription;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Platform;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/** What judging an image again costs, of what is stored of it: the image laid out, the loader followed for each object, all rules asked. */
final class JudgementBenchmark {

    private static final Platform AMD64 = new Platform("linux", "amd64", null);

    private JudgementBenchmark() {}

    /**
     * @param rounds of each; as many before, to warm up
     * @param files descriptions to measure, as {@code basewatch describe} writes them; none for those that the product carries
     */
    static void measure(int rounds, List<Path> files) throws IOException {
        LayerBenchmark.OUT.printf(
                "%-28s %8s %12s %12s %12s%n", "image", "objects", "laid out ms", "judged ms", "what-if ms");
        for (Path file : files) {
            measure(file.toString(), BaseDescription.decode(file.toString(), Files.readAllBytes(file)), rounds);
        }
        for (DescribedBases.Listed listed :
                files.isEmpty() ? DescribedBases.list() : List.<DescribedBases.Listed>of()) {
            if (listed.architecture().equals(AMD64.architecture())) {
                measure(listed.name(), DescribedBases.find(listed.name(), AMD64).orElseThrow(), rounds);
            }
        }
    }

    private static void measure(String name, BaseDescription base, int rounds) {
        BaseDescription debian = DescribedBases.find("debian:13-slim", AMD64).orElseThrow();
        double laid = median(rounds, base::image);
        double judged = median(rounds, () -> Judge.look(AnalysisStatus.COMPLETE, base.image()));
        double tried = median(rounds, () -> WhatIf.of(base.image(), OwnObjects::liesApart, debian.image()));
        JudgedImage image = base.image();
        LayerBenchmark.OUT.printf(
                "%-28s %8d %12.1f %12.1f %12.1f%n",
                name, image.elfFiles().all().size(), laid, judged - laid, tried - laid);
    }

    /** In milliseconds. */
    private static double median(int rounds, Supplier<?> work) {
        double[] times = new double[rounds];
        for (int round = -rounds; round < rounds; round++) {
            long start = System.nanoTime();
            if (work.get() == null) {
                throw new IllegalStateException();
            }
            if (round >= 0) {
                times[round] = (System.nanoTime() - start) / 1e6;
            }
        }
        Arrays.sort(times);
        return times[rounds / 2];
    }
}
