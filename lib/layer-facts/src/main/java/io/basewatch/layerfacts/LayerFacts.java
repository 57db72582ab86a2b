package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * All that one layer (or one plain root file system) says: its entries in their order, for each kind what was kept of the content, and what was noticed on the way.
 * Immutable, and held compressed. Layers are laid over each other by {@link SquashedImage}.
 *
 * <p>Encoded part by part, with numbers as varints (7-bit groups, the lowest first) and texts as length and UTF-8 bytes. The entries: {@code BWLE}, format, flags,
 * digest, diffID, stored and uncompressed bytes, the table's digest where it was read lazily, notes, number of entries, their log. A kind: {@code BWLK}, format,
 * name, version, CRC-32 of the log of entries uncompressed, notes, names of probes, log of pieces, log of contents. A log is its length, the number of its chunks, and each chunk as length and
 * zstd frame. Each part ends with the CRC-32 of all before in big-endian order.
 */
public final class LayerFacts {

    private static final byte[] ENTRIES_MAGIC = {'B', 'W', 'L', 'E'};
    private static final byte[] KIND_MAGIC = {'B', 'W', 'L', 'K'};
    private static final int FORMAT = 1;
    private static final int COMPLETE = 1;
    private static final int LAZY = 2;
    private static final int MAX_NOTES = 1000;
    private static final int MAX_PROBES = 64;
    private static final int MAX_TEXT_BYTES = 64 << 10;

    private final @Nullable Digest digest;
    private final @Nullable Digest diffId;
    private final long storedBytes;
    private final long uncompressedBytes;
    private final boolean complete;
    private final @Nullable Digest table;
    private final List<Reason> notes;
    private final int entries;
    private final ChunkLog entryLog;
    private final List<KindFacts> kinds;

    LayerFacts(
            @Nullable Digest digest,
            @Nullable Digest diffId,
            long storedBytes,
            long uncompressedBytes,
            boolean complete,
            @Nullable Digest table,
            List<Reason> notes,
            int entries,
            ChunkLog entryLog,
            List<KindFacts> kinds) {
        this.digest = digest;
        this.diffId = diffId;
        this.storedBytes = storedBytes;
        this.uncompressedBytes = uncompressedBytes;
        this.complete = complete;
        this.table = table;
        this.notes = List.copyOf(notes);
        this.entries = entries;
        this.entryLog = entryLog;
        this.kinds = List.copyOf(kinds);
    }

    /** Of the stored bytes. Computed when {@link #isComplete} and not {@link #isLazy}, else as promised; null when neither, and for a plain root file system. */
    public @Nullable Digest digest() {
        return digest;
    }

    /** Of the uncompressed tar. Computed when {@link #isComplete}, else as promised; null when neither, when {@link #isLazy}, and for a plain root file system. */
    public @Nullable Digest diffId() {
        return diffId;
    }

    /** How many stored bytes were read: all of them when {@link #isComplete} and not {@link #isLazy}. 0 for a plain root file system. */
    public long storedBytes() {
        return storedBytes;
    }

    /** How many uncompressed bytes were read: all of them when {@link #isComplete} and not {@link #isLazy}. The files' bytes for a plain root file system. */
    public long uncompressedBytes() {
        return uncompressedBytes;
    }

    /** Whether the layer was read to its end. Facts that are not must never be kept for other images. */
    public boolean isComplete() {
        return complete;
    }

    /** Whether the layer was read by its table of contents, and only what is wanted of it: see {@link LazyLayerReader}. */
    public boolean isLazy() {
        return table != null;
    }

    /** Of a layer that was read {@link #isLazy lazily}, the digest by which its manifest names the table; else null. */
    public @Nullable Digest table() {
        return table;
    }

    /** By what these facts may be found again; null when they may not be: they are not complete, or those of a plain root file system. */
    public @Nullable FactsName name() {
        if (!complete) {
            return null;
        }
        if (table != null) {
            return digest == null ? null : FactsName.byTable(digest, table);
        }
        return diffId == null ? null : FactsName.whole(diffId);
    }

