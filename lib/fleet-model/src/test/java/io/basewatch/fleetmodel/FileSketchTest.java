package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FileSketchTest {

    private static FileSketch files(int from, int to) {
        return FileSketch.of(IntStream.range(from, to).map(n -> FileSketch.hash("usr/lib/file" + n, n)));
    }

    @Test
    void tellsHowMuchOfAnImageIsInALargerOne() {
        FileSketch base = files(0, 300);
        assertThat(files(0, 310).shareOf(base).percent()).isEqualTo(100);
        assertThat(files(0, 3000).shareOf(base).percent()).isEqualTo(100);
        assertThat(files(0, 3000).shareOf(base).compared()).isBetween(5, 30);
        assertThat(files(150, 450).shareOf(base).percent()).isBetween(35, 65);
        assertThat(files(300, 600).shareOf(base).percent()).isZero();
        assertThat(files(0, 60).shareOf(base).percent()).as("a part of it").isBetween(10, 32);
    }

    @Test
    void ofFewFilesAllAreCompared() {
        assertThat(files(0, 100).shareOf(files(0, 20))).isEqualTo(new FileSketch.Share(20, 20));
        assertThat(files(0, 19).shareOf(files(0, 20))).isEqualTo(new FileSketch.Share(20, 19));
        assertThat(files(0, 0).shareOf(files(0, 20))).isEqualTo(new FileSketch.Share(20, 0));
        assertThat(files(0, 20).shareOf(files(0, 0)).percent()).isZero();
    }

    @Test
    void aFileOfAnotherSizeIsAnotherOne() {
        List<Integer> hashes = List.of(
                FileSketch.hash("bin/busybox", 1),
                FileSketch.hash("bin/busybox", 2),
                FileSketch.hash("bin/busybox", 1L << 32),
                FileSketch.hash("bin/busybox1", 0),
                FileSketch.hash("bin/busybo", 1));
        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void hashesStayWhatTheyAreSinceTheyAreKept() {
        assertThat(FileSketch.of(IntStream.of(FileSketch.hash("bin/busybox", 1_131_168))))
                .hasToString("1:2780f5e9");
    }

    @Test
    void ofAnyNumberOfHashesTheSmallestAreKeptAndEachIsCountedOnce() {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        for (int size : new int[] {0, 1, 127, 128, 129, 2047, 2048, 2049, 20_000}) {
            // Half of them are there several times.
            int[] hashes = IntStream.generate(() -> random.nextBoolean() ? random.nextInt() : random.nextInt(64) - 32)
                    .limit(size)
                    .toArray();
            List<Integer> ordered = IntStream.of(hashes)
                    .boxed()
                    .distinct()
                    .sorted(Integer::compareUnsigned)
                    .toList();
            FileSketch sketch = FileSketch.of(IntStream.of(hashes));
            assertThat(sketch.count()).as("seed %s, %s", seed, size).isEqualTo(ordered.size());
            assertThat(sketch.marks(1000).boxed().toList())
                    .as("seed %s, %s", seed, size)
                    .isEqualTo(ordered.subList(0, Math.min(ordered.size(), 128)));
        }
    }

    @Test
    void isWrittenInHalfAKilobyteAndReadAgain() {
        assertThat(files(0, 100_000).toString()).hasSizeLessThan(1100);
        for (FileSketch sketch : List.of(files(0, 0), files(0, 5), files(0, 5000))) {
            assertThat(FileSketch.parse(sketch.toString())).isEqualTo(sketch);
        }
        for (String broken :
                List.of("", "1", "x:00", "-1:", "2:00000001", "2:0000000200000001", "1:0000", "1:00000001ff")) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> FileSketch.parse(broken))
                    .withMessageContaining("no sketch of files");
        }
    }
}
