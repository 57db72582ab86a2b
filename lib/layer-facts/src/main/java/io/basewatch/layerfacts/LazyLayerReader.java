package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads of a layer only what kinds may want, where it carries a table of contents (eStargz or zstd:chunked) that the manifest names by its digest. The
 * table is verified against that digest, and each chunk against the table; so what is read is as true as the manifest. That the tar tells the same as its table
 * is not seen, nor is any digest of the whole: such facts are {@link LayerFacts#isLazy lazy}, and have a {@link FactsName} of their own. Threads may share it.
 *
 * <p>Memory of one reading beside the facts: the stored table of up to 8 MiB, the places of the wanted parts (16 bytes each), buffers of under 1 MiB,
 * and outside the heap a zstd stream's window of up to 128 MiB.
 */
public final class LazyLayerReader {

    /** What a request costs beside its bytes, in bytes: about a round trip on a line of some MB a second. */
    private static final long REQUEST_BYTES = 128 << 10;

    /** Of the stored bytes; for less, what a full pass verifies beside is worth more. */
    private static final double WORTH_SHARE = 0.2;

    private final LayerLimits limits;
    private final List<FactsKind> kinds;
    private final long requestBytes;
    private final double worthShare;

    public LazyLayerReader(LayerLimits limits, List<FactsKind> kinds) {
        this(limits, kinds, REQUEST_BYTES, WORTH_SHARE);
    }

    /**
     * @param requestBytes what a request is taken to cost beside its bytes
     * @param worthShare of the stored bytes, from which on saving is worth it; negative: always
     */
    LazyLayerReader(LayerLimits limits, List<FactsKind> kinds, long requestBytes, double worthShare) {
        this.limits = limits;
        this.kinds = List.copyOf(kinds);
        this.requestBytes = requestBytes;
        this.worthShare = worthShare;
    }

    /**
     * @param facts null when the layer must be read as a whole
     * @param declined why, for whoever looks for what was not saved; empty beside facts
     */
    public record Outcome(@Nullable LayerFacts facts, String declined) {}

    /**
     * Never fails: whatever is wrong with the table, the parts or the registry, a full pass finds out better what it is, and says so.
     *
     * @param expected digest and size must be promised
     * @param annotations of the layer in the manifest
     */
    public Outcome read(LayerRanges ranges, Expected expected, Map<String, String> annotations) {
        Optional<TablePromise> promise = TablePromise.of(annotations);
        Digest digest = expected.digest();
        if (promise.isEmpty() || digest == null || expected.size() < 0) {
            return new Outcome(null, "no table of contents is promised");
        }
        Deadline deadline = new Deadline(limits.maxTime());
        try (LayerParts parts = new LayerParts(ranges, deadline)) {
            LayerTable table = LayerTable.fetch(parts, promise.get(), expected.size());
            checkMediaType(expected.mediaType(), table);
            WantedParts wanted = new WantedParts(requestBytes);
            DullFiles dull = new DullFiles(kinds);
            table.walk(limits, entries -> TableReader.plan(entries, dull, table.offset(), limits, wanted));
            long saved = expected.size() - table.fetched() - wanted.bytes();
            if (saved < worthShare * expected.size() || saved < requestBytes * (parts.requests() + wanted.requests())) {
                return new Outcome(null, "only " + saved + " of " + expected.size() + " bytes would be saved");
            }
            parts.want(wanted);
            return new Outcome(read(table, promise.get().digest(), parts, dull, digest, expected.size(), deadline), "");
        } catch (IOException e) {
            return new Outcome(null, String.valueOf(e.getMessage()));
        }
    }

    /** A media type that lies is seen through, and told, by whoever reads the whole. */
    private static void checkMediaType(String mediaType, LayerTable table) throws LayerFault {
        Compression claimed = Compression.claimedBy(mediaType);
        Compression actual = table.isGzip() ? Compression.GZIP : Compression.ZSTD;
        if (mediaType.endsWith("+encrypted") || (claimed != null && claimed != actual)) {
            throw LayerFault.corrupt("the layer's media type does not fit its table of contents");
        }
    }

    private LayerFacts read(
            LayerTable table,
            Digest promised,
            LayerParts parts,
            DullFiles dull,
            Digest digest,
            long size,
            Deadline deadline)
            throws IOException {
        FactsWriter facts = new FactsWriter(kinds, limits);
        EntryKeeper keeper = new EntryKeeper(facts, limits, digest.toString());
        long[] total = new long[1];
        table.walk(limits, entries -> {
            try (TableReader reader = new TableReader(entries, dull, parts, table.isGzip(), limits, deadline)) {
                while (reader.next()) {
                    keeper.keep(reader);
                }
                total[0] = reader.total();
            }
        });
        facts.note(
                Reason.Code.READ_BY_TABLE,
                "layer " + digest + " was read by its table of contents: " + parts.fetched() + " of " + size
                        + " bytes");
        return facts.finishLazily(digest, promised, parts.fetched(), total[0]);
    }
}
