package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Keeps entries as a layer means them: whiteouts are names, and nothing leads out of the root. */
final class EntryKeeper {

    private static final String PREFIX = ".wh.";
    private static final String META_PREFIX = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";

    private final FactsWriter facts;
    private final LayerLimits limits;
    private final String layer;
    private final byte[] head = new byte[Interest.HEAD_BYTES];

    /**
     * @param layer for messages
     */
    EntryKeeper(FactsWriter facts, LayerLimits limits, String layer) {
        this.facts = facts;
        this.limits = limits;
        this.layer = layer;
    }

    void keep(EntryReader entry) throws IOException {
        byte[] path = PathBytes.normalise(entry.name());
        if (path == null) {
            facts.note(
                    Reason.Code.LAYER_CORRUPT,
                    "layer " + layer + ": the entry " + PathBytes.quoted(entry.name())
                            + " climbs out of the root; it was refused");
            return;
        }
        if (PathBytes.depth(path) > limits.maxDepth()) {
            throw LayerFault.limit("the path " + PathBytes.quoted(path) + " has more components than the limit of "
                    + limits.maxDepth());
        }
        if (!keepWhiteout(entry, path)) {
            keepEntry(entry, path);
        }
    }

    private boolean keepWhiteout(EntryReader entry, byte[] path) throws LayerFault {
        if (!hasMark(path)) {
            return false;
        }
        int nameStart = path.length;
        while (nameStart > 0 && path[nameStart - 1] != '/') {
            nameStart--;
        }
        byte[] directory = Arrays.copyOf(path, Math.max(0, nameStart - 1));
        String name = new String(path, nameStart, path.length - nameStart, StandardCharsets.ISO_8859_1);
        if (name.equals(OPAQUE)) {
            facts.add(EntryLog.Kind.OPAQUE, directory, 0, null);
            return true;
        }
        if (isBookkeeping(entry, path)) {
            return true;
        }
        if (!name.startsWith(PREFIX)) {
            return false;
        }
        byte[] hidden = Arrays.copyOf(path, path.length - PREFIX.length());
        System.arraycopy(
                path, nameStart + PREFIX.length(), hidden, nameStart, path.length - nameStart - PREFIX.length());
        if (name.length() == PREFIX.length() || !PathBytes.isNormal(hidden, hidden.length)) {
            facts.note(
                    Reason.Code.LAYER_CORRUPT,
                    "layer " + layer + ": the whiteout " + PathBytes.quoted(path) + " hides no name; it was ignored");
        } else {
            facts.add(EntryLog.Kind.WHITEOUT, hidden, 0, null);
        }
        return true;
    }

    /** Whether a name in the path begins as those of whiteouts do: nearly none does. */
    private static boolean hasMark(byte[] path) {
        for (int i = 1; i < path.length - 2; i++) {
            if (path[i] == 'w'
                    && path[i - 1] == '.'
                    && path[i + 1] == 'h'
                    && path[i + 2] == '.'
                    && (i == 1 || path[i - 2] == '/')) {
                return true;
            }
        }
        return false;
    }

    /** Of AUFS, all but the files that hard links lead to. */
    private static boolean isBookkeeping(EntryReader entry, byte[] path) {
        String text = new String(path, StandardCharsets.ISO_8859_1);
        return (text.startsWith(META_PREFIX) || text.contains("/" + META_PREFIX))
                && !(text.startsWith(LinkStore.AUFS + "/") && entry.isFile());
    }

    private void keepEntry(EntryReader entry, byte[] path) throws IOException {
        switch (entry.type()) {
            case '0', '7', 'S' -> keepFile(entry, path);
            case '1' -> {
                byte[] target = PathBytes.normalise(entry.link());
                if (target == null || target.length == 0) {
                    facts.note(
                            Reason.Code.LAYER_CORRUPT,
                            "layer " + layer + ": the hard link " + PathBytes.quoted(path)
                                    + " leads out of the root; it was refused");
                } else {
                    facts.add(EntryLog.Kind.HARDLINK, path, entry.mode(), target);
                }
            }
            case '2' -> facts.add(EntryLog.Kind.SYMLINK, path, entry.mode(), entry.link());
            case '5' -> facts.add(EntryLog.Kind.DIRECTORY, path, entry.mode(), null);
            case '3', '4', '6' -> facts.add(EntryLog.Kind.OTHER, path, entry.mode(), null);
            default -> {
                // Volume labels and other makers' kinds: container runtimes lay nothing for them.
            }
        }
    }

    private void keepFile(EntryReader entry, byte[] path) throws IOException {
        int headLength = 0;
        FactsWriter.OpenFile file = null;
        try {
            while (headLength < head.length && entry.nextSlice(head.length - headLength)) {
                System.arraycopy(entry.slice, entry.sliceOffset, head, headLength, entry.sliceLength);
                headLength += entry.sliceLength;
            }
            file = facts.open(path, entry.mode(), entry.size(), Arrays.copyOf(head, headLength));
            if (file.isWanted()) {
                file.accept(head, 0, headLength);
            }
            while (file.isWanted() && entry.nextSlice(Integer.MAX_VALUE)) {
                file.accept(entry.slice, entry.sliceOffset, entry.sliceLength);
            }
        } catch (LayerFault fault) {
            if (file != null && fault.code() == Reason.Code.LAYER_CORRUPT) {
                file.giveUp();
            }
            throw fault;
        }
        file.finish();
    }
}
