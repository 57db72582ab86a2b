package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.ociregistry.NamePatterns;
import io.basewatch.ociregistry.Registry;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.registrytestkit.LocalRegistry;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RegistryTrialTest {

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private static RegistryEntry entry(
            URI url, @Nullable String password, @Nullable NamePatterns repositories, @Nullable List<String> immutable) {
        return RegistryEntry.at(url)
                .credentials(password == null ? null : "robot", password)
                .requestsPerSecond(50)
                .repositories(repositories)
                .immutableTags(immutable == null ? new String[0] : immutable.toArray(String[]::new))
                .build();
    }

    private static RegistryTrial trial(RegistryEntry entry) {
        try (Registry registry = Registry.connect(entry.settings())) {
            return RegistryTrial.of(registry, entry);
        }
    }

    private static void push(LocalRegistry registry, String repository, String tag) {
        byte[] config = "{\"os\":\"linux\",\"architecture\":\"amd64\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}"
                .getBytes(StandardCharsets.UTF_8);
        Digest digest = registry.pushBlob(config);
        registry.push(
                repository,
                tag,
                MANIFEST,
                ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST
                                + "\",\"config\":{\"mediaType\":\"application/vnd.oci.image.config.v1+json\",\"digest\":\""
                                + digest + "\",\"size\":" + config.length + "},\"layers\":[]}")
                        .getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void saysWhatWorksAndWhatASweepCosts() throws Exception {
        try (LocalRegistry registry = LocalRegistry.start()) {
            for (int n = 0; n < 40; n++) {
                push(registry, "team/app" + n, "1");
                push(registry, "team/app" + n, "v2");
            }
            RegistryTrial trial = trial(entry(registry.url(), null, null, null));
            assertThat(trial.works()).isTrue();
            assertThat(trial.lines())
                    .contains(
                            registry.host(),
                            "  ok: it is there and lets us in",
                            "  ok: repositories: 40, of which 40 are watched",
                            "  ok: tags: 40 in 20 of these repositories, of which 40 are watched; none is listed with"
                                    + " its digest")
                    .anyMatch(
                            line -> line.startsWith(
                                    "  cost: a sweep in which nothing changed takes about 121 requests:"
                                            + " 1 for repositories, 40 for tags, 80 to ask where a tag leads; 2 s or more at 50"));
            assertThat(registry.traffic().blobFetches())
                    .as("a config, no layer")
                    .hasSize(1);
            assertThat(trial(entry(registry.url(), null, null, List.of("v*"))).lines())
                    .anyMatch(line -> line.contains("about 81 requests"));
            assertThat(trial(RegistryEntry.at(registry.url())
                                    .platforms("linux/arm64")
                                    .build())
                            .lines())
                    .anyMatch(line -> line.endsWith("can be read: 0 images; left out by platforms: 1"));
            NamePatterns one = new NamePatterns(List.of("team/app7"), null);
            assertThat(trial(entry(registry.url(), null, one, null)).lines())
                    .contains("  ok: repositories: 1, of which 1 is watched");
            RegistryTrial nothing =
                    trial(entry(registry.url(), null, new NamePatterns(List.of("other/**"), null), null));
            assertThat(nothing.works()).isFalse();
            assertThat(nothing.lines()).anyMatch(line -> line.startsWith("  missing: nothing is watched"));
        }
    }

    @Test
    void saysWhatIsMissingInWordsAndNoSecret() throws Exception {
        try (LocalRegistry registry =
                LocalRegistry.builder().basicAuth("robot", "right").start()) {
            push(registry, "team/app", "1");
            RegistryTrial nobody = trial(entry(registry.url(), null, null, null));
            assertThat(nobody.works()).isFalse();
            assertThat(nobody.lines())
                    .anyMatch(line -> line.startsWith("  missing: it does not let us in"))
                    .anyMatch(line -> line.endsWith("none is given here"));
            RegistryTrial wrong = trial(entry(registry.url(), "wrong-s3cret", null, null));
            assertThat(wrong.works()).isFalse();
            assertThat(wrong.lines()).noneMatch(line -> line.contains("wrong-s3cret"));
            assertThat(trial(entry(registry.url(), "right", null, null)).works())
                    .isTrue();
            registry.faults().refuse("/manifests/", 100, 404);
            RegistryTrial unreadable = trial(entry(registry.url(), "right", null, null));
            assertThat(unreadable.works()).isFalse();
            assertThat(unreadable.lines()).contains("  missing: team/app:1 is listed and not there");
        }
    }
}
