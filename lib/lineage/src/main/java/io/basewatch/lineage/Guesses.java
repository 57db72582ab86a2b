package io.basewatch.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageSketch;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an image may stand on whose layers show nothing, because they were squashed or written anew. Several that are equally likely are none unless they are the same layers. Guarded by the
 * tree's lock.
 */
final class Guesses {

    /** By so many of its files each base is found, of which an image that stands on it has at least one. */
    private static final int MARKS = 4;

    /** Where more bases come into question none is guessed: a question has to end. */
    private static final int MAX_COMPARED = 50_000;

    private final Ancestry ancestry;
    private final KnownBases known;
    private final Map<Long, List<Image>> byLastStep = new HashMap<>();

    /** Only images that others stand on, or that are well known. */
    private final Map<Ground, List<Image>> byGround = new HashMap<>();

    /** The same by some of their files. */
    private final Map<Integer, List<Image>> byFile = new HashMap<>();

    /** What images must have in common. */
    private record Ground(
            Member.Ground release,
            Libc.Family libc,
            @Nullable Platform platform) {

        /** Null for one that nothing can be told by. */
        static @Nullable Ground of(Image.Content content) {
            Member.Ground release = content.ground();
            return release == null || release.version() == null
                    ? null
                    : new Ground(release, content.libc(), content.platform());
        }
    }

    Guesses(Ancestry ancestry, KnownBases known) {
        this.ancestry = ancestry;
        this.known = known;
    }

    /** An image of the fleet; one whose content changes is entered first and leaves with what it was. */
    void enter(Image image, Image.Content content) {
        if (content.top() != null && content.whole()) {
            long[] history = content.history();
            if (history.length > 0) {
                add(byLastStep, history[history.length - 1], image);
            }
            if (content.top().isBelowAny() || isKnown(content)) {
                offer(image, content);
            }
        }
    }

    void leave(Image image, Image.Content content) {
        if (content.top() != null && content.whole()) {
            long[] history = content.history();
            if (history.length > 0) {
                remove(byLastStep, history[history.length - 1], image);
            }
            if (content.top().isBelowAny() || isKnown(content)) {
                withdraw(image, content);
            }
        }
    }

    /** Of an image that was entered: there is the first that has its layers and more. */
    void stoodUpon(Image image) {
        if (!isKnown(image.content())) {
            offer(image, image.content());
        }
    }

    /** There is none any more. */
    void left(Image image) {
        if (!isKnown(image.content())) {
            withdraw(image, image.content());
        }
    }

    /** Whether it is a base even if nothing stands on it; always the same of the same content. */
    private boolean isKnown(Image.Content content) {
        return content.top() != null && ancestry.isKnown(content.top(), content.platform());
    }

    private void offer(Image image, Image.Content content) {
        Ground ground = Ground.of(content);
        if (ground != null) {
            add(byGround, ground, image);
        }
        if (content.files() != null) {
            content.files().marks(MARKS).forEach(mark -> add(byFile, mark, image));
        }
    }

    private void withdraw(Image image, Image.Content content) {
        Ground ground = Ground.of(content);
        if (ground != null) {
            remove(byGround, ground, image);
        }
        if (content.files() != null) {
            content.files().marks(MARKS).forEach(mark -> remove(byFile, mark, image));
        }
    }

    private static <K> void add(Map<K, List<Image>> index, K key, Image image) {
        index.merge(key, List.of(image), (there, one) -> Chain.with(there, one.get(0)));
    }

    private static <K> void remove(Map<K, List<Image>> index, K key, Image image) {
        index.computeIfPresent(key, (any, there) -> {
            List<Image> left = Chain.without(there, image);
            return left.isEmpty() ? null : left;
        });
    }

    /**
     * @param base null for none
     * @param undecided see {@link Lineage#undecided}
     * @param undecidedKnown see {@link Lineage#undecidedKnown}
     */
    record Guess(Lineage.@Nullable StandsOn base, List<Digest> undecided, List<Name> undecidedKnown) {}

    static final Guess NONE = new Guess(null, List.of(), List.of());

