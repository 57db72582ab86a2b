package io.basewatch.fleetmodel;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a tag of a registry. References and digests only; {@link ImageEventCodec} has the wire form.
 *
 * <p>Events of one tag are ordered by {@link #revision()}: a consumer that has seen a newer one ignores the older.
 */
public sealed interface ImageEvent {

    Repository repository();

    String tag();

    /** Grows with each change of the tag, across restarts of the watcher. A change that is told again because nobody knows whether it was heard has a newer one. */
    long revision();

    /** When the watcher saw it. */
    Instant time();

    /**
     * The same for the same event, so that a record that comes twice is recognised: made of what happened, registry, repository, tag, revision, digest and platform. A tag that comes
     * back to what it was has a new revision, so that this is never taken for a repeat.
     */
    String id();

    /**
     * A tag leads to this image. An index gives one event for each of its platforms.
     *
     * @param tagDigest what the tag points at: the index, or the image itself
     * @param digest the image's manifest
     * @param platform as the index says; null when only the image's own config knows
     */
    record ImagePushed(
            Repository repository,
            String tag,
            Digest tagDigest,
            Digest digest,
            @Nullable Platform platform,
            long revision,
            Instant time)
            implements ImageEvent {
        @Override
        public String id() {
            return ImageEvent.id("pushed", repository, tag, revision, digest, platform);
        }
    }

    /**
     * A tag points at another digest than before; follows the {@link ImagePushed} of what it leads to now.
     *
     * @param from what it pointed at before
     * @param to what it points at now
     */
    record TagMoved(Repository repository, String tag, Digest from, Digest to, long revision, Instant time)
            implements ImageEvent {
        @Override
        public String id() {
            return ImageEvent.id("moved", repository, tag, revision, to, null);
        }
    }

    /**
     * A tag is gone.
     *
     * @param digest what it pointed at last
     */
    record TagRemoved(Repository repository, String tag, Digest digest, long revision, Instant time)
            implements ImageEvent {
        @Override
        public String id() {
            return ImageEvent.id("removed", repository, tag, revision, digest, null);
        }
    }

    private static String id(
            String kind, Repository repository, String tag, long revision, Digest digest, @Nullable Platform platform) {
        String name = String.join(
                "\n",
                kind,
                repository.toString(),
                tag,
                Long.toString(revision),
                digest.toString(),
                Objects.toString(platform, "-"));
        return UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
