package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one layer keeps for one kind: pieces of files, each either the first bytes of its content or what a probe made of it. Files are named by their number in
 * the {@link EntryLog}.
 *
 * <p>The log of pieces, all numbers as varints: entries since the one of the piece before, {@link #CUT} or 0, 0 for content or 1 and more for the probe in the
 * list of names, gap and length in the log of contents.
 */
final class KindFacts {

    private static final int CUT = 1;
    private static final int MAX_PROBES = 64;

    private final String kind;
    private final int version;
    private final List<Reason> notes;
    private final List<String> probes;
    private final ChunkLog pieces;
    private final ChunkLog contents;

    KindFacts(String kind, int version, List<Reason> notes, List<String> probes, ChunkLog pieces, ChunkLog contents) {
        this.kind = kind;
        this.version = version;
        this.notes = List.copyOf(notes);
        this.probes = List.copyOf(probes);
        this.pieces = pieces;
        this.contents = contents;
    }

    /** Of a layer that has nothing for it. */
    static KindFacts nothing(FactsKind kind) {
        ChunkLog none = new ChunkLog.Writer().finish();
        return new KindFacts(kind.name(), kind.version(), List.of(), List.of(), none, none);
    }

    String kind() {
        return kind;
    }

    int version() {
        return version;
    }

    List<Reason> notes() {
        return notes;
    }

    List<String> probes() {
        return probes;
    }

    ChunkLog pieces() {
        return pieces;
    }

    ChunkLog contents() {
        return contents;
    }

    boolean isEmpty() {
        return pieces.length() == 0 && notes.isEmpty();
    }

    long heldBytes() {
        return pieces.heldBytes() + contents.heldBytes();
    }

    /**
     * A part of a file, or what a probe made of it.
     *
     * @param kind number of the {@link KindFacts} in its layer
     * @param probe number of the probe in its kind; -1 for content
     * @param offset in the log of contents of its kind
     */
    record Piece(int kind, int probe, boolean isCut, long offset, int length) {
        boolean isContent() {
            return probe < 0;
        }
    }

    /** Steps through the pieces. Everything is checked on the way, so that the one pass that decoding makes proves the log good for later ones. */
    static final class Cursor {

        private final ChunkLog.Cursor in;
        private final int kind;
        private final int probes;
        private final long contentsLength;
        private long end;
        private long entry = -1;
        private @Nullable Piece piece;

        Cursor(KindFacts facts, int kind) {
            this.in = new ChunkLog.Cursor(facts.pieces);
            this.kind = kind;
            this.probes = facts.probes.size();
            this.contentsLength = facts.contents.length();
            this.entry = 0;
            advance();
        }

        boolean isAtEnd() {
            return piece == null;
        }

        /** The piece of that entry; null when there is none. To be asked for each entry in turn. */
        @Nullable
        Piece takeFor(long number) {
            Piece found = piece;
            if (found == null || entry != number) {
                return null;
            }
            advance();
            return found;
        }

        private void advance() {
            if (in.atEnd()) {
                piece = null;
                return;
            }
            boolean isFirst = piece == null;
            long step = in.readVarint();
            if (!isFirst && step == 0) {
                throw new IllegalArgumentException("two pieces of one file for one kind in the facts");
            }
            if (step > Integer.MAX_VALUE) {
                throw new IllegalArgumentException("a piece in the facts belongs to no entry");
            }
            entry += step;
            int flags = in.readVarint(CUT, "flags of a piece");
            int probe = in.readVarint(Math.min(MAX_PROBES, probes), "number of a probe") - 1;
            long gap = in.readVarint();
            long room = contentsLength - end;
            if (gap > room) {
                throw new IllegalArgumentException("content in the facts lies outside their log");
            }
            int length = in.readVarint((int) Math.min(room - gap, Integer.MAX_VALUE - 8), "length of content");
            piece = new Piece(kind, probe, flags == CUT, end + gap, length);
            end += gap + length;
        }
    }

    /** Collects the pieces of one kind while the layer streams by. */
    static final class Writer {

        private final FactsKind kind;
        private final NoteTaker notes = new NoteTaker();
        private final List<String> probes = new ArrayList<>();
        private final ChunkLog.Writer pieces = new ChunkLog.Writer();
        private final ChunkLog.Writer contents = new ChunkLog.Writer();
        private long lastEntry;
        private long lastEnd;

        Writer(FactsKind kind) {
            this.kind = kind;
        }

        FactsKind kind() {
            return kind;
        }

        NoteTaker notes() {
            return notes;
        }

        ChunkLog.Writer contents() {
            return contents;
        }

        long heldBytes() {
            return pieces.heldBytes() + contents.heldBytes();
        }

        long length() {
            return pieces.length() + contents.length();
        }

        /**
         * @param probe null for content
         * @param start in the log of contents, to whose end it reaches
         */
        void add(long entry, @Nullable String probe, boolean isCut, long start) {
            pieces.writeVarint(entry - lastEntry);
            pieces.writeVarint(isCut ? CUT : 0);
            pieces.writeVarint(probe == null ? 0 : 1 + number(probe));
            pieces.writeVarint(start - lastEnd);
            pieces.writeVarint(contents.length() - start);
            lastEntry = entry;
            lastEnd = contents.length();
        }

        private int number(String probe) {
            int number = probes.indexOf(probe);
            if (number < 0) {
                number = probes.size();
                probes.add(probe);
            }
            return number;
        }

        KindFacts finish() {
            return new KindFacts(kind.name(), kind.version(), notes.all(), probes, pieces.finish(), contents.finish());
        }
    }
}
