package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects a layer's facts while it streams by: asks the kinds what they want of each file and keeps that. Holds the packed facts and two open chunks,
 * never a file's content as a whole.
 */
final class FactsWriter {

    /** Beyond it, notes of a kind are only counted. */
    private static final int NOTES_PER_CODE = 5;

    /** Kept of files that only a link may make wanted: a large database and thousands of release files. */
    private static final long MAX_TARGET_BYTES = 32L << 20;

    private static final byte[] UNSEEN = {};

    private final List<FactsKind> asked;
    private final LayerLimits limits;
    private final EntryLog.Writer entries = new EntryLog.Writer();
    private final ChunkLog.Writer contents = new ChunkLog.Writer();
    private final List<String> probeKinds = new ArrayList<>();
    private final List<Reason> notes = new ArrayList<>();
    private final Map<Reason.Code, Integer> notesByCode = new LinkedHashMap<>();
    private long targetBytes;

    FactsWriter(List<FactsKind> asked, LayerLimits limits) {
        this.asked = asked;
        this.limits = limits;
    }

    void note(Reason.Code code, String message) {
        if (notesByCode.merge(code, 1, Integer::sum) <= NOTES_PER_CODE) {
            notes.add(new Reason(code, message));
        }
    }

    void add(EntryLog.Kind kind, byte[] path, int mode, byte @Nullable [] link) throws LayerFault {
        add(kind, path, mode, 0, link, null);
    }

    private void add(
            EntryLog.Kind kind, byte[] path, int mode, long size, byte @Nullable [] link, EntryLog.@Nullable Kept kept)
            throws LayerFault {
        if (entries.entries() >= limits.maxEntries()) {
            throw LayerFault.limit("there are more entries than the limit of " + limits.maxEntries());
        }
        entries.add(kind, path, mode, size, link, kept);
        checkSize();
    }

    private void checkSize() throws LayerFault {
        if (contents.heldBytes() + entries.log().heldBytes() > limits.maxFactsBytes()
                || contents.length() + entries.log().length() > limits.maxFactsBytes() * LayerLimits.FACTS_EXPANSION) {
            throw LayerFault.limit(
                    "the layer's facts are larger than the limit of " + limits.maxFactsBytes() + " bytes");
        }
    }

    /** A regular file whose content follows. */
    OpenFile open(byte[] path, int mode, long size, byte[] head) {
        return new OpenFile(path, mode, size, head);
    }

    /** A regular file whose content could not be read: it is there, what it holds is not known. */
    void openUnread(byte[] path, int mode, long size) throws LayerFault {
        add(EntryLog.Kind.FILE, path, mode, size, null, null);
    }

    /** One file whose content streams by. */
    final class OpenFile {

        private final byte[] path;
        private final FileEntry entry;
        private final long start = contents.length();
        private final Map<String, FileProbe> probes = new LinkedHashMap<>();
        private int wanted;
        private long kept;
        private boolean asTarget;

        private OpenFile(byte[] path, int mode, long size, byte[] head) {
            this.path = path;
            this.entry = new FileEntry(PathBytes.text(path, 0, path.length), FileEntry.Type.FILE, size, mode, null);
            // The same files whether a layer is read as a whole or by its table, which does not show these first bytes.
            byte[] seen = DullFiles.isNamedSo(entry.path()) && !entry.isExecutable() ? UNSEEN : head;
            for (FactsKind kind : asked) {
                try {
                    Want want = kind.wants(entry, head);
                    if (want.isNothing() && targetBytes < MAX_TARGET_BYTES) {
                        want = kind.wantsAsTarget(entry, seen);
                        asTarget |= !want.isNothing();
                    }
                    wanted = Math.max(wanted, want.contentBytes());
                    if (want.probeKind() != null && want.probe() != null && !probes.containsKey(want.probeKind())) {
                        probes.put(want.probeKind(), want.probe().get());
                    }
                } catch (RuntimeException e) {
                    blame(kind.id(), e);
                }
            }
        }

        /** Whether anybody is interested in (more of) the content. */
        boolean isWanted() {
            return kept < wanted || !probes.isEmpty();
        }

        void accept(byte[] buffer, int offset, int length) throws LayerFault {
            if (kept < wanted) {
                int part = (int) Math.min(length, wanted - kept);
                contents.write(buffer, offset, part);
                kept += part;
                checkSize();
            }
            for (var probe = probes.entrySet().iterator(); probe.hasNext(); ) {
                Map.Entry<String, FileProbe> next = probe.next();
                try {
                    next.getValue().accept(buffer, offset, length);
                } catch (RuntimeException e) {
                    blame(next.getKey(), e);
                    probe.remove();
                }
            }
        }

        void finish() throws LayerFault {
            EntryLog.Span content = wanted > 0 ? new EntryLog.Span(start, (int) kept) : null;
            List<EntryLog.Probed> probed = new ArrayList<>();
            for (Map.Entry<String, FileProbe> probe : probes.entrySet()) {
                byte[] facts;
                try {
                    facts = probe.getValue().finish();
                } catch (RuntimeException e) {
                    blame(probe.getKey(), e);
                    continue;
                }
                // That a probe found nothing in a file that was its own to look at tells it from one that was not
                // looked at.
                if (facts.length > 0 || !asTarget) {
                    probed.add(new EntryLog.Probed(
                            kind(probe.getKey()), new EntryLog.Span(contents.length(), facts.length)));
                    contents.write(facts, 0, facts.length);
                }
            }
            targetBytes += asTarget ? contents.length() - start : 0;
            EntryLog.Kept keeping = content == null && probed.isEmpty()
                    ? null
                    : new EntryLog.Kept(content, content != null && kept < entry.size(), probed);
            add(EntryLog.Kind.FILE, path, entry.mode(), entry.size(), null, keeping);
        }

        /** The content broke off: the file is there, what it holds is not known. */
        void giveUp() throws LayerFault {
            add(EntryLog.Kind.FILE, path, entry.mode(), entry.size(), null, null);
        }

        private void blame(String who, RuntimeException e) {
            note(
                    Reason.Code.INTERNAL_ERROR,
                    who + " failed on " + PathBytes.quoted(entry.path().getBytes(StandardCharsets.UTF_8)) + ": " + e);
        }
    }

    private int kind(String name) {
        int index = probeKinds.indexOf(name);
        if (index < 0) {
            index = probeKinds.size();
            probeKinds.add(name);
        }
        return index;
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
        List<Reason> all = new ArrayList<>(notes);
        notesByCode.forEach((code, count) -> {
            if (count > NOTES_PER_CODE) {
                all.add(new Reason(code, "and " + (count - NOTES_PER_CODE) + " more like it in this layer"));
            }
        });
        return new LayerFacts(
                digest,
                diffId,
                storedBytes,
                uncompressedBytes,
                complete,
                table,
                all,
                probeKinds,
                entries.entries(),
                entries.log().finish(),
                contents.finish());
    }
}
