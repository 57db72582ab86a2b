package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageAnalysis.Chain;
import io.basewatch.fleetmodel.ImageAnalysis.Layer;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ImageAnalysisTest {

    private static Digest digest(String digit) {
        return Digest.parse("sha256:" + digit.repeat(64));
    }

    private static Layer layer(Digest diffId, boolean claimed) {
        return new Layer(
                digest("0"),
                claimed ? null : diffId,
                claimed ? diffId : null,
                "application/vnd.oci.image.layer.v1.tar+gzip",
                1,
                null,
                null);
    }

    private static ImageAnalysis image(Layer... layers) {
        return new ImageAnalysis(
                digest("9"),
                null,
                AnalysisStatus.COMPLETE,
                List.of(),
                Fingerprint.unknown(),
                List.of(layers),
                null,
                "1",
                Instant.EPOCH);
    }

    /** The values are those of {@code sha256sum} over the texts of the OCI image-spec. */
    @Test
    void chainsStandForTheLowestLayersAndTellWhichAreClaimed() {
        Chain one = new Chain(digest("a"), false);
        assertThat(image(layer(digest("a"), false), layer(digest("b"), true), layer(digest("c"), false))
                        .chains())
                .containsExactly(
                        one,
                        new Chain(
                                Digest.parse("sha256:ccd722928bd92476ba1745586fed6e45a102504185ad88cd89e01ff116fd146c"),
                                true),
                        new Chain(
                                Digest.parse("sha256:c1377126441fb2f5ec2c21ae2a60255331d639e830f0ee1b40a36e52d4c40588"),
                                true));
        assertThat(image(layer(digest("a"), false), layer(null, false), layer(digest("c"), false))
                        .chains())
                .containsExactly(one);
        assertThat(image().chains()).isEmpty();
    }

    @Test
    void anAnalysisOfAnOlderVersionHasNoClaims() {
        String json = ModelJson.write(image(layer(digest("a"), false)));
        assertThat(json).doesNotContain("claimedDiffId");
        assertThat(ModelJson.read(json, ImageAnalysis.class)).isEqualTo(image(layer(digest("a"), false)));
        assertThat(ModelJson.read(ModelJson.write(image(layer(digest("a"), true))), ImageAnalysis.class))
                .isEqualTo(image(layer(digest("a"), true)));
    }
}
