package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageInputsTest {

    @Test
    void keepsWhatTellsHowTheImageRunsAndMasksSecrets() {
        ImageInputs inputs = new ImageInputs(
                List.of("/bin/app", "--password=secret"),
                List.of("serve", "--token", "secret", "--port", "80"),
                List.of(
                        "PATH=/bin",
                        "DB_PASSWORD=secret",
                        "REDIS_VERSION=7.2.4",
                        "API_VERSION=secret key",
                        "LD_PRELOAD=/usr/lib/preloadable_libiconv.so",
                        "LC_ALL=de_DE.UTF-8",
                        "NODE_AUTH_TOKEN=secret",
                        "HOME=/root",
                        "PATH=/opt/bin"),
                Map.of(
                        "name",
                        "ubi9",
                        "com.example.token",
                        "secret",
                        "org.opencontainers.image.base.name",
                        "alpine:3.20"),
                "app",
                "/srv",
                List.of("8080/tcp", "53/udp"),
                List.of(
                        new ImageInputs.Step(null, "RUN curl https://bob:secret@example.com", false),
                        new ImageInputs.Step(null, "CMD [\"app\"]", true)),
                Map.of("org.opencontainers.image.base.digest", "sha256:1"),
                Platform.parse("linux/arm64"),
                List.of(new ImageInputs.Material("docker.io/library/alpine:3.20", null)));
        assertThat(inputs.kept())
                .isEqualTo(new ImageInputs(
                        List.of("/bin/app", "--password=***"),
                        List.of("serve", "--token", "***", "--port", "80"),
                        List.of(
                                "LC_ALL=de_DE.UTF-8",
                                "LD_PRELOAD=/usr/lib/preloadable_libiconv.so",
                                "NODE_AUTH_TOKEN=***",
                                "PATH=/opt/bin",
                                "REDIS_VERSION=7.2.4"),
                        Map.of(
                                "name",
                                "ubi9",
                                "com.example.token",
                                "***",
                                "org.opencontainers.image.base.name",
                                "alpine:3.20"),
                        "app",
                        "/srv",
                        List.of("53/udp", "8080/tcp"),
                        List.of(
                                new ImageInputs.Step(null, "RUN curl https://***@example.com", false),
                                new ImageInputs.Step(null, "CMD [\"app\"]", true)),
                        Map.of("org.opencontainers.image.base.digest", "sha256:1"),
                        Platform.parse("linux/arm64"),
                        List.of(new ImageInputs.Material("docker.io/library/alpine:3.20", null))));
        assertThat(inputs.kept().kept()).isEqualTo(inputs.kept());
        assertThat(ModelJson.read(ModelJson.write(inputs.kept()), ImageInputs.class))
                .isEqualTo(inputs.kept());
    }

    @Test
    void isBounded() {
        String huge = "x".repeat(100_000);
        ImageInputs inputs = new ImageInputs(
                List.of(huge), List.of(huge), List.of("PATH=" + huge, "A_VERSION=1" + huge), Map.of("name", huge));
        assertThat(inputs.kept()).isEqualTo(ImageInputs.NONE);
        ImageInputs many = new ImageInputs(
                Collections.nCopies(100_000, "word"),
                List.of(),
                List.of(),
                Map.of(),
                huge,
                huge,
                Collections.nCopies(1_000, "80/tcp"),
                Collections.nCopies(100_000, new ImageInputs.Step(null, "RUN " + "y".repeat(1_000), false)),
                Map.of(),
                null,
                Collections.nCopies(10_000, new ImageInputs.Material("a:1", null)));
        assertThat(ModelJson.write(many.kept())).hasSizeLessThan(200_000);
    }
}
