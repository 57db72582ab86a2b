package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Collects a layer's facts while it streams by: asks the kinds what they want of each file and keeps that. Holds the packed facts and two open chunks for each
 * kind, never a file's content as a whole.
 */
final class FactsWriter {

    /** Kept for one kind of files that only a link may make wanted: a large database and thousands of release files. */
    private static final long MAX_TARGET_BYTES = 32L << 20;

    private static final byte[] UNSEEN = {};

    /** Then everybody is asked about every file, and whoever wants one that no hint of theirs tells of is found. */
    private static final boolean ASSERTING = FactsWriter.class.desiredAssertionStatus();

    private final LayerLimits limits;
    private final EntryLog.Writer entries = new EntryLog.Writer();
    private final NoteTaker notes = new NoteTaker();
    private final KindFacts.Writer[] kinds;
    private final long[] targetBytes;
    private final List<FactsKind> asked;

    /** Put together when the first file is there: until then its layer is on its way already. */
    private Hints.@Nullable Together hints;

    FactsWriter(List<FactsKind> asked, LayerLimits limits) {
        this.kinds = asked.stream().map(KindFacts.Writer::new).toArray(KindFacts.Writer[]::new);
        this.targetBytes = new long[kinds.length];
        this.asked = List.copyOf(asked);
        this.limits = limits;
    }

    void note(Reason.Code code, String message) {
        notes.note(code, message);
    }

    void add(EntryLog.Kind kind, byte[] path, int mode, byte @Nullable [] link) throws LayerFault {
        add(kind, path, mode, 0, link);
    }

    private void add(EntryLog.Kind kind, byte[] path, int mode, long size, byte @Nullable [] link) throws LayerFault {
        requireRoom();
        entries.add(kind, path, mode, size, link);
        checkSize();
    }

    private void requireRoom() throws LayerFault {
        if (entries.entries() >= limits.maxEntries()) {
            throw LayerFault.limit("there are more entries than the limit of " + limits.maxEntries());
        }
    }

    private void checkSize() throws LayerFault {
        long held = entries.log().heldBytes();
        long length = entries.log().length();
        for (KindFacts.Writer kind : kinds) {
            held += kind.heldBytes();
            length += kind.length();
        }
        if (held > limits.maxFactsBytes() || length > limits.maxFactsBytes() * LayerLimits.FACTS_EXPANSION) {
            throw LayerFault.limit(
                    "the layer's facts are larger than the limit of " + limits.maxFactsBytes() + " bytes");
        }
    }

    private Hints.Together hints() {
        Hints.Together known = hints;
        if (known == null) {
            known = Hints.Together.of(asked);
            hints = known;
        }
        return known;
    }

    /** A regular file whose content follows. */
    OpenFile open(byte[] path, int mode, long size, byte[] head) {
        return new OpenFile(path, mode, size, head);
    }

    /** A regular file whose content could not be read: it is there, what it holds is not known. */
    void openUnread(byte[] path, int mode, long size) throws LayerFault {
        add(EntryLog.Kind.FILE, path, mode, size, null);
    }

    /** One file whose content streams by. */
    final class OpenFile {

        private final byte[] path;
        private final FileEntry entry;
        private final List<Taking> takings = new ArrayList<>(2);

        private OpenFile(byte[] path, int mode, long size, byte[] head) {
            this.path = path;
            this.entry = new FileEntry(PathBytes.text(path, 0, path.length), FileEntry.Type.FILE, size, mode, null);
            Hints.Together hints = hints();
            boolean mayConcern = hints.mayConcern(path, mode, size, head);
            if (mayConcern || ASSERTING) {
                // The same files whether a layer is read as a whole or by its table, which does not show these first
                // bytes.
                byte[] seen = DullFiles.isNamedSo(entry.path(), mode) ? UNSEEN : head;
                for (int kind = 0; kind < kinds.length; kind++) {
                    boolean mayConcernIt = mayConcern && hints.mayConcern(kind, path, mode, size, head);
                    int others = takings.size();
                    if (mayConcernIt || ASSERTING) {
                        ask(kind, head, seen);
                    }
                    assert mayConcernIt || takings.size() == others
                            : "no hint of " + kinds[kind].kind() + " says that " + entry + " is wanted";
                }
            }
        }

