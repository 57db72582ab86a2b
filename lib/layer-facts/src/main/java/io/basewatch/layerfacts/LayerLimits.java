package io.basewatch.layerfacts;

import java.time.Duration;

/**
 * The hard caps of reading one layer. A layer is hostile input: past a cap the reading stops with
 * {@link io.basewatch.fleetmodel.Reason.Code#LIMIT_EXCEEDED} (past the time with {@code TIMEOUT}) and what is known so far.
 *
 * @param maxBytesOut uncompressed bytes, and at the same time the most stored bytes of a layer whose size is not promised
 * @param maxRatio uncompressed to stored bytes; looked at only after {@value #RATIO_GRACE_BYTES} uncompressed bytes, because a small layer of zeros is
 *     harmless
 * @param maxEntries tar headers, those of whiteouts and of skipped kinds included
 * @param maxPathBytes of one path or link target
 * @param maxDepth components of one path
 * @param maxFileBytes of one file, holes of a sparse file included
 * @param maxTime wall time from the first byte to the last, the network's included
 * @param maxFactsBytes memory that one layer's facts may hold, which is compressed; uncompressed they may be {@value #FACTS_EXPANSION} times as much
 */
public record LayerLimits(
        long maxBytesOut,
        double maxRatio,
        int maxEntries,
        int maxPathBytes,
        int maxDepth,
        long maxFileBytes,
        Duration maxTime,
        long maxFactsBytes) {

    static final long RATIO_GRACE_BYTES = 128L << 20;
    static final int FACTS_EXPANSION = 16;

    /** Room for the largest images seen in the field (layers of tens of GB, half a million files), far from what hurts a heap of 256 MB. */
    public static LayerLimits defaults() {
        return new LayerLimits(64L << 30, 250, 1_000_000, 4096, 512, 32L << 30, Duration.ofMinutes(30), 48L << 20);
    }

    public LayerLimits {
        if (maxBytesOut <= 0
                || !(maxRatio >= 1)
                || maxEntries <= 0
                || maxPathBytes <= 0
                || maxDepth <= 0
                || maxFileBytes <= 0
                || maxFactsBytes <= 0
                || maxTime.isNegative()
                || maxTime.isZero()) {
            throw new IllegalArgumentException("each limit of a layer must be positive, the ratio at least 1");
        }
        if (maxPathBytes > EntryLog.MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "maxPathBytes " + maxPathBytes + " is more than " + EntryLog.MAX_PATH_BYTES);
        }
    }
}
