package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PackageSketchTest {

    private static PackageSketch numbered(int from, int to) {
        return PackageSketch.of(IntStream.range(from, to)
                .map(n -> PackageSketch.hash("package" + n, "1." + n))
                .toArray());
    }

    private static PackageSketch sketch(Set<Integer> hashes) {
        return PackageSketch.of(hashes.stream().mapToInt(Integer::intValue).toArray());
    }

    @Test
    void ofSmallListsItIsTheWholeList() {
        PackageSketch base = numbered(0, 15);
        assertThat(numbered(0, 100).holds(base)).isEqualTo(15);
        assertThat(base.holds(base)).isEqualTo(15);
        assertThat(base.holds(numbered(0, 100))).isZero();
        assertThat(numbered(1, 100).holds(base)).as("one is missing").isZero();
        PackageSketch other = PackageSketch.of(PackageSketch.hash("package1", "1.1"), PackageSketch.hash("musl", "1"));
        assertThat(numbered(0, 100).holds(other)).as("another version").isZero();
    }

    @Test
    void ofLargeListsItIsASampleThatNeverMissesWhatIsThere() {
        Random random = new Random(7);
        for (int round = 0; round < 200; round++) {
            int all = 1 + random.nextInt(3000);
            Set<Integer> image = new HashSet<>();
            Set<Integer> base = new HashSet<>();
            for (int n = 0; n < all; n++) {
                int hash = random.nextInt();
                image.add(hash);
                if (random.nextInt(3) == 0) {
                    base.add(hash);
                }
            }
            PackageSketch whole = sketch(image);
            if (base.size() > 100) {
                assertThat(whole.holds(sketch(base))).isPositive();
            }
            assertThat(PackageSketch.parse(whole.toString())).isEqualTo(whole);
        }
        assertThat(numbered(0, 3000).holds(numbered(2500, 3500))).isZero();
    }

    @Test
    void whatIsNoSketchIsRefused() {
        for (String text :
                new String[] {"", "1", "1:", "2:0000000200000001", "3:0000000000000001", "1:00000000ff", "x:"}) {
            assertThatThrownBy(() -> PackageSketch.parse(text)).as(text).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