        private void ask(int kind, byte[] head, byte[] seen) {
            FactsKind asked = kinds[kind].kind();
            try {
                boolean asTarget = false;
                Want want = asked.wants(entry, head);
                if (want.isNothing() && targetBytes[kind] < MAX_TARGET_BYTES) {
                    want = asked.wantsAsTarget(entry, seen);
                    asTarget = true;
                }
                if (!want.isNothing()) {
                    takings.add(new Taking(kind, want, asTarget));
                }
            } catch (RuntimeException e) {
                blame(kind, e);
            }
        }

        private void blame(int kind, RuntimeException e) {
            kinds[kind]
                    .notes()
                    .note(
                            Reason.Code.INTERNAL_ERROR,
                            kinds[kind].kind() + " failed on "
                                    + PathBytes.quoted(entry.path().getBytes(StandardCharsets.UTF_8)) + ": " + e);
        }

        /** Whether anybody is interested in (more of) the content. */
        boolean isWanted() {
            for (Taking taking : takings) {
                if (taking.takesMore()) {
                    return true;
                }
            }
            return false;
        }

        void accept(byte[] buffer, int offset, int length) throws LayerFault {
            for (Taking taking : takings) {
                taking.accept(buffer, offset, length);
            }
        }

        void finish() throws LayerFault {
            // No piece without its entry.
            requireRoom();
            for (Taking taking : takings) {
                taking.finish();
            }
            add(EntryLog.Kind.FILE, path, entry.mode(), entry.size(), null);
        }

        /** The content broke off: the file is there, what it holds is not known. */
        void giveUp() throws LayerFault {
            add(EntryLog.Kind.FILE, path, entry.mode(), entry.size(), null);
        }

        /** What one kind takes of the file. */
        private final class Taking {

            private final int kind;
            private final KindFacts.Writer writer;
            private final int wanted;
            private final boolean asTarget;
            private final long start;
            private final @Nullable String probeName;
            private @Nullable FileProbe probe;
            private long kept;

            Taking(int kind, Want want, boolean asTarget) {
                this.kind = kind;
                this.writer = kinds[kind];
                this.asTarget = asTarget;
                this.start = writer.contents().length();
                this.probeName = want.probeKind();
                this.probe = want.probe() == null ? null : want.probe().get();
                this.wanted = want.contentBytes();
            }

            boolean takesMore() {
                return probe != null || kept < wanted;
            }

            void accept(byte[] buffer, int offset, int length) throws LayerFault {
                FileProbe with = probe;
                if (with != null) {
                    try {
                        with.accept(buffer, offset, length);
                    } catch (RuntimeException e) {
                        blame(kind, e);
                        probe = null;
                    }
                } else if (kept < wanted) {
                    int part = (int) Math.min(length, wanted - kept);
                    writer.contents().write(buffer, offset, part);
                    kept += part;
                    checkSize();
                }
            }

            void finish() {
                FileProbe with = probe;
                if (with != null) {
                    finish(with);
                } else if (probeName == null) {
                    writer.add(entries.entries(), null, kept < entry.size(), start);
                }
                targetBytes[kind] += asTarget ? writer.contents().length() - start : 0;
            }

            private void finish(FileProbe with) {
                byte[] facts;
                try {
                    facts = with.finish();
                } catch (RuntimeException e) {
                    blame(kind, e);
                    return;
                }
                // That a probe found nothing in a file that was its own to look at tells it from one that was not
                // looked at.
                if (facts.length > 0 || !asTarget) {
                    writer.contents().write(facts, 0, facts.length);
                    writer.add(entries.entries(), probeName, false, start);
                }
            }
        }
    }

    LayerFacts finish(
            @Nullable Digest digest,
            @Nullable Digest diffId,
            long storedBytes,
            long uncompressedBytes,
            boolean complete) {
        return finish(digest, diffId, storedBytes, uncompressedBytes, complete, null);
    }

    /** Of a layer that was read by its table of contents. */
    LayerFacts finishLazily(Digest digest, Digest table, long storedBytes, long uncompressedBytes) {
        return finish(digest, null, storedBytes, uncompressedBytes, true, table);
    }

    private LayerFacts finish(
            @Nullable Digest digest,
            @Nullable Digest diffId,
            long storedBytes,
            long uncompressedBytes,
            boolean complete,
            @Nullable Digest table) {
        List<KindFacts> kept = new ArrayList<>(kinds.length);
        for (KindFacts.Writer kind : kinds) {
            kept.add(kind.finish());
        }
        return new LayerFacts(
                digest,
                diffId,
                storedBytes,
                uncompressedBytes,
                complete,
                table,
                notes.all(),
                entries.entries(),
                entries.log().finish(),
                kept);
    }
}
