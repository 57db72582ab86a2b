package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One base of the fleet: what at least one image stands on.
 *
 * @param method by which images stand on it: {@link Method#LAYERS}, {@link Method#KNOWN}, {@link Method#SHARED}, {@link Method#ANNOTATION}, {@link Method#LABEL} or {@link Method#PROVENANCE}
 * @param names the best first; at most {@value #MAX_NAMES}; empty for one that nobody has named
 * @param nameCount all of them
 * @param images of the fleet that are it, sorted; at most {@value Lineage.StandsOn#MAX_NAMES}
 * @param current whether a tag of the fleet leads to it now
 * @param depth 0 for one that stands on no other
 * @param layers how many it has; 0 where they are not known
 * @param bytes of these layers as registries keep them; 0 where they are not known
 * @param ground what it stands on; of one that is none of the fleet, what all images on it agree on, and null where they do not
 * @param libc the same
 * @param on the base that it stands on itself; null for none
 * @param children images that stand on it and on nothing nearer
 * @param descendants all images that stand on it
 * @param stale children that were built before the base's tag moved on
 * @param drifting children of which another platform of the same tag stands elsewhere
 * @param movedTo where the tags that led to it lead now; empty for one whose tags did not move; at most {@value Lineage.StandsOn#MAX_NAMES}
 */
public record Base(
        BaseId id,
        Method method,
        List<Name> names,
        int nameCount,
        List<Digest> images,
        boolean current,
        int depth,
        int layers,
        long bytes,
        Member.@Nullable Ground ground,
        Libc.@Nullable Family libc,
        @Nullable BaseId on,
        Lineage.Count children,
        Lineage.Count descendants,
        long stale,
        long drifting,
        List<Lineage.Moved> movedTo) {

    public static final int MAX_NAMES = 1000;

    public Base {
        names = List.copyOf(names);
        images = List.copyOf(images);
        movedTo = List.copyOf(movedTo);
    }
}
