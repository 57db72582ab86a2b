package io.basewatch.caveats;

import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.elf.loading.LoadProof.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * What would become of an image's own objects on another base.
 *
 * @param changes of each own object, in order of the paths
 */
public record WhatIf(List<Change> changes) {

    /** What a move does to an object; what matters most first. */
    public enum Effect {
        /** It loads here and not there: to be built again, or to be given what it misses. */
        BREAKS,
        /** It does not load here, and loads there. */
        NEWLY_LOADS,
        /** Neither here nor there. */
        STILL_FAILS,
        /** Of one of both it cannot be known. */
        UNKNOWN,
        /** It loads there as it does here. */
        STILL_LOADS;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * One object.
     *
     * @param isReached whether anything is known to start or open it, there
     */
    public record Change(ElfFile object, Effect effect, LoadProof here, LoadProof there, boolean isReached) {}

    public WhatIf {
        changes = List.copyOf(changes);
    }

    /**
     * Moves what is the image's own.
     *
     * @param isOwn by the path at which a file really lies, relative to the root
     * @param base an image, or a stored description of one
     */
    public static WhatIf of(JudgedImage image, Predicate<String> isOwn, JudgedImage base) {
        JudgedImage moved = new Transplanted(image, isOwn, base);
        Map<String, LoadVerdict> before = new HashMap<>();
        LoadVerdicts.of(image, new Startable(image))
                .all()
                .forEach(verdict -> before.put(verdict.object().path(), verdict));
        List<Change> changes = new ArrayList<>();
        for (LoadVerdict verdict : LoadVerdicts.of(moved, new Startable(moved)).all()) {
            LoadVerdict here = before.get(verdict.object().path());
            if (here != null && isOwn.test(verdict.object().path())) {
                changes.add(new Change(
                        verdict.object(),
                        effect(here.proof().outcome(), verdict.proof().outcome()),
                        here.proof(),
                        verdict.proof(),
                        verdict.reach() != LoadVerdict.Reach.UNUSED));
            }
        }
        return new WhatIf(changes);
    }

    private static Effect effect(Outcome here, Outcome there) {
        if (here == Outcome.UNKNOWN || there == Outcome.UNKNOWN) {
            return Effect.UNKNOWN;
        }
        if (there == Outcome.LOADS) {
            return here == Outcome.LOADS ? Effect.STILL_LOADS : Effect.NEWLY_LOADS;
        }
        return here == Outcome.LOADS ? Effect.BREAKS : Effect.STILL_FAILS;
    }

    /** Names of one kind of fault that the base would have to offer, sorted: sonames, versions, symbols, loaders. */
    public Set<String> missing(LoadFault.Kind kind) {
        Set<String> names = new TreeSet<>();
        for (Change change : changes) {
            for (LoadFault fault : change.there().faults()) {
                if (fault.kind() == kind) {
                    names.add(
                            kind == LoadFault.Kind.VERSION_MISSING
                                    ? fault.name() + " " + fault.version()
                                    : fault.name());
                }
            }
        }
        return names;
    }
}
