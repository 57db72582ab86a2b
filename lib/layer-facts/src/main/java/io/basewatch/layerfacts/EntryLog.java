package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a layer in the order in which they lie in its tar, because the order is part of what they mean. Paths are bytes, as in the tar: two names that
 * are no UTF-8 must not become one.
 *
 * <p>One entry, all numbers as varints: bytes of the path shared with the entry before, length and bytes of the rest, {@link Kind}, then
 * <ul>
 * <li>whiteout, opaque: nothing more;
 * <li>others: mode; symlink and hard link: length and bytes of the target; file: size.
 * </ul>
 *
 * <p>What was kept of files lies apart, by kind: {@link KindFacts}.
 */
final class EntryLog {

    /** Linux refuses to open longer ones already from 4096 on. */
    static final int MAX_PATH_BYTES = 64 << 10;

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

    private EntryLog() {}

    /** Writes entries. */
    static final class Writer {

        private final ChunkLog.Writer log = new ChunkLog.Writer();
        private byte[] previous = {};
        private int entries;

        int entries() {
            return entries;
        }

        ChunkLog.Writer log() {
            return log;
        }

        void add(Kind kind, byte[] path, int mode, long size, byte @Nullable [] link) {
            int mismatch = Arrays.mismatch(previous, path);
            int shared = mismatch < 0 ? path.length : mismatch;
            log.writeVarint(shared);
            log.writeVarint(path.length - shared);
            log.write(path, shared, path.length - shared);
            previous = path;
            log.writeByte(kind.code());
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
        }
    }

    /**
     * Steps through the entries; the fields are those of the entry last stepped to. Everything is checked on the way, so that the one pass that decoding makes
     * proves the log good for later ones.
     */
    static final class Reader {

        private static final byte[] NO_LINK = {};

        private final ChunkLog.Cursor in;
        private final KindFacts.Cursor[] kept;
        private long number = -1;

        byte[] path = new byte[256];
        int pathLength;
        Kind kind = Kind.OTHER;
        int mode;
        long size;
        /** Of symlinks and hard links, else empty. */
        byte[] link = NO_LINK;

        /** What was kept of the file, in the order of the kinds. */
        List<KindFacts.Piece> pieces = List.of();

        Reader(LayerFacts facts) {
            this(facts.entryLog(), facts.kinds());
        }

        Reader(ChunkLog entries, List<KindFacts> kinds) {
            this.in = new ChunkLog.Cursor(entries);
            this.kept = new KindFacts.Cursor[kinds.size()];
            for (int kind = 0; kind < kept.length; kind++) {
                kept[kind] = new KindFacts.Cursor(kinds.get(kind), kind);
            }
        }

        /**
         * @return false at the end
         * @throws IllegalArgumentException when the log is broken
         */
        boolean next() {
            if (in.atEnd()) {
                return false;
            }
            number++;
            readPath();
            kind = Kind.of(in.readByte());
            mode = 0;
            size = 0;
            link = NO_LINK;
            pieces = pieces();
            if (kind != Kind.FILE && !pieces.isEmpty()) {
                throw new IllegalArgumentException("an entry that is no file has content in the facts");
            }
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
            }
            return true;
        }

        private List<KindFacts.Piece> pieces() {
            KindFacts.Piece first = null;
            List<KindFacts.Piece> several = null;
            for (KindFacts.Cursor cursor : kept) {
                KindFacts.Piece piece = cursor.takeFor(number);
                if (piece == null) {
                    continue;
                }
                if (first == null) {
                    first = piece;
                } else {
                    several = several == null ? new ArrayList<>(List.of(first)) : several;
                    several.add(piece);
                }
            }
            return first == null ? List.of() : several == null ? List.of(first) : List.copyOf(several);
        }

        /** Whether each piece belonged to one of the entries. */
        boolean tookAllPieces() {
            for (KindFacts.Cursor cursor : kept) {
                if (!cursor.isAtEnd()) {
                    return false;
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
    }
}
