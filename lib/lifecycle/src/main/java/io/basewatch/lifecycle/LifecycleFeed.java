package io.basewatch.lifecycle;

import io.basewatch.lifecycle.DatasetRefused.Why;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dates in force: those of this build, until another dataset was taken from where the settings say. Whatever is wrong with what lies there is told and
 * counted, and what is in force stays so. What is in force has always passed the present settings, over restarts too. Thread-safe.
 */
public final class LifecycleFeed implements CurrentLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(LifecycleFeed.class);

    private static final int MAX_SIGNATURE = 4096;

    /** How things stand with the source. */
    public enum Phase {
        /** No source is configured: the dates are this build's. */
        BUNDLED,
        /** It was not looked at yet. */
        WAITING,
        /** What lies there is in force. */
        CURRENT,
        /** What lies there was refused, or it could not be had: what was in force before is so still. */
        REFUSED;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * @param at when it was last refused for this
     * @param message for people, with what to do
     */
    public record Refusal(Instant at, Why why, String message) {}

    /**
     * @param source of what is in force: {@code bundled}, a file, or a URL without its query
     * @param configured the source that is looked at; null when there is none
     * @param takenAt when what is in force came into force; null for the bundled one
     * @param checkedAt when the source was last found to hold what is in force; null when it was not
     * @param lastRefusal null when nothing was refused since the start
     */
    public record State(
            Phase phase,
            String source,
            @Nullable String configured,
            @Nullable Instant takenAt,
            @Nullable Instant checkedAt,
            @Nullable Refusal lastRefusal) {}

    private record InForce(
            Lifecycle lifecycle, String source, @Nullable Instant takenAt, Download.Version version) {}

    private static final String BUNDLED = "bundled";

    private final @Nullable FeedSettings settings;
    private final @Nullable Download download;
    private final Clock clock;
    private final Map<Why, Long> refusals = Collections.synchronizedMap(new EnumMap<>(Why.class));
    private volatile InForce inForce = new InForce(Lifecycle.bundled(), BUNDLED, null, Download.Version.NONE);
    private volatile Phase phase;
    private volatile @Nullable Instant checkedAt;
    private volatile @Nullable Refusal lastRefusal;

    /**
     * Begins with the last one that was kept, if it passes the settings.
     *
     * @param settings null for the bundled dates alone
     */
    public LifecycleFeed(@Nullable FeedSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.phase = settings == null ? Phase.BUNDLED : Phase.WAITING;
        this.download = settings == null || settings.url() == null ? null : new Download(settings.timeout());
        if (settings != null && settings.folder() != null) {
            recall(settings, settings.folder());
        }
    }

    @Override
    public Lifecycle get() {
        return inForce.lifecycle();
    }

    public State state() {
        InForce now = inForce;
        return new State(
                phase, now.source(), settings == null ? null : settings.shown(), now.takenAt(), checkedAt, lastRefusal);
    }

    /** How often something was refused since the start. */
    public long refusals(Why why) {
        return refusals.getOrDefault(why, 0L);
    }

    /** Looks at the source, and takes what lies there if it is to be believed. Whether there was nothing to refuse. */
    public synchronized boolean refresh() throws InterruptedException {
        if (settings == null) {
            return true;
        }
        try {
            KeptDataset offered = offered(settings);
            if (offered != null) {
                take(settings, offered);
            }
            phase = Phase.CURRENT;
            checkedAt = clock.instant();
            return true;
        } catch (DatasetRefused e) {
            refused(settings, e);
            return false;
        }
    }

    private void refused(FeedSettings from, DatasetRefused e) {
        refusals.merge(e.why(), 1L, Long::sum);
        Refusal before = lastRefusal;
        String message = "dataset of " + from.shown() + " refused: " + e.getMessage();
        if (phase != Phase.REFUSED || before == null || !before.message().equals(message)) {
            LOG.warn(
                    "{}; in force stays that of {} ({})",
                    message,
                    inForce.lifecycle().generated(),
                    inForce.source());
        }
        lastRefusal = new Refusal(clock.instant(), e.why(), message);
        phase = Phase.REFUSED;
    }

    /** Null when the source says that it has what is in force. */
    private @Nullable KeptDataset offered(FeedSettings from) throws DatasetRefused, InterruptedException {
        if (from.url() == null || download == null) {
            byte[] dataset = read(from.file(), DatasetCheck.MAX_BYTES);
            return new KeptDataset(
                    from.shown(),
                    dataset,
                    from.key() == null ? null : read(signatureFile(from), MAX_SIGNATURE),
                    Download.Version.NONE,
                    clock.instant());
        }
        Download.Fetched fetched = download.get(from.url(), inForce.version(), DatasetCheck.MAX_BYTES);
        if (fetched == null) {
            return null;
        }
        byte[] signature = null;
        if (from.key() != null) {
            Download.Fetched signed;
            try {
                signed = download.get(signatureUrl(from, from.url()), Download.Version.NONE, MAX_SIGNATURE);
            } catch (DatasetRefused e) {
                throw new DatasetRefused(e.why(), "its signature: " + e.getMessage());
            }
            signature = signed == null ? new byte[0] : signed.bytes();
        }
        return new KeptDataset(from.shown(), fetched.bytes(), signature, fetched.version(), clock.instant());
    }

    private static URI signatureUrl(FeedSettings from, URI dataset) {
        if (from.signature() != null) {
            return URI.create(from.signature());
        }
        String query = dataset.getRawQuery() == null ? "" : "?" + dataset.getRawQuery();
        return URI.create(
                dataset.getScheme() + "://" + dataset.getRawAuthority() + dataset.getRawPath() + ".sig" + query);
    }

    private static Path signatureFile(FeedSettings from) {
        return Path.of(from.signature() != null ? from.signature() : from.file() + ".sig");
    }

    private static byte[] read(@Nullable Path file, int max) throws DatasetRefused {
        if (file == null) {
            throw new DatasetRefused(Why.UNREADABLE, "no file is named");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(max + 1);
            if (bytes.length > max) {
                throw new DatasetRefused(Why.TOO_LARGE, file + " has more than " + max + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw new DatasetRefused(
                    Why.UNREADABLE,
                    file + " cannot be read (" + e.getClass().getSimpleName() + "): see that it is there and readable");
        }
    }

    private void take(FeedSettings from, KeptDataset offered) throws DatasetRefused {
        InForce before = inForce;
        verify(from, offered.dataset(), offered.signature());
        if (Arrays.equals(offered.dataset(), before.lifecycle().json())) {
            Instant since = before.takenAt() == null ? clock.instant() : before.takenAt();
            inForce = new InForce(before.lifecycle(), from.shown(), since, offered.version());
            return;
        }
        Lifecycle taken = believed(from, offered.dataset(), before.lifecycle());
        inForce = new InForce(taken, offered.source(), offered.takenAt(), offered.version());
        LOG.info("lifecycle dataset of {} taken from {} ({})", taken.generated(), from.shown(), taken.digest());
        if (from.folder() != null) {
            try {
                offered.write(from.folder());
            } catch (IOException e) {
                LOG.warn("lifecycle dataset is in force, but cannot be kept in {}: {}", from.folder(), e.toString());
            }
        }
    }

    /** Whether it is what the settings name, whatever it says. */
    private static void verify(FeedSettings from, byte[] dataset, byte @Nullable [] signature) throws DatasetRefused {
        String digest = sha256(dataset);
        if (from.sha256() != null && !digest.equals(from.sha256())) {
            throw new DatasetRefused(
                    Why.DIGEST,
                    "its digest is sha256:" + digest + ", and basewatch.lifecycle.sha256 is " + from.sha256()
                            + ": give the new digest if it was changed on purpose");
        }
        if (from.key() != null && (signature == null || !Signatures.isOf(from.key(), dataset, signature))) {
            throw new DatasetRefused(
                    Why.SIGNATURE, "it is not signed by the key of basewatch.lifecycle.public-key: sign it anew");
        }
    }

    private Lifecycle believed(FeedSettings from, byte[] dataset, Lifecycle before) throws DatasetRefused {
        Lifecycle read = DatasetCheck.check(dataset, before, LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC));
        if (from.sha256() == null && from.key() != null && read.generated().isBefore(before.generated())) {
            throw new DatasetRefused(
                    Why.AGE,
                    "it was put together on " + read.generated() + ", before the one in force (" + before.generated()
                            + "): an old signature is no reason to go back; pin it by basewatch.lifecycle.sha256 if it is meant");
        }
        return read;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private void recall(FeedSettings from, Path folder) {
        try {
            KeptDataset kept = KeptDataset.read(folder);
            if (kept == null || !kept.source().equals(from.shown())) {
                return;
            }
            verify(from, kept.dataset(), kept.signature());
            Lifecycle read = believed(from, kept.dataset(), Lifecycle.bundled());
            inForce = new InForce(read, kept.source(), kept.takenAt(), kept.version());
        } catch (DatasetRefused e) {
            refused(from, new DatasetRefused(e.why(), "the one kept from before: " + e.getMessage()));
        } catch (IOException e) {
            LOG.warn("lifecycle dataset kept in {} is not used: {}", folder, e.getMessage());
        }
    }
}