    /** Of an image whose layers and claims show no base. */
    Guess of(Image image) {
        if (image.top() == null || !image.isWhole() || isBase(image)) {
            return NONE;
        }
        List<Image> alike = byHistory(image);
        return alike.isEmpty()
                ? guess(byLikeness(image))
                : guess(alike.stream()
                        .map(other -> new Alike(other, null, null))
                        .toList());
    }

    private boolean isBase(Image image) {
        Chain top = Objects.requireNonNull(image.top());
        return top.isBelowAny() || isKnown(image.content());
    }

    /** Those with the longest history that the image's begins with. */
    private List<Image> byHistory(Image image) {
        long[] history = image.content().history();
        for (int steps = history.length - 1; steps > 0; steps--) {
            int length = steps;
            List<Image> alike = byLastStep.getOrDefault(history[steps - 1], List.of()).stream()
                    .filter(other -> other.content().history().length == length
                            && Objects.equals(other.platform(), image.platform()))
                    .toList();
            if (!alike.isEmpty()) {
                return alike;
            }
        }
        return List.of();
    }

    /**
     * One that comes into question: an image of the fleet, or else a well-known one that the fleet does not hold.
     *
     * @param likeness null where history speaks for it
     */
    private record Alike(
            @Nullable Image image,
            KnownBases.@Nullable Known known,
            @Nullable Likeness likeness) {

        static final Comparator<Alike> ORDER = Comparator.comparing(
                        (Alike alike) -> alike.image, Comparator.nullsLast(Image.BY_DIGEST))
                .thenComparing(alike -> alike.known == null ? "" : alike.known.reference());

        Digest chain() {
            return image != null
                    ? Objects.requireNonNull(image.top()).id.digest()
                    : Objects.requireNonNull(known).chain();
        }

        int layers() {
            return image != null
                    ? Objects.requireNonNull(image.top()).layers
                    : Objects.requireNonNull(known).layers();
        }

        /** Whether it has all layers of another one. */
        boolean standsOn(Alike other) {
            Digest lower = other.chain();
            if (image == null) {
                return chain().equals(lower);
            }
            for (Chain chain = image.top(); chain != null && chain.below != null; chain = chain.below) {
                if (chain.id.digest().equals(lower)) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * Those that others stand on, or that are well known, and whose packages the image has; of these, those with the most. Where the packages of one of both are not known, those whose files it
     * has; of these, those of which it has most. Where neither can be compared, the release alone can be: then only smaller ones that stand on no other are looked at.
     */
    private List<Alike> byLikeness(Image image) {
        Ground ground = Ground.of(image.content());
        List<Image> ofRelease = ground == null ? List.of() : byGround.getOrDefault(ground, List.of());
        Set<Image> compared = new LinkedHashSet<>(ofRelease);
        FileSketch files = image.content().files();
        if (files != null) {
            files.marks(FileSketch.SIZE)
                    .forEach(mark -> byFile.getOrDefault(mark, List.of()).stream()
                            .limit(MAX_COMPARED)
                            .filter(other -> mayBe(image, other))
                            .forEach(compared::add));
        }
        compared.remove(image);
        if (compared.size() > MAX_COMPARED) {
            return List.of();
        }
        List<Alike> alike = Stream.concat(
                        compared.stream()
                                .flatMap(other -> compare(
                                        image,
                                        other,
                                        null,
                                        other.content().packages(),
                                        other.content().files())),
                        known.all().stream()
                                .filter(each -> mayBe(image, each))
                                .flatMap(each -> compare(image, null, each, each.packages(), each.files())))
                .toList();
        List<Alike> best = new ArrayList<>(lowest(best(alike)));
        long bytes = image.bytes();
        ofRelease.stream()
                .filter(other -> other != image
                        && !isComparable(image.content(), other.content())
                        && other.bytes() < bytes
                        && ancestry.nearest(other) == null)
                .map(other -> new Alike(other, null, Likeness.OF_RELEASE))
                .forEach(best::add);
        return best;
    }

    private static boolean mayBe(Image image, Image base) {
        return Objects.equals(image.platform(), base.platform())
                && mayBe(image.ground(), base.ground())
                && (image.content().libc() == base.content().libc()
                        || image.content().libc() == Libc.Family.UNKNOWN
                        || base.content().libc() == Libc.Family.UNKNOWN);
    }

    private static boolean mayBe(Image image, KnownBases.Known base) {
        return Objects.equals(image.platform(), BaseId.normal(base.platform())) && mayBe(image.ground(), base.ground());
    }

    private static boolean mayBe(Member.@Nullable Ground image, Member.@Nullable Ground base) {
        return Likeness.mayBe(image == null ? null : image.distro(), image == null ? null : image.version(), base);
    }

    private static boolean isComparable(Image.Content image, Image.Content base) {
        return (image.packages() != null && base.packages() != null) || (image.files() != null && base.files() != null);
    }

    private static Stream<Alike> compare(
            Image image,
            @Nullable Image base,
            KnownBases.@Nullable Known known,
            @Nullable PackageSketch itsPackages,
            @Nullable FileSketch itsFiles) {
        Image.Content content = image.content();
        return Stream.ofNullable(Likeness.between(content.packages(), content.files(), itsPackages, itsFiles))
                .map(likeness -> new Alike(base, known, likeness));
    }

    private static List<Alike> best(List<Alike> alike) {
        Comparator<Alike> order =
                Comparator.comparing(each -> Objects.requireNonNull(each.likeness()), Likeness.BEST_FIRST);
        return alike.stream()
                .min(order)
                .map(first -> alike.stream()
                        .filter(each -> order.compare(each, first) == 0)
                        .toList())
                .orElse(List.of());
    }

    /** Of images that say the same, the one on which all others stand; all of them where there is none. */
    private static List<Alike> lowest(List<Alike> alike) {
        return alike.stream()
                .min(Comparator.comparingInt(Alike::layers))
                .filter(lowest -> alike.stream().allMatch(other -> other.standsOn(lowest)))
                .map(lowest -> alike.stream()
                        .filter(each -> each.chain().equals(lowest.chain()))
                        .toList())
                .orElse(alike);
    }

    private Guess guess(Collection<Alike> alike) {
        List<Alike> sorted = alike.stream().sorted(Alike.ORDER).toList();
        if (sorted.isEmpty()) {
            return NONE;
        }
        if (sorted.stream().map(Alike::chain).distinct().count() > 1) {
            return new Guess(
                    null,
                    sorted.stream()
                            .flatMap(each -> Stream.ofNullable(each.image()))
                            .map(Image::name)
                            .distinct()
                            .limit(Lineage.StandsOn.MAX_NAMES)
                            .toList(),
                    sorted.stream()
                            .flatMap(each -> Stream.ofNullable(each.known()))
                            .map(KnownBases.Known::name)
                            .distinct()
                            .limit(Lineage.StandsOn.MAX_NAMES)
                            .toList());
        }
        Alike one = sorted.get(0);
        Method method = one.likeness() == null ? Method.HISTORY : Method.LIKENESS;
        Confidence confidence = one.likeness() == null ? Confidence.LIKELY : Confidence.GUESS;
        Image image = one.image();
        if (image == null) {
            return new Guess(unheld(sorted, one), List.of(), List.of());
        }
        Ancestry.Place base = new Ancestry.Place(Objects.requireNonNull(image.top()), image.platform(), Method.LAYERS);
        return new Guess(
                new Lineage.StandsOn(
                        base.id(),
                        method,
                        confidence,
                        ancestry.names(base).stream()
                                .limit(Lineage.StandsOn.MAX_NAMES)
                                .toList(),
                        Ancestry.firstDigests(ancestry.images(base), Lineage.StandsOn.MAX_NAMES),
                        0,
                        true,
                        ancestry.ground(base),
                        one.likeness()),
                List.of(),
                List.of());
    }

    /** A well-known image that the fleet does not hold, by all its names. */
    private static Lineage.StandsOn unheld(List<Alike> alike, Alike one) {
        KnownBases.Known known = Objects.requireNonNull(one.known());
        return new Lineage.StandsOn(
                BaseId.ofChain(known.chain(), known.platform()),
                Method.LIKENESS,
                Confidence.GUESS,
                alike.stream()
                        .flatMap(each -> Stream.ofNullable(each.known()))
                        .map(KnownBases.Known::name)
                        .distinct()
                        .limit(Lineage.StandsOn.MAX_NAMES)
                        .toList(),
                List.of(),
                0,
                true,
                known.ground(),
                one.likeness());
    }
}