    /** How evidence names the layer. */
    @Nullable
    Digest evidenceName() {
        return isLazy() ? digest : diffId;
    }

    /** What must be known beside the facts, such as a media type that does not fit or entries that were refused. */
    public List<Reason> notes() {
        List<Reason> all = new ArrayList<>(notes);
        kinds.forEach(kind -> all.addAll(kind.notes()));
        return all;
    }

    public int entries() {
        return entries;
    }

    /** How much memory the facts hold, in bytes; also about what they need encoded. */
    public long heldBytes() {
        long held = entryLog.heldBytes();
        for (KindFacts kind : kinds) {
            held += kind.heldBytes();
        }
        return held;
    }

    ChunkLog entryLog() {
        return entryLog;
    }

    List<KindFacts> kinds() {
        return kinds;
    }

    /** Those of the wanted kinds that the layer was not read for in just this version, in their order. */
    public List<FactsKind> lacks(List<FactsKind> wanted) {
        return wanted.stream().filter(kind -> !has(kind)).toList();
    }

    private boolean has(FactsKind kind) {
        return kinds.stream().anyMatch(there -> there.kind().equals(kind.name()) && there.version() == kind.version());
    }

    /**
     * Whether the layer may have something for a kind that it was not read for: told by an older version that chose the same files, else by the names in
     * the list of entries. Where it has none, there is no need to read it again: {@link #withNothingOf}.
     */
    public boolean mayHave(FactsKind kind) {
        for (KindFacts there : kinds) {
            if (there.kind().equals(kind.name())
                    && there.version() >= kind.sameFilesSince()
                    && there.version() <= kind.version()) {
                return !there.isEmpty();
            }
        }
        DullFiles dull = new DullFiles(List.of(kind));
        EntryLog.Reader entry = new EntryLog.Reader(entryLog, List.of());
        while (entry.next()) {
            if (entry.kind == EntryLog.Kind.FILE
                    && !dull.isDull(PathBytes.text(entry.path, 0, entry.pathLength), entry.size, entry.mode)) {
                return true;
            }
        }
        return false;
    }

    /** These facts, and that the layer has nothing for these kinds. */
    public LayerFacts withNothingOf(List<FactsKind> none) {
        return with(none.stream().map(KindFacts::nothing).toList());
    }

    /**
     * These facts, and what another reading of the same layer kept for other kinds, or in other versions of the same.
     *
     * @throws IllegalArgumentException when it is not the same layer, or was not read to its end
     */
    public LayerFacts with(LayerFacts again) {
        if (!again.complete || again.entries != entries || again.entryLog.checksum() != entryLog.checksum()) {
            throw new IllegalArgumentException(
                    "facts of another layer: it has " + again.entries + " entries, not " + entries);
        }
        return with(again.kinds);
    }

    private LayerFacts with(List<KindFacts> others) {
        Map<String, KindFacts> byName = new HashMap<>();
        others.forEach(other -> byName.put(other.kind(), other));
        List<KindFacts> merged = new ArrayList<>();
        for (KindFacts mine : kinds) {
            KindFacts other = byName.remove(mine.kind());
            merged.add(other == null ? mine : other);
        }
        others.stream().filter(other -> byName.containsKey(other.kind())).forEach(merged::add);
        return new LayerFacts(
                digest, diffId, storedBytes, uncompressedBytes, complete, table, notes, entries, entryLog, merged);
    }

    /** The list of entries, and a part for each kind. */
    public List<FactsPart> encode() {
        List<FactsPart> parts = new ArrayList<>();
        parts.add(new FactsPart(FactsPart.ENTRIES, FactsPart.ENTRIES_VERSION, encodeEntries()));
        int checksum = entryLog.checksum();
        kinds.forEach(kind -> parts.add(new FactsPart(kind.kind(), kind.version(), encode(kind, checksum))));
        return parts;
    }

