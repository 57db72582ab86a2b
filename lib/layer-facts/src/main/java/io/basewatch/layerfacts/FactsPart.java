package io.basewatch.layerfacts;

/**
 * Facts of one layer and kind, encoded: what is kept of it, by the layer, the kind and the version.
 *
 * @param kind {@link #ENTRIES}, or a {@link FactsKind#name}
 * @param version of the kind
 */
@SuppressWarnings("ArrayRecordComponent") // Held, never compared.
public record FactsPart(String kind, int version, byte[] bytes) {

    /** The list of all that lies in the layer, which each other part refers to. */
    public static final String ENTRIES = "entries";

    /** Raised when more is noted of each entry, or another way: then a layer is read again for all. */
    public static final int ENTRIES_VERSION = 1;
}
