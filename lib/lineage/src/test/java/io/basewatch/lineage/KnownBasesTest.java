package io.basewatch.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis.Chain;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.KnownBases.Known;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class KnownBasesTest {

    private static final Digest OS = Images.digest("os");

    private static KnownBases read(String json) {
        return KnownBases.read(json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void thoseThatAreCarriedAreReadAndEachIsThereOnce() {
        List<Known> all = KnownBases.bundled().all();
        assertThat(all).hasSizeGreaterThan(20);
        assertThat(all.stream().map(each -> each.reference() + " " + each.platform()))
                .doesNotHaveDuplicates();
        assertThat(all.stream().map(each -> each.chain() + " " + each.platform()))
                .doesNotHaveDuplicates();
        assertThat(all).extracting(Known::reference).contains("docker.io/library/debian:bookworm-20241202-slim");
    }

    @Test
    void alpineIsRecognisedByTheLayersThatRealImagesHave() throws IOException {
        Path truth = Path.of(System.getProperty("basewatch.corpus", "missing")).resolve("truth.json");
        assumeTrue(Files.exists(truth), () -> "no corpus of images at " + truth);
        int seen = 0;
        for (JsonNode image : JsonMapper.shared().readTree(truth.toFile()).get("images")) {
            if (image.path("expected_base_image").path("repo").asString("").equals("library/alpine")) {
                seen++;
                Chain lowest =
                        new Chain(Digest.parse(image.get("diff_ids").get(0).asString()), false);
                assertThat(KnownBases.bundled().find(List.of(lowest), 2, Images.AMD64))
                        .as(image.get("repo").asString())
                        .hasValueSatisfying(found -> {
                            assertThat(found.isProven()).isTrue();
                            assertThat(found.known().reference())
                                    .isEqualTo("alpine:"
                                            + image.at("/expected_base_image/tags/0")
                                                    .asString());
                        });
            }
        }
        assertThat(seen).isGreaterThan(10);
    }

    @Test
    void theNearestOfTheSamePlatformIsFoundAndAnImageIsNotItsOwnBase() {
        KnownBases known = KnownBases.of(List.of(
                new Known(OS, 1, Images.AMD64, "os:2", null, null),
                new Known(OS, 1, Images.AMD64, "os:1", null, null),
                new Known(OS, 1, Images.ARM64, "os:arm", null, null),
                new Known(Images.chain("os", "lib"), 2, Images.AMD64, "lib:1", null, null)));
        List<Chain> chains = List.of(new Chain(OS, false), new Chain(Images.chain("os", "lib"), true));
        assertThat(known.find(chains, 3, Images.AMD64).orElseThrow().known().reference())
                .isEqualTo("lib:1");
        assertThat(known.find(chains, 3, Images.AMD64).orElseThrow().isProven()).isFalse();
        assertThat(known.find(chains, 2, Images.AMD64).orElseThrow().known().reference())
                .isEqualTo("os:1");
        assertThat(known.find(chains, 3, Platform.parse("linux/arm64/v8"))
                        .orElseThrow()
                        .known()
                        .reference())
                .isEqualTo("os:arm");
        assertThat(known.find(chains, 3, null)).isEmpty();
        assertThat(known.find(List.of(), 0, Images.AMD64)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{ | is not JSON",
                "{'schema':2,'bases':[]} | has schema '2', this Basewatch reads 1",
                "{'bases':[]} | has schema",
                "{'schema':1,'bases':[{}]} | base 0: field 'chain' is missing",
                "{'schema':1,'bases':[{'chain':'sha256:12'}]} | base 0: digest 'sha256:12'",
                "{'schema':1,'bases':[{'chain':'sha256:0000000000000000000000000000000000000000000000000000000000000000','platform':'linux/amd64',"
                        + "'reference':'os:1','layers':1,'files':'3:00'}]} | base 0: '3:00…' is no sketch of files",
                "{'schema':1,'bases':['x']} | base 0: field 'chain' is missing"
            })
    void aFileOfAnotherFormIsRefusedWithWhatIsWrongWithIt(String json, String problem) {
        assertThatThrownBy(() -> read(json))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bases.json")
                .hasMessageContaining(problem);
    }

    @Test
    void aBaseWithoutLayersIsRefused() {
        assertThatThrownBy(() -> read("{'schema':1,'bases':[{'chain':'" + OS
                        + "','platform':'linux/amd64','reference':'os:1','layers':0}]}"))
                .hasMessageContaining("field 'layers' is 0");
    }
}