    /** As {@link #encode()}, of these kinds alone. */
    public List<FactsPart> encode(List<FactsKind> only) {
        int checksum = entryLog.checksum();
        return kinds.stream()
                .filter(there -> only.stream().anyMatch(kind -> kind.name().equals(there.kind())))
                .map(kind -> new FactsPart(kind.kind(), kind.version(), encode(kind, checksum)))
                .toList();
    }

    private byte[] encodeEntries() {
        PackedWriter out = begun(ENTRIES_MAGIC);
        out.u8((complete ? COMPLETE : 0) | (table != null ? LAZY : 0));
        writeDigest(out, digest);
        writeDigest(out, diffId);
        out.number(storedBytes).number(uncompressedBytes);
        if (table != null) {
            writeDigest(out, table);
        }
        writeNotes(out, notes);
        out.number(entries);
        writeLog(out, entryLog);
        return sealed(out);
    }

    private static byte[] encode(KindFacts kind, int entriesChecksum) {
        PackedWriter out = begun(KIND_MAGIC);
        out.text(kind.kind()).number(kind.version());
        writeInt(out, entriesChecksum);
        writeNotes(out, kind.notes());
        out.texts(kind.probes());
        writeLog(out, kind.pieces());
        writeLog(out, kind.contents());
        return sealed(out);
    }

    private static PackedWriter begun(byte[] magic) {
        return new PackedWriter().raw(magic, 0, magic.length).u8(FORMAT);
    }

    private static byte[] sealed(PackedWriter out) {
        CRC32 crc = new CRC32();
        crc.update(out.toBytes());
        writeInt(out, (int) crc.getValue());
        return out.toBytes();
    }

    /**
     * Everything is checked, so that facts once decoded cannot fail later.
     *
     * @param parts that of the entries and any of kinds, in any order
     * @throws IllegalArgumentException when the list of entries is missing, or a part is none in the format of this version, is damaged, or that of another layer
     */
    public static LayerFacts decode(List<FactsPart> parts) {
        FactsPart list = parts.stream()
                .filter(part -> part.kind().equals(FactsPart.ENTRIES))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the layer facts have no list of entries"));
        PackedReader in = opened(list.bytes(), ENTRIES_MAGIC);
        int flags = in.u8();
        Digest digest = readDigest(in);
        Digest diffId = readDigest(in);
        long storedBytes = readLong(in, "stored bytes");
        long uncompressedBytes = readLong(in, "uncompressed bytes");
        Digest table = (flags & LAZY) == 0 ? null : readDigest(in);
        List<Reason> notes = readNotes(in);
        int entries = in.number(Integer.MAX_VALUE, "number of entries");
        ChunkLog entryLog = readLog(in);
        in.end();
        int checksum = entryLog.checksum();
        List<KindFacts> kinds = new ArrayList<>();
        for (FactsPart part : parts) {
            if (!part.kind().equals(FactsPart.ENTRIES)) {
                KindFacts kind = decodeKind(part, checksum);
                if (kinds.stream().anyMatch(other -> other.kind().equals(kind.kind()))) {
                    throw new IllegalArgumentException("the layer facts have two parts of kind " + kind.kind());
                }
                kinds.add(kind);
            }
        }
        EntryLog.Reader reader = new EntryLog.Reader(entryLog, kinds);
        int seen = 0;
        while (reader.next()) {
            seen++;
        }
        if (seen != entries) {
            throw new IllegalArgumentException("the layer facts have " + seen + " of " + entries + " entries");
        }
        if (!reader.tookAllPieces()) {
            throw new IllegalArgumentException("the layer facts keep something of an entry that is not there");
        }
        return new LayerFacts(
                digest,
                diffId,
                storedBytes,
                uncompressedBytes,
                (flags & COMPLETE) != 0,
                table,
                notes,
                entries,
                entryLog,
                kinds);
    }

