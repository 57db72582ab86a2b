package io.basewatch.ociregistry;

import java.net.URI;
import java.time.Duration;

/** Settings that do not make a test wait, and that wait for what a machine that stands still for a while has not done yet. */
final class TestSettings {

    /** Only what hangs needs as long. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    private TestSettings() {}

    static RegistrySettings of(URI url) {
        return RegistrySettings.of(url)
                .withTimeouts(PATIENCE, PATIENCE)
                .withBudget(10_000, 16)
                .withRetries(4, Duration.ofMillis(2), Duration.ofSeconds(3));
    }
}
