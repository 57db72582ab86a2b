package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What one image stands on. What stands on it has {@link Bases} under {@link #own}, if anything does.
 *
 * @param platform normalised; null where the image does not say
 * @param whole whether all that its layers are is known; where not, a nearer base than those told may be hidden
 * @param bases nearest first; each stands on the next. Empty for an image that stands on nothing known. What is found by a claim, by history or by likeness stands alone
 * @param own what it is called as a base; null when its layers are not known, or say nothing
 * @param names of a well-known public image that has just these layers; empty for others
 * @param equals digests of other images with just these layers, sorted; at most {@value #MAX_EQUALS}
 * @param equalCount all of them
 * @param claim what it says itself; null when it says nothing
 * @param stale tags that led to the base when this was built and have moved on: it has to be built again; empty when there is none
 * @param drift other platforms of the same tag that stand elsewhere; empty when there are none, at most {@value #MAX_DRIFT}
 * @param undecided images that come equally into question where one would have to guess, and that are not the same layers: none of them is named then. Sorted; at most
 *     {@value StandsOn#MAX_NAMES}; empty for most
 * @param undecidedKnown well-known public images that the fleet does not hold and that come equally into question, by name; at most {@value StandsOn#MAX_NAMES}; empty for most
 */
public record Lineage(
        Digest image,
        @Nullable Platform platform,
        boolean whole,
        List<StandsOn> bases,
        @Nullable BaseId own,
        List<Name> names,
        List<Digest> equals,
        int equalCount,
        @Nullable Claimed claim,
        List<Moved> stale,
        List<Drift> drift,
        List<Digest> undecided,
        List<Name> undecidedKnown) {

    public static final int MAX_EQUALS = 100;
    public static final int MAX_DRIFT = 100;

    public Lineage {
        bases = List.copyOf(bases);
        names = List.copyOf(names);
        equals = List.copyOf(equals);
        stale = List.copyOf(stale);
        drift = List.copyOf(drift);
        undecided = List.copyOf(undecided);
        undecidedKnown = List.copyOf(undecidedKnown);
    }

    /** The one to name where there is room for one: the nearest that has a name, else the nearest. */
    public Optional<StandsOn> base() {
        return bases.stream()
                .filter(each -> !each.names().isEmpty())
                .findFirst()
                .or(() -> bases.stream().findFirst());
    }

    /**
     * One base of an image.
     *
     * @param names the best first; at most {@value #MAX_NAMES}; empty for one that nobody has named
     * @param images of the fleet that are it, sorted: more than one where several have the same layers; at most {@value #MAX_NAMES}
     * @param layers how many of the image's layers are its; 0 where it was not found by them
     * @param adds whether the image adds anything to it: false where all layers above are empty
     * @param ground null where its files do not say, or where it is none of the fleet
     * @param likeness what {@link Method#LIKENESS} saw; null for other methods
     */
    public record StandsOn(
            BaseId id,
            Method method,
            Confidence confidence,
            List<Name> names,
            List<Digest> images,
            int layers,
            boolean adds,
            Member.@Nullable Ground ground,
            @Nullable Likeness likeness) {

        /** One that was not found by likeness. */
        StandsOn(
                BaseId id,
                Method method,
                Confidence confidence,
                List<Name> names,
                List<Digest> images,
                int layers,
                boolean adds,
                Member.@Nullable Ground ground) {
            this(id, method, confidence, names, images, layers, adds, ground, null);
        }

        public static final int MAX_NAMES = 20;

        public StandsOn {
            names = List.copyOf(names);
            images = List.copyOf(images);
        }
    }

    /**
     * @param base that it means; null where the fleet does not hold it
     */
    public record Claimed(
            BaseClaim said, Verdict verdict, @Nullable BaseId base) {

        /** What layers say of what an image claims. */
        public enum Verdict {
            /** It is one of those it stands on. */
            CONFIRMED,
            /** Its base says the same of itself, or it names the image itself: it says nothing of this image. */
            INHERITED,
            /** What it names is not in the fleet, or leads elsewhere by now: nothing can be said. */
            UNSEEN,
            /** It names an image of the fleet that it does not stand on. */
            CONTRADICTED;

            @JsonValue
            @Override
            public String toString() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }

    /**
     * @param reference of the tag
     * @param to what it leads to now, for the same platform
     * @param ground of that one; null where its files do not say
     */
    public record Moved(String reference, Digest to, Member.@Nullable Ground ground) {}

    /**
     * @param reference of the tag that leads to both
     * @param image the other one
     * @param ground of the other one; null where its files do not say
     * @param base of the other one; null when it has none
     */
    public record Drift(
            String reference,
            Digest image,
            @Nullable Platform platform,
            Member.@Nullable Ground ground,
            @Nullable BaseId base) {}

    /** How many images, tags that lead to them, and repositories that these are of. */
    public record Count(long images, long tags, long repositories) {

        static final Count NONE = new Count(0, 0, 0);
    }
}
