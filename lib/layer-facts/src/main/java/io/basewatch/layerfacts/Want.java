package io.basewatch.layerfacts;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a detector wants kept of one file. Path, type, size, mode and link target of every entry are kept anyway.
 *
 * @param contentBytes how much of the content, from its start; 0 for none. A longer file is kept cut and marked so.
 * @param probeKind names the facts a probe makes, the same for the same kind of probe everywhere; null for no probe
 * @param probe makes a new probe for this file; null exactly when probeKind is
 */
public record Want(
        int contentBytes,
        @Nullable String probeKind,
        @Nullable Supplier<FileProbe> probe) {

    public static final Want NOTHING = new Want(0, null, null);

    public boolean isNothing() {
        return contentBytes == 0 && probe == null;
    }

    public static Want content(int maxBytes) {
        return new Want(maxBytes, null, null);
    }

    public static Want probe(String kind, Supplier<FileProbe> probe) {
        return new Want(0, kind, probe);
    }
}
