package io.basewatch.backlog;

import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Member;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A base to move, or a repository that stands on none that is known, with everything that moves with it.
 *
 * @param id the same as long as the base has the same layers, or the repository its name
 * @param bases the base for each platform; empty where the entry is a repository of its own
 * @param name the best there is for people
 * @param names references that lead to it; may be empty
 * @param ground null where the files do not say
 * @param support on the day, of those it counts least for
 * @param why codes of all that speaks for moving
 * @param images that move, each once
 * @param unread of these: images that are not read wholly, of which more may be said
 * @param tags that lead to them
 * @param repositories that hold them
 * @param owners images by owner; those without one are not listed
 * @param benefit the worst image of each repository whole, the others by their share
 * @param score benefit over 4 and effort
 * @param findings what was found in the images, proven ones first, then by images; at most {@value #MAX_FINDINGS}
 * @param targets what its Dockerfiles are best moved to, by how many first; empty where nothing is recommended
 * @param changes the repositories whose Dockerfile has to be changed, those that most moves along with first; at most {@value #MAX_CHANGES}
 * @param changeCount all of them
 * @param rebuilt repositories that only have to be built again
 */
public record Entry(
        String id,
        List<BaseId> bases,
        String name,
        List<String> names,
        Member.@Nullable Ground ground,
        Libc.Family libc,
        Support support,
        Set<Why> why,
        long images,
        long unread,
        long tags,
        long repositories,
        Map<String, Long> owners,
        Points benefit,
        Effort effort,
        double score,
        List<Finding> findings,
        List<Aim> targets,
        List<Change> changes,
        long changeCount,
        long rebuilt) {

    public static final int MAX_FINDINGS = 50;
    public static final int MAX_CHANGES = 1_000;

    static final Comparator<Entry> ORDER = Comparator.comparingDouble(Entry::score)
            .reversed()
            .thenComparing(
                    Comparator.comparingDouble((Entry entry) -> entry.benefit().total())
                            .reversed())
            .thenComparing(Entry::id);

    /** What speaks for moving. */
    public enum Why {
        /** Nobody fixes it any more who does so for free, and nothing that counts was bought. */
        PAST_SUPPORT,
        /** Support that counts ends within half a year. */
        ENDING,
        /** Something fails for certain. */
        CERTAIN,
        /** Something may bite. */
        RISK,
        MUSL,
        /** Nobody knows how long it is supported. */
        UNKNOWN;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /**
     * @param severity the worst
     * @param images that have it
     */
    public record Finding(String id, Caveat.Kind kind, Caveat.Severity severity, long images) {}

    /**
     * One repository whose Dockerfile has to be changed.
     *
     * @param image the newest of those that stand directly on the base
     * @param tags that lead to it there
     * @param layers of its own above the base
     * @param below images of the fleet that stand on an image of this repository: they move along
     * @param rebasable whether its own layers install no package and stay on the same kind of C library, so that they may be put onto another base as they are, if
     *     the loader agrees; null when it is not known
     * @param on the base it stands on; null for a repository of its own
     * @param target what to move it to, by what it runs and what was found in it and in what moves along; null where nothing is recommended
     */
    public record Change(
            Repository repository,
            Digest image,
            List<String> tags,
            int layers,
            Effort effort,
            long below,
            @Nullable Boolean rebasable,
            @Nullable BaseId on,
            @Nullable Target target) {}

    /**
     * @param dockerfiles that are best moved there
     */
    public record Aim(Target target, long dockerfiles) {}

    /** What a decision to leave it has to name: when another one comes, that decision was about something else. */
    public List<Cause> causes() {
        return Cause.of(this);
    }

    public Entry {
        bases = List.copyOf(bases);
        names = List.copyOf(names);
        findings = List.copyOf(findings);
        targets = List.copyOf(targets);
        changes = List.copyOf(changes);
    }
}
