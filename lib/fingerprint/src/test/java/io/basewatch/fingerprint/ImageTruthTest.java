package io.basewatch.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.layerfacts.Corpus;
import io.basewatch.layerfacts.Expected;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import io.basewatch.layerfacts.Scores;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

/** Distribution, release and packages of every image of the corpus, through all detectors, against what is known of it. */
@ExtendWith(Scores.class)
class ImageTruthTest {

    private static final LayerReader READER = new LayerReader(LayerLimits.defaults(), Kinds.all());

    private final Map<String, LayerFacts> facts = new HashMap<>();

    @Test
    void findsDistributionAndPackagesOfEveryImage() throws Exception {
        List<String> wrong = new ArrayList<>();
        Map<String, String> variants = new HashMap<>();
        Set<String> contradicted = new TreeSet<>();
        int distros = 0;
        int packages = 0;
        int all = 0;
        for (JsonNode image : Corpus.json("truth.json").get("images")) {
            all++;
            List<LayerFacts> layers = layers(image);
            Fingerprinter.Result result = Fingerprinter.fingerprint(layers, ImageInputs.NONE);
            String distro = distro(result.fingerprint());
            Distro found = result.fingerprint().distro();
            if (found != null && found.variant() != null) {
                variants.put(image.get("repo").asString(), found.variant());
            }
            result.fingerprint().contradictions().stream()
                    .filter(each -> Set.of("distro", "packages").contains(each.about()))
                    .forEach(each -> contradicted.add(image.get("repo").asString() + " " + each.about()));
            String name = image.get("repo").asString() + image.get("tags") + image.get("platform");
            if (distro.equals(wantedDistro(image))) {
                distros++;
            } else {
                wrong.add(name + ": wanted " + wantedDistro(image) + ", found " + distro);
            }
            if (packages(result.fingerprint()).equals(wantedPackages(image))) {
                packages++;
            } else {
                wrong.add(name + ": wanted " + wantedPackages(image) + ", found " + packages(result.fingerprint()));
            }
        }
        assertThat(variants)
                .containsEntry("library/debian", "slim")
                .containsEntry("distroless/static", "distroless")
                .containsEntry("wolfi/glibc-base", "rolling")
                .doesNotContainKeys("partial/amazonlinux", "partial/sles-bci", "openwrt/rootfs", "fs/zstd-layers");
        assertThat(contradicted)
                .as("images whose files contradict each other, and no others")
                .containsExactlyInAnyOrder("fs/opaque-apkdb packages", "fs/delete-and-recreate distro");
        Scores.tell("images: distribution", distros, all);
        Scores.tell("images: packages", packages, all);
        assertThat(wrong).isEmpty();
        assertThat(all).isGreaterThan(60);
    }

    private static String distro(Fingerprint fingerprint) {
        Distro distro = fingerprint.distro();
        if (distro == null) {
            return "none";
        }
        assertThat(distro.evidence()).isNotEmpty().allSatisfy(evidence -> {
            assertThat(evidence.layer()).isNotNull();
            assertThat(evidence.detector()).isNotBlank();
        });
        return distro.id() + " " + distro.version();
    }

    private static String wantedDistro(JsonNode image) {
        String repository = image.get("repo").asString();
        if (repository.equals("fs/whiteout-osrelease")) {
            // Repositories and issue say 3.20; the point release is what the base layer says in the file that a higher
            // layer deleted.
            return "alpine 3.20.3";
        }
        JsonNode distro = image.get("truth").get("expected_distro");
        if (!distro.isNull()) {
            return distro.get("id").asString() + " " + distro.get("version").asString();
        }
        // No file names a distribution in these; the program they consist of has a banner.
        if (repository.equals("library/busybox")) {
            return "busybox 1.38.0";
        }
        return switch (repository) {
            case "real/dive-test" -> "busybox 1.29.3";
            case "real/jib-busybox-docker" -> "busybox 1.31.0";
            default -> "none";
        };
    }

    private static List<String> packages(Fingerprint fingerprint) {
        return fingerprint.packages().stream().map(ImageTruthTest::text).toList();
    }

    private static String text(PackageDatabase database) {
        return database.manager() + " " + database.count();
    }

    private static List<String> wantedPackages(JsonNode image) {
        if (image.get("repo").asString().equals("fs/opaque-apkdb")) {
            return List.of("apk null");
        }
        List<String> wanted = new ArrayList<>();
        image.get("truth").get("package_managers").forEach(manager -> {
            String type = manager.get("type").asString().replace("dpkg-status.d", "dpkg");
            wanted.add(type + " " + manager.get("count").asInt());
        });
        return wanted;
    }

    private List<LayerFacts> layers(JsonNode image) throws Exception {
        List<LayerFacts> layers = new ArrayList<>();
        for (JsonNode layer : image.get("layers")) {
            String digest = layer.get("digest").asString();
            String hex = digest.substring(digest.indexOf(':') + 1);
            if (!facts.containsKey(digest)) {
                Expected expected = new Expected(
                        Digest.parse(digest),
                        layer.get("size").asLong(),
                        null,
                        layer.get("mediaType").asString());
                try (InputStream blob = Files.newInputStream(Corpus.path(
                        "registry/docker/registry/v2/blobs/sha256/" + hex.substring(0, 2) + "/" + hex + "/data"))) {
                    facts.put(
                            digest,
                            LayerFacts.decode(READER.read(blob, expected).encode()));
                }
            }
            layers.add(Objects.requireNonNull(facts.get(digest)));
        }
        return layers;
    }
}
