package io.basewatch.caveats;

import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.caveats.WhatIf.Effect;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * What is answered of a {@link WhatIf}, by the command line and the report API alike.
 *
 * @param image what would be moved
 * @param on the base it would stand on
 * @param own how it was told what is the image's own
 * @param whole whether both could be read wholly: where not, what is not told may be there all the same
 * @param objects of its own, by what becomes of them; each effect is there
 * @param changes what matters most first, in order of the effects and then of the paths; may be cut
 * @param missing what the base would have to offer
 */
public record WhatIfReport(
        String image,
        String on,
        Own own,
        boolean whole,
        Map<Effect, Long> objects,
        List<Change> changes,
        Missing missing) {

    /** How it was told what is an image's own. */
    public enum Own {
        /** All above the layers of a base that was named. */
        FROM,
        /** All above the layers of the base that the fleet tells. */
        BASE,
        /** By where files lie. */
        GUESS;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One object of its own.
     *
     * @param reached whether anything is known to start or open it, there
     * @param here the loader's lines, or why it cannot be known; empty where it loads
     * @param there the same, on the other base
     */
    public record Change(String path, Effect effect, boolean reached, List<String> here, List<String> there) {}

    /** Names, sorted. */
    public record Missing(Set<String> libraries, Set<String> versions, Set<String> symbols) {}

    public WhatIfReport {
        changes = List.copyOf(changes);
    }

    /**
     * @param limit of changes that are told
     */
    public static WhatIfReport of(String image, String on, Own own, boolean whole, WhatIf whatIf, int limit) {
        Map<Effect, Long> objects = new EnumMap<>(Effect.class);
        for (Effect effect : Effect.values()) {
            objects.put(effect, 0L);
        }
        whatIf.changes().forEach(change -> objects.merge(change.effect(), 1L, Long::sum));
        List<WhatIf.Change> changes = whatIf.changes().stream()
                .sorted((one, other) -> one.effect().compareTo(other.effect()))
                .toList();
        return new WhatIfReport(
                image,
                on,
                own,
                whole,
                objects,
                changes.stream().limit(limit).map(WhatIfReport::change).toList(),
                new Missing(
                        whatIf.missing(LoadFault.Kind.LIBRARY_MISSING),
                        whatIf.missing(LoadFault.Kind.VERSION_MISSING),
                        whatIf.missing(LoadFault.Kind.SYMBOL_MISSING)));
    }

    private static Change change(WhatIf.Change change) {
        return new Change(
                change.object().path(),
                change.effect(),
                change.isReached(),
                lines(change.here()),
                lines(change.there()));
    }

    private static List<String> lines(LoadProof proof) {
        return proof.outcome() == LoadProof.Outcome.UNKNOWN
                ? proof.unknowns()
                : proof.faults().stream().map(LoadFault::line).toList();
    }
}
