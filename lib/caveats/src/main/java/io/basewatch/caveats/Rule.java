package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat;
import java.util.List;
import java.util.Set;

/** Knows one kind of trap. Stateless. */
interface Rule {

    /** {@code name/version}; a new version makes all judgements again. */
    String id();

    /** Empty when the image does not have it, or has what takes it away. */
    List<Caveat> judge(Case image);

    /** The ids of the catalogue's entries that it may tell. */
    default Set<String> tells() {
        return Set.of();
    }
}
