package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a layer in the order in which they lie in its tar, because the order is part of what they mean. Paths are bytes, as in the tar: two names that
 * are no UTF-8 must not become one.
 *
 * <p>One entry, all numbers as varints: bytes of the path shared with the entry before, length and bytes of the rest, {@link Kind} and flags, then
 * <ul>
 * <li>whiteout, opaque: nothing more;
 * <li>others: mode; symlink and hard link: length and bytes of the target; file: size;
 * <li>with {@link #CONTENT}: gap and length in the log of contents, {@link #CUT} when it is not all of the file;
 * <li>with {@link #PROBES}: their number, each with index of its kind, gap and length.
 * </ul>
 */
final class EntryLog {

    /** Linux refuses to open longer ones already from 4096 on. */
    static final int MAX_PATH_BYTES = 64 << 10;

    static final int MAX_PROBES = 64;

    enum Kind {
        FILE(0),
        DIRECTORY(1),
        SYMLINK(2),
        OTHER(3),
        HARDLINK(4),
        /** The path is the one that is hidden. */
        WHITEOUT(5),
        /** The path is the directory whose lower content is hidden. */
        OPAQUE(6);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        /** In the encoding. */
        int code() {
            return code;
        }

        /**
         * @throws IllegalArgumentException when no kind has that code
         */
        static Kind of(int code) {
            return switch (code) {
                case 0 -> FILE;
                case 1 -> DIRECTORY;
                case 2 -> SYMLINK;
                case 3 -> OTHER;
                case 4 -> HARDLINK;
                case 5 -> WHITEOUT;
                case 6 -> OPAQUE;
                default -> throw new IllegalArgumentException("unknown kind of entry " + code + " in the facts");
            };
        }
    }

    private static final int KIND_MASK = 0x07;
    private static final int CONTENT = 0x10;
    private static final int CUT = 0x20;
    private static final int PROBES = 0x40;
    private static final int UNUSED = 0x88;

    private EntryLog() {}

    /** Where in the log of contents something lies. */
    record Span(long offset, int length) {}

    /** What a layer keeps of one file. */
    record Kept(@Nullable Span content, boolean isCut, List<Probed> probed) {}

    record Probed(int kind, Span facts) {}

    /** Writes entries. The spans of all entries must ascend. */
    static final class Writer {

        private final ChunkLog.Writer log = new ChunkLog.Writer();
        private byte[] previous = {};
        private long cursor;
        private int entries;

        int entries() {
            return entries;
        }

        ChunkLog.Writer log() {
            return log;
        }

        void add(Kind kind, byte[] path, int mode, long size, byte @Nullable [] link, @Nullable Kept kept) {
            int mismatch = Arrays.mismatch(previous, path);
            int shared = mismatch < 0 ? path.length : mismatch;
            log.writeVarint(shared);
            log.writeVarint(path.length - shared);
            log.write(path, shared, path.length - shared);
            previous = path;
            boolean hasContent = kept != null && kept.content() != null;
            boolean hasProbes = kept != null && !kept.probed().isEmpty();
            log.writeByte(kind.code()
                    | (hasContent ? CONTENT : 0)
                    | (kept != null && kept.isCut() ? CUT : 0)
                    | (hasProbes ? PROBES : 0));
            entries++;
            if (kind == Kind.WHITEOUT || kind == Kind.OPAQUE) {
                return;
            }
            log.writeVarint(mode);
            if (link != null) {
                log.writeVarint(link.length);
                log.write(link, 0, link.length);
            }
            if (kind == Kind.FILE) {
                log.writeVarint(size);
            }
            if (kept != null && kept.content() != null) {
                writeSpan(kept.content());
            }
            if (kept != null && hasProbes) {
                log.writeVarint(kept.probed().size());
                for (Probed probed : kept.probed()) {
                    log.writeVarint(probed.kind());
                    writeSpan(probed.facts());
                }
            }
        }

        private void writeSpan(Span span) {
            log.writeVarint(span.offset() - cursor);
            log.writeVarint(span.length());
            cursor = span.offset() + span.length();
        }
    }

    /**
     * Steps through the entries; the fields are those of the entry last stepped to. Everything is checked on the way, so that the one pass that decoding makes
     * proves the log good for later ones.
     */
    static final class Reader {

        private static final byte[] NO_LINK = {};

        private final ChunkLog.Cursor in;
        private final int kinds;
        private final long contentsLength;
        private long cursor;

        byte[] path = new byte[256];
        int pathLength;
        Kind kind = Kind.OTHER;
        int mode;
        long size;
        /** Of symlinks and hard links, else empty. */
        byte[] link = NO_LINK;

        @Nullable
        Kept kept;

        Reader(LayerFacts facts) {
            this(facts.entryLog(), facts.kinds().size(), facts.contents().length());
        }

        Reader(ChunkLog entries, int kinds, long contentsLength) {
            this.in = new ChunkLog.Cursor(entries);
            this.kinds = kinds;
            this.contentsLength = contentsLength;
        }

        /**
         * @return false at the end
         * @throws IllegalArgumentException when the log is broken
         */
        boolean next() {
            if (in.atEnd()) {
                return false;
            }
            readPath();
            int flags = in.readByte();
            if ((flags & UNUSED) != 0) {
                throw new IllegalArgumentException("unknown flags " + flags + " of an entry in the facts");
            }
            kind = Kind.of(flags & KIND_MASK);
            if (kind != Kind.FILE && (flags & ~KIND_MASK) != 0) {
                throw new IllegalArgumentException("an entry that is no file has content in the facts");
            }
            mode = 0;
            size = 0;
            link = NO_LINK;
            kept = null;
            if (kind == Kind.WHITEOUT || kind == Kind.OPAQUE) {
                return true;
            }
            mode = in.readVarint(07777, "mode");
            if (kind == Kind.SYMLINK || kind == Kind.HARDLINK) {
                byte[] target = new byte[in.readVarint(MAX_PATH_BYTES, "length of a link's target")];
                in.readFully(target, 0, target.length);
                link = target;
            }
            if (kind == Kind.FILE) {
                size = in.readVarint();
                if ((flags & (CONTENT | PROBES)) != 0) {
                    kept = readKept(flags);
                }
            }
            return true;
        }

        private void readPath() {
            int shared = in.readVarint(pathLength, "length of a path's shared part");
            int rest = in.readVarint(MAX_PATH_BYTES - shared, "length of a path");
            if (shared + rest > path.length) {
                path = Arrays.copyOf(path, Math.max(shared + rest, Math.min(path.length * 2, MAX_PATH_BYTES)));
            }
            in.readFully(path, shared, rest);
            pathLength = shared + rest;
            if (!PathBytes.isNormal(path, pathLength)) {
                throw new IllegalArgumentException("a path in the facts is not normalised");
            }
        }

        private Kept readKept(int flags) {
            Span content = (flags & CONTENT) != 0 ? readSpan() : null;
            List<Probed> probed = List.of();
            if ((flags & PROBES) != 0) {
                int count = in.readVarint(MAX_PROBES, "number of probes");
                probed = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    int probe = in.readVarint(kinds - 1, "kind of probe");
                    probed.add(new Probed(probe, readSpan()));
                }
            }
            return new Kept(content, (flags & CUT) != 0, List.copyOf(probed));
        }

        private Span readSpan() {
            long gap = in.readVarint();
            long room = contentsLength - cursor;
            if (gap > room) {
                throw new IllegalArgumentException("content in the facts lies outside their log");
            }
            int length = in.readVarint((int) Math.min(room - gap, Integer.MAX_VALUE - 8), "length of content");
            Span span = new Span(cursor + gap, length);
            cursor += gap + length;
            return span;
        }
    }
}
