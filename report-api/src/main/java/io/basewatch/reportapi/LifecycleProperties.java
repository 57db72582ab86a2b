package io.basewatch.reportapi;

import io.basewatch.lifecycle.FeedSettings;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where another dataset of support dates comes from; without a source the bundled one stays in force.
 *
 * @param source a file, or an https URL; a URL needs {@code sha256} or {@code publicKey}
 * @param sha256 the dataset's digest
 * @param publicKey an Ed25519 key, PEM or base64, that the dataset is signed with
 * @param signature where the signature lies, when it is not beside the dataset as {@code NAME.sig}
 * @param poll about how long between two looks
 * @param timeout of one answer
 * @param folder where the last good one is kept over restarts; empty for nowhere
 */
@ConfigurationProperties("basewatch.lifecycle")
record LifecycleProperties(
        @Nullable String source,
        @Nullable String sha256,
        @Nullable String publicKey,
        @Nullable String signature,
        @DefaultValue("6h") Duration poll,
        @DefaultValue("30s") Duration timeout,
        @Nullable String folder) {

    /** Null without a source. */
    @Nullable
    FeedSettings settings() {
        if (source == null || source.isBlank()) {
            return null;
        }
        return FeedSettings.of(
                source,
                sha256,
                publicKey,
                signature,
                poll,
                timeout,
                folder == null || folder.isBlank() ? null : Path.of(folder));
    }
}
