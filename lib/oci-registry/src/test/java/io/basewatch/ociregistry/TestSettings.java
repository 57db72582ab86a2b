package io.basewatch.ociregistry;

import java.net.URI;
import java.time.Duration;

/** Settings that do not make a test wait. */
final class TestSettings {

    private TestSettings() {}

    static RegistrySettings of(URI url) {
        return RegistrySettings.of(url)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10))
                .withBudget(10_000, 16)
                .withRetries(4, Duration.ofMillis(2), Duration.ofSeconds(3));
    }
}
