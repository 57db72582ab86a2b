package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Digest;
import org.jspecify.annotations.Nullable;

/** A file of the squashed file system with what its layer's facts kept of it. */
public interface ImageFile {

    /** With the path at which it lies after all links in its directories were followed. */
    FileEntry entry();

    /** diffID of the layer it comes from, or its stored digest where it was read {@link LayerFacts#isLazy lazily}; null in a plain root file system. */
    @Nullable
    Digest layer();

    /**
     * What was kept of the content.
     *
     * @return null when no detector wanted it
     */
    byte @Nullable [] content();

    /** Whether the file is longer than {@link #content()}. */
    boolean isCut();

    /**
     * What a probe of that kind kept.
     *
     * @return null when there was no such probe
     */
    byte @Nullable [] facts(String probeKind);
}
