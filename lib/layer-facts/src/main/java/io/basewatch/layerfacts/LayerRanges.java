package io.basewatch.layerfacts;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Gives parts of one layer's stored bytes, as a registry that answers to Range does. Used by one thread. */
public interface LayerRanges {

    /**
     * @param length at least 1; with the offset never beyond {@link Expected#size()}
     * @return exactly so many bytes, or less and an exception; closed by the caller, also before its end; empty when no parts are to be had
     */
    Optional<InputStream> open(long offset, long length) throws IOException;
}
