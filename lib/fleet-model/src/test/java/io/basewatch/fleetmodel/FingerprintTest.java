package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class FingerprintTest {

    private static final PackageSketch SKETCH = PackageSketch.of(1, 2, 3);

    private static Fingerprint with(PackageDatabase... databases) {
        return new Fingerprint(null, List.of(Libc.unknown()), List.of(databases), List.of(), List.of());
    }

    @Test
    void theSketchOfAnImageIsThatOfItsFirstDatabaseAndNeverOfAnother() {
        PackageDatabase whole = new PackageDatabase("apk", 3, List.of(), SKETCH);
        PackageDatabase partly = new PackageDatabase("dpkg", null, List.of());

        assertThat(with(whole, partly).packageSketch()).isEqualTo(SKETCH);
        assertThat(with(partly, whole).packageSketch())
                .as("what stands in a second one is not what the image is made of")
                .isNull();
        assertThat(with().packageSketch()).isNull();
    }
}
