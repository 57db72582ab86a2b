package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ImageHintsTest {

    @Test
    void keepsWhatDetectorsUseAndNothingThatIsNoOnesBusiness() {
        ImageHints hints = new ImageHints(
                List.of("/bin/app", "--password=secret"),
                List.of("serve", "--token", "secret"),
                List.of(
                        "PATH=/bin",
                        "DB_PASSWORD=secret",
                        "REDIS_VERSION=7.2.4",
                        "API_VERSION=secret key",
                        "PATH=/opt/bin"),
                Map.of(
                        "name",
                        "ubi9",
                        "com.example.owner",
                        "secret",
                        "org.opencontainers.image.base.name",
                        "alpine:3.20"));
        assertThat(hints.kept())
                .isEqualTo(new ImageHints(
                        List.of("/bin/app"),
                        List.of("serve"),
                        List.of("PATH=/opt/bin", "REDIS_VERSION=7.2.4"),
                        Map.of("name", "ubi9", "org.opencontainers.image.base.name", "alpine:3.20")));
        assertThat(hints.kept().kept()).isEqualTo(hints.kept());
    }

    @Test
    void isBounded() {
        String huge = "x".repeat(100_000);
        ImageHints hints = new ImageHints(
                List.of(huge), List.of(huge), List.of("PATH=" + huge, "A_VERSION=1" + huge), Map.of("name", huge));
        assertThat(hints.kept()).isEqualTo(ImageHints.NONE);
    }
}