    private static KindFacts decodeKind(FactsPart part, int entriesChecksum) {
        PackedReader in = opened(part.bytes(), KIND_MAGIC);
        String kind = readText(in);
        int version = in.number(Integer.MAX_VALUE, "version of a kind");
        if (!kind.equals(part.kind()) || version != part.version()) {
            throw new IllegalArgumentException(
                    "layer facts of kind " + kind + "/" + version + ", not " + part.kind() + "/" + part.version());
        }
        if (ByteBuffer.wrap(in.raw(4)).getInt() != entriesChecksum) {
            throw new IllegalArgumentException(
                    "the layer facts of kind " + kind + " belong to another list of entries");
        }
        List<Reason> notes = readNotes(in);
        List<String> probes = new ArrayList<>();
        for (int left = in.number(MAX_PROBES, "number of probes"); left > 0; left--) {
            probes.add(readText(in));
        }
        ChunkLog pieces = readLog(in);
        ChunkLog contents = readLog(in);
        in.end();
        return new KindFacts(kind, version, notes, probes, pieces, contents);
    }

    private static PackedReader opened(byte[] bytes, byte[] magic) {
        if (bytes.length < magic.length + 1 + 4 || !Arrays.equals(magic, 0, 4, bytes, 0, 4)) {
            throw new IllegalArgumentException("these " + bytes.length + " bytes are no layer facts");
        }
        if (bytes[4] != FORMAT) {
            throw new IllegalArgumentException(
                    "layer facts of format " + bytes[4] + "; this version reads " + FORMAT + " only");
        }
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, bytes.length - 4);
        if ((int) crc.getValue() != ByteBuffer.wrap(bytes).getInt(bytes.length - 4)) {
            throw new IllegalArgumentException("the layer facts are damaged: their checksum does not fit");
        }
        return new PackedReader("layer facts", bytes, 5, bytes.length - 4);
    }

    private static void writeInt(PackedWriter out, int value) {
        out.raw(ByteBuffer.allocate(4).putInt(value).array(), 0, 4);
    }

    private static long readLong(PackedReader in, String field) {
        long value = in.number();
        if (value < 0) {
            throw in.broken(field + " of more than 63 bits");
        }
        return value;
    }

    private static String readText(PackedReader in) {
        return new String(in.raw(in.number(MAX_TEXT_BYTES, "length of a text")), StandardCharsets.UTF_8);
    }

    private static void writeNotes(PackedWriter out, List<Reason> notes) {
        out.number(notes.size());
        notes.forEach(note -> out.text(note.code().toString()).text(note.message()));
    }

    private static List<Reason> readNotes(PackedReader in) {
        List<Reason> notes = new ArrayList<>();
        for (int left = in.number(MAX_NOTES, "number of notes"); left > 0; left--) {
            notes.add(new Reason(Reason.Code.parse(readText(in)), readText(in)));
        }
        return notes;
    }

    /** A length of 0, 32 or 64 bytes also names the algorithm. */
    private static void writeDigest(PackedWriter out, @Nullable Digest digest) {
        byte[] bytes = digest == null ? new byte[0] : HexFormat.of().parseHex(digest.hex());
        out.u8(bytes.length).raw(bytes, 0, bytes.length);
    }

    private static @Nullable Digest readDigest(PackedReader in) {
        int length = in.u8();
        if (length == 0) {
            return null;
        }
        if (length != 32 && length != 64) {
            throw in.broken("a digest of " + length + " bytes");
        }
        return new Digest(length == 32 ? "sha256" : "sha512", HexFormat.of().formatHex(in.raw(length)));
    }

    private static void writeLog(PackedWriter out, ChunkLog log) {
        out.number(log.length()).number(log.chunks().size());
        log.chunks().forEach(out::bytes);
    }

    private static ChunkLog readLog(PackedReader in) {
        long length = readLong(in, "length of a log");
        int count = in.count();
        List<byte[]> chunks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            chunks.add(in.bytes());
        }
        return ChunkLog.of(chunks, length);
    }
}
