package io.basewatch.reportapi.access;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** So many a minute of each, who may also be ahead by one minute's. Of very many the one not seen for longest is forgotten, and begins anew. Thread-safe. */
final class Buckets {

    private static final int MOST = 10_000;
    private static final double MINUTE = Duration.ofMinutes(1).toNanos();

    private final int perMinute;
    private final LongSupplier nanos;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MOST;
        }
    };

    private static final class Bucket {
        private double left;
        private long at;
    }

    Buckets(int perMinute, LongSupplier nanos) {
        this.perMinute = perMinute;
        this.nanos = nanos;
    }

    /**
     * Takes one.
     *
     * @return how long to wait until there is one again; zero when there was
     */
    synchronized Duration take(String whose) {
        if (perMinute == 0) {
            return Duration.ZERO;
        }
        long now = nanos.getAsLong();
        Bucket bucket = buckets.get(whose);
        if (bucket == null) {
            bucket = new Bucket();
            bucket.left = perMinute;
            bucket.at = now;
            buckets.put(whose, bucket);
        }
        bucket.left = Math.min(perMinute, bucket.left + (now - bucket.at) * perMinute / MINUTE);
        bucket.at = now;
        if (bucket.left >= 1) {
            bucket.left--;
            return Duration.ZERO;
        }
        return Duration.ofNanos((long) Math.ceil((1 - bucket.left) * MINUTE / perMinute));
    }
}
