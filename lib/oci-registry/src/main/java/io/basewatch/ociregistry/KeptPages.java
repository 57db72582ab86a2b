package io.basewatch.ociregistry;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Pages of lists that came with an ETag, by which the registry can say that one is still the same instead of sending it again. Each page is asked for by itself, so that what a proof says of
 * one says nothing of the next. A proof is believed for an hour, and none any more once two different pages came with the same. Bounded by bytes, the least used goes first. Thread-safe.
 */
final class KeptPages {

    static final int MAX_BYTES = 8 * 1024 * 1024;

    /** Of one page. */
    static final int MAX_PAGE_BYTES = 512 * 1024;

    static final Duration BELIEVED = Duration.ofHours(1);

    /** What a page takes beside its body. */
    private static final int OVERHEAD = 1_000;

    private static final Pattern STRONG = Pattern.compile("\"[\\x21\\x23-\\x7e]{1,256}\"");
    private static final Pattern ANY = Pattern.compile("(?:W/)?" + STRONG.pattern());

    private final Pattern proof;
    private final LongSupplier nanos;
    private final Map<URI, Kept> pages =
            new LinkedHashMap<>(/* initialCapacity= */ 16, /* loadFactor= */ 0.75f, /* accessOrder= */ true);
    private long bytes;
    private boolean distrusted;

    /** A page with what proves it. */
    record Kept(String etag, ListedPage page, long since) {
        private int bytes() {
            return page.body().length + OVERHEAD;
        }
    }

    /**
     * @param weak whether a weak ETag, which need not change with the page, is a proof here
     */
    KeptPages(boolean weak, LongSupplier nanos) {
        this.proof = weak ? ANY : STRONG;
        this.nanos = nanos;
    }

    /** What came last from there, if that can be proven; null otherwise. */
    synchronized @Nullable Kept proven(URI uri) {
        Kept kept = pages.get(uri);
        return kept == null || nanos.getAsLong() - kept.since() > BELIEVED.toNanos() ? null : kept;
    }

    /**
     * Keeps a page that came just now.
     *
     * @param etag as it came; empty for none
     */
    synchronized void keep(URI uri, String etag, ListedPage page) {
        Kept before = pages.remove(uri);
        if (before != null) {
            bytes -= before.bytes();
            if (before.etag().equals(etag) && !Arrays.equals(before.page().body(), page.body())) {
                distrusted = true;
                pages.clear();
                bytes = 0;
            }
        }
        if (distrusted
                || page.body().length > MAX_PAGE_BYTES
                || !proof.matcher(etag).matches()) {
            return;
        }
        Kept kept = new Kept(etag, page, nanos.getAsLong());
        pages.put(uri, kept);
        bytes += kept.bytes();
        Iterator<Kept> eldest = pages.values().iterator();
        while (bytes > MAX_BYTES) {
            bytes -= eldest.next().bytes();
            eldest.remove();
        }
    }
}
