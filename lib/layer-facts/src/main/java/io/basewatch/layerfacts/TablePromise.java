package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest says of a layer's table of contents. The digest in it is what all that the table says hangs on: a table without one is none.
 *
 * <p>Sources of the formats: containerd/stargz-snapshotter docs/estargz.md and containers/storage pkg/chunked, read in November 2026.
 *
 * @param digest of the table's JSON (eStargz), or of its zstd stream (zstd:chunked)
 * @param position null when the layer's last bytes tell it (eStargz)
 */
record TablePromise(Digest digest, @Nullable Position position) {

    private static final String ESTARGZ_DIGEST = "containerd.io/snapshot/stargz/toc.digest";
    private static final String CHUNKED_DIGEST = "io.github.containers.zstd-chunked.manifest-checksum";
    private static final String CHUNKED_POSITION = "io.github.containers.zstd-chunked.manifest-position";

    /** As containers/storage wrote them before version 1.45. */
    private static final String OLD_CHUNKED_DIGEST = "io.containers.zstd-chunked.manifest-checksum";

    private static final String OLD_CHUNKED_POSITION = "io.containers.zstd-chunked.manifest-position";

    private static final Pattern POSITION = Pattern.compile("(\\d{1,18}):(\\d{1,18}):(\\d{1,18}):(\\d{1,18})");
    private static final String LIKE_CRFS = "1";

    /** Where the table's zstd stream lies, and how long it is stored and uncompressed. */
    record Position(long offset, long stored, long uncompressed) {}

    /**
     * @return empty when the annotations promise no table, or none of a kind that is known
     */
    static Optional<TablePromise> of(Map<String, String> annotations) {
        Optional<TablePromise> chunked = chunked(annotations, CHUNKED_DIGEST, CHUNKED_POSITION);
        if (chunked.isEmpty()) {
            chunked = chunked(annotations, OLD_CHUNKED_DIGEST, OLD_CHUNKED_POSITION);
        }
        if (chunked.isPresent()) {
            return chunked;
        }
        return digest(annotations.get(ESTARGZ_DIGEST)).map(digest -> new TablePromise(digest, null));
    }

    private static Optional<TablePromise> chunked(Map<String, String> annotations, String digest, String position) {
        Matcher told = POSITION.matcher(annotations.getOrDefault(position, ""));
        if (!told.matches() || !told.group(4).equals(LIKE_CRFS)) {
            return Optional.empty();
        }
        Position where = new Position(
                Long.parseLong(told.group(1)), Long.parseLong(told.group(2)), Long.parseLong(told.group(3)));
        return digest(annotations.get(digest)).map(promised -> new TablePromise(promised, where));
    }

    private static Optional<Digest> digest(@Nullable String text) {
        try {
            return text == null ? Optional.empty() : Optional.of(Digest.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
