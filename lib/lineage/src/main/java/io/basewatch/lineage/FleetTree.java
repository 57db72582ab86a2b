package io.basewatch.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import java.lang.ref.WeakReference;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.WeakHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which image of the fleet stands on which: a tree of chains of layers, fed repository by repository. What it answers depends on what was told last of each repository alone, not on
 * the order of telling: one that was kept up to date says the same as one made anew.
 *
 * <p>Thread-safe: many may ask while one changes; each question is answered from one moment.
 */
public final class FleetTree {

    private static final int READ = Integer.MAX_VALUE;

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private final Ancestry ancestry;
    private final Guesses guesses;
    private final Chain ground = Chain.ground();
    private final Map<Step, Chain> chains = new HashMap<>();
    private final Map<Hash, Chain> byId = new HashMap<>();
    private final Map<Hash, Image> images = new HashMap<>();
    private final DigestOrder inOrder = new DigestOrder();
    private final Map<Hash, List<Image>> byIndex = new HashMap<>();
    private final Map<Repository, Holding> holdings = new TreeMap<>();
    private final LayerPool layers = new LayerPool();
    private final Map<Object, WeakReference<Object>> interned = new WeakHashMap<>();
    private long version;
    private volatile @Nullable Bases surveyed;

    /** Null as long as nobody follows the fleet. */
    private @Nullable Standing standing;

    /** What the change that is being made concerns; null where there is none, or nobody follows. */
    private Standing.@Nullable Touched touched;

    /** From one chain to the next. */
    private record Step(Chain below, Hash diffId) {}

    /**
     * @param known public images that are recognised by their layers
     */
    public FleetTree(KnownBases known) {
        this.ancestry = new Ancestry(known);
        this.guesses = new Guesses(ancestry, known);
    }

    /**
     * What a repository holds now, instead of what was told of it before. An image that several repositories hold is for all of them as it was told last.
     *
     * @param members each image once; empty for a repository that is gone
     * @param formers what its tags led to before; those that lead there now are passed over
     */
    public void replace(Repository repository, List<Member> members, List<Former> formers) {
        lock.writeLock().lock();
        try {
            touched = standing == null ? null : new Standing.Touched();
            Holding holding = holdings.computeIfAbsent(repository, Holding::new);
            boolean changed = replace(holding, members);
            changed |= replaceFormers(holding, formers);
            if (holding.images.isEmpty() && holding.formers.isEmpty()) {
                holdings.remove(repository);
            }
            version += changed ? 1 : 0;
            if (standing != null && touched != null && changed) {
                standing.settle(touched, version);
            }
            touched = null;
        } finally {
            if (touched != null) {
                // What broke on the way would be missing in it for ever: whoever follows is shown everything again.
                touched = null;
                standing = null;
                version++;
            }
            lock.writeLock().unlock();
        }
    }

    private boolean replace(Holding holding, List<Member> members) {
        boolean changed = false;
        Set<Image> held = new LinkedHashSet<>();
        for (Member member : members) {
            Hash digest = Hash.of(member.digest());
            Image image = images.get(digest);
            if (image == null) {
                image = new Image(digest, content(member));
                images.put(digest, image);
                inOrder.add(image);
                enter(image);
                changed = true;
            } else if (!image.says(member)) {
                // First in, then out: chains that both are of stay.
                Image.Content older = image.content();
                touch(image);
                image.content(content(member));
                enter(image);
                leave(image, older);
                changed = true;
            }
            // That alone says nothing new.
            image.kept(member.kept());
            changed |= place(image, Image.Place.of(holding, member));
            held.add(image);
        }
        for (Image image : holding.images) {
            if (!held.contains(image)) {
                displace(image, holding);
                changed = true;
            }
        }
        holding.images = List.copyOf(held);
        return changed;
    }

    private Image.Content content(Member member) {
        LayerPool.Layer[] used = member.layers().stream().map(layers::use).toArray(LayerPool.Layer[]::new);
        layers.count(used, 1);
        Chain top = ground;
        int claimedFrom = READ;
        // What is not for us to read has no place: an artifact's blobs are no layers.
        boolean isImage = member.status() != null && member.status() != AnalysisStatus.SKIPPED;
        for (int i = 0; i < used.length && isImage && used[i].diffId != null; i++) {
            claimedFrom = claimedFrom == READ && used[i].claimed ? i : claimedFrom;
            top = above(top, Objects.requireNonNull(used[i].diffId));
        }
        return new Image.Content(
                intern(member.platform()),
                intern(BaseId.normal(member.platform())),
                member.status(),
                used,
                top == ground ? null : top,
                top != ground && top.layers == used.length,
                claimedFrom,
                member.history().stream().mapToLong(Long::longValue).toArray(),
                intern(member.ground()),
                member.libc(),
                Image.millis(member.created()),
                intern(member.caveats()),
                intern(member.claim()),
                intern(Image.Content.kept(member.labels())),
                member.effort(),
                intern(member.packages()),
                intern(member.files()));
    }

    private Chain above(Chain below, Hash diffId) {
        return chains.computeIfAbsent(new Step(below, diffId), step -> {
            boolean isFirst = !below.isBelowAny();
            Chain chain = Chain.upon(below, diffId);
            byId.putIfAbsent(chain.id, chain);
            if (isFirst) {
                below.at().forEach(guesses::stoodUpon);
            }
            return chain;
        });
    }

    /** One of all that are equal: a few are said of all images. */
    @SuppressWarnings("unchecked")
    private <T> @Nullable T intern(@Nullable T value) {
        if (value == null) {
            return null;
        }
        WeakReference<Object> same = interned.get(value);
        Object kept = same == null ? null : same.get();
        if (kept == null) {
            interned.put(value, new WeakReference<>(value));
            return value;
        }
        return (T) kept;
    }

    private void enter(Image image) {
        guesses.enter(image, image.content());
        Chain top = image.top();
        if (top != null) {
            top.put(image, image.isWhole());
        }
        touch(image);
    }

    private void touch(Image image) {
        if (touched != null) {
            touched.image(image);
        }
    }

    private void leave(Image image, Image.Content content) {
        guesses.leave(image, content);
        Chain top = content.top();
        if (top != null) {
            top.take(image, content.whole());
            for (Chain chain = top; chain.below != null && chain.isUnused(); chain = chain.below) {
                chain.cutOff();
                if (!chain.below.isBelowAny()) {
                    chain.below.at().forEach(guesses::left);
                }
                chains.remove(new Step(chain.below, chain.diffId));
                byId.remove(chain.id, chain);
            }
        }
        layers.count(content.layers(), -1);
        layers.release(content.layers());
    }

    private boolean place(Image image, Image.Place place) {
        Image.Place before = image.in(place.in());
        if (before != null && before.sameAs(place)) {
            return false;
        }
        touch(image);
        unindex(image);
        image.put(place);
        index(image);
        touch(image);
        if (before == null && image.top() != null) {
            image.top().forget();
        }
        return true;
    }

    private void displace(Image image, Holding holding) {
        touch(image);
        unindex(image);
        image.take(holding);
        index(image);
        if (image.places().length == 0) {
            images.remove(image.digest);
            inOrder.remove(image);
            leave(image, image.content());
        } else if (image.top() != null) {
            image.top().forget();
        }
    }

    private static Set<Hash> indexes(Image image) {
        Set<Hash> indexes = new HashSet<>();
        for (Image.Place place : image.places()) {
            indexes.addAll(Arrays.asList(place.indexes()));
        }
        return indexes;
    }

    private void index(Image image) {
        indexes(image)
                .forEach(index -> byIndex.computeIfAbsent(index, any -> new ArrayList<>(2))
                        .add(image));
    }

    private void unindex(Image image) {
        for (Hash index : indexes(image)) {
            List<Image> there = byIndex.getOrDefault(index, List.of());
            if (there.size() > 1) {
                there.remove(image);
            } else {
                byIndex.remove(index);
            }
        }
    }

    private boolean replaceFormers(Holding holding, List<Former> formers) {
        List<Holding.FormerAt> newer = formers.stream()
                .map(former -> Holding.FormerAt.of(holding, former))
                .distinct()
                .toList();
        boolean changed = !newer.equals(holding.formers);
        if (changed) {
            holding.formers.forEach(ancestry::leave);
            newer.forEach(ancestry::enter);
            // What stands there may be a base from now on, or be none any more.
            holding.formers.forEach(this::forget);
            newer.forEach(this::forget);
            holding.formers = newer;
        }
        Map<String, List<Image>> behind = new HashMap<>();
        newer.forEach(former -> behind.computeIfAbsent(former.tag(), holding::behind));
        holding.behindFormers = behind;
        return changed;
    }

    private void forget(Holding.FormerAt former) {
        Chain chain = byId.get(former.chain());
        if (chain != null) {
            chain.forget();
            if (touched != null) {
                touched.top(chain, former.platform());
            }
        }
    }

    /** Grows with each {@link #replace} that told anything new. */
    public long version() {
        return reading(() -> version);
    }

    /** Repositories, images, tags, layers that are held. */
    public Held held() {
        return reading(() -> new Held(
                holdings.size(),
                images.size(),
                images.values().stream()
                        .flatMap(image -> Arrays.stream(image.places()))
                        .mapToLong(Image.Place::tagCount)
                        .sum(),
                layers.size()));
    }

    /**
     * Repositories whose name, with the registry before it, has a text in it, by name. Goes through all of them.
     *
     * @param text upper and lower case are the same
     * @param limit at most so many
     */
    public List<Repository> repositoriesWith(String text, int limit) {
        String wanted = text.toLowerCase(Locale.ROOT);
        return reading(() -> holdings.keySet().stream()
                .filter(repository ->
                        repository.toString().toLowerCase(Locale.ROOT).contains(wanted))
                .limit(limit)
                .toList());
    }

    /** How much a tree holds. */
    public record Held(long repositories, long images, long tags, long layers) {}

    private <T> T reading(Supplier<T> question) {
        Lock reading = lock.readLock();
        reading.lock();
        try {
            return question.get();
        } finally {
            reading.unlock();
        }
    }

    private Claims claims() {
        return new Claims(images, byIndex, holdings, ancestry);
    }

    /** Empty for an image that no repository holds. */
    public Optional<Lineage> lineage(Digest image) {
        return reading(() -> Optional.ofNullable(images.get(Hash.of(image))).map(this::lineage));
    }

    private Lineage lineage(Image image) {
        Claims claims = claims();
        Lineage.Claimed claimed = claims.judge(image);
        List<Lineage.StandsOn> bases = new ArrayList<>();
        for (Ancestry.Place base : ancestry.all(image)) {
            bases.add(standsOn(image, base, claims, bases.isEmpty(), claimed));
        }
        BaseId alone = bases.isEmpty() ? claims.alone(image) : null;
        if (alone != null && claimed != null) {
            bases.add(byClaim(alone, claimed.said()));
        }
        Guesses.Guess guess = bases.isEmpty() ? guesses.of(image) : Guesses.NONE;
        if (guess.base() != null) {
            bases.add(guess.base());
        }
        Chain top = image.top();
        boolean isPlaced = top != null && image.isWhole() && top.evidence > 0;
        List<Image> equals = isPlaced
                ? ancestry
                        .images(new Ancestry.Place(Objects.requireNonNull(top), image.platform(), Method.LAYERS))
                        .stream()
                        .filter(other -> other != image)
                        .toList()
                : List.of();
        return new Lineage(
                image.name(),
                image.platform(),
                image.isWhole(),
                bases,
                isPlaced ? BaseId.ofChain(Objects.requireNonNull(top).id.digest(), image.platform()) : null,
                ancestry.publicNames(image),
                Ancestry.firstDigests(equals, Lineage.MAX_EQUALS),
                equals.size(),
                claimed,
                claims.stale(image),
                claims.drift(image).stream().limit(Lineage.MAX_DRIFT).toList(),
                guess.undecided(),
                guess.undecidedKnown());
    }

    private Lineage.StandsOn standsOn(
            Image image, Ancestry.Place base, Claims claims, boolean isNearest, Lineage.@Nullable Claimed claimed) {
        List<Name> names = claims.names(base);
        // Nobody knows the ground, but the image says what it was built on.
        if (isNearest
                && base.method() == Method.SHARED
                && claimed != null
                && claimed.verdict() == Lineage.Claimed.Verdict.UNSEEN
                && claimed.said().reference() != null) {
            names = List.of(new Name(
                    BaseId.claimedName(claimed.said().reference()),
                    Name.From.CLAIM,
                    claimed.said().digest()));
        }
        return new Lineage.StandsOn(
                base.id(),
                base.method(),
                ancestry.confidence(image, base, isNearest),
                names.stream().limit(Lineage.StandsOn.MAX_NAMES).toList(),
                Ancestry.firstDigests(ancestry.images(base), Lineage.StandsOn.MAX_NAMES),
                base.chain().layers,
                Ancestry.adds(image, base.chain()),
                ancestry.ground(base));
    }

    private static Lineage.StandsOn byClaim(BaseId id, BaseClaim claim) {
        String called =
                claim.reference() == null ? String.valueOf(claim.digest()) : BaseId.claimedName(claim.reference());
        return new Lineage.StandsOn(
                id,
                claim.source().method(),
                Confidence.LIKELY,
                List.of(new Name(called, Name.From.CLAIM, claim.digest())),
                List.of(),
                0,
                true,
                null);
    }

    /** Empty for one that no repository holds. */
    public Optional<FleetImage> image(Digest image) {
        return reading(() -> Optional.ofNullable(images.get(Hash.of(image))).map(Image::toFleetImage));
    }

    /**
     * What a list of images shows of one.
     *
     * @param platform as {@link Member#platform}
     * @param created as {@link Member#created}
     * @param places {@link FleetImage#places}, with their first tags
     * @param tagCount of all places
     * @param caveats {@link Member#caveats}
     * @param kept {@link Member#kept}
     */
    public record Line(
            Digest digest,
            @Nullable Platform platform,
            @Nullable AnalysisStatus status,
            Member.@Nullable Ground ground,
            Libc.Family libc,
            @Nullable Instant created,
            List<FleetImage.Place> places,
            long tagCount,
            @Nullable List<Member.CaveatKey> caveats,
            Member.Kept kept) {}

    /**
     * For who asks of many; empty for one that no repository holds.
     *
     * @param tags so many of each place, by name
     */
    public Optional<Line> line(Digest image, int tags) {
        return reading(() -> Optional.ofNullable(images.get(Hash.of(image))).map(found -> found.toLine(tags)));
    }

    /**
     * Of the images that are wanted, by digest. Goes through all of the repository, or of the fleet, until there are enough.
     *
     * @param in that holds them; null for any
     * @param after the first one is behind it; null for the first of all
     * @param limit at most so many
     * @param tags so many of each place, by name
     */
    public List<Line> lines(
            @Nullable Repository in, @Nullable Digest after, int limit, int tags, Predicate<FleetSight> wanted) {
        return reading(() -> {
            Image[] all = in == null ? inOrder.all() : held(in);
            List<Line> lines = new ArrayList<>();
            int first = after == null ? 0 : DigestOrder.firstBehind(all, Hash.of(after));
            for (int i = first; i < all.length && lines.size() < limit; i++) {
                if (wanted.test(new Sight(all[i]))) {
                    lines.add(all[i].toLine(tags));
                }
            }
            return lines;
        });
    }

    /** By digest. */
    private Image[] held(Repository repository) {
        Holding holding = holdings.get(repository);
        return holding == null
                ? new Image[0]
                : holding.images.stream().sorted(Image.BY_DIGEST).toArray(Image[]::new);
    }

    /** All bases. Goes through the whole fleet when something has changed since it was asked last. */
    public Bases bases() {
        return reading(() -> {
            Bases last = surveyed;
            if (last == null || last.version() != version) {
                last = survey();
            }
            return last;
        });
    }

    private synchronized Bases survey() {
        Bases last = surveyed;
        if (last == null || last.version() != version) {
            last = new Bases(version, new Survey(ancestry, claims()).of(holdings.values()));
            surveyed = last;
        }
        return last;
    }

    /**
     * A page of the images that stand on a base and on nothing nearer, by digest.
     *
     * @param after last digest of the page before; null for the first
     * @param limit at least 1
     */
    public List<FleetImage> children(BaseId base, @Nullable Digest after, int limit) {
        return page(base, true, after, limit);
    }

    /** The same of all images that stand on it. */
    public List<FleetImage> descendants(BaseId base, @Nullable Digest after, int limit) {
        return page(base, false, after, limit);
    }

    private List<FleetImage> page(BaseId base, boolean nearestOnly, @Nullable Digest after, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit " + limit + " is less than 1");
        }
        Hash last = after == null ? null : Hash.of(after);
        return reading(() -> {
            PriorityQueue<Image> first = new PriorityQueue<>(Image.BY_DIGEST.reversed());
            standing(base, nearestOnly, image -> {
                if (last == null || image.digest.compareTo(last) > 0) {
                    first.add(image);
                    if (first.size() > limit) {
                        first.poll();
                    }
                }
            });
            return first.stream()
                    .sorted(Image.BY_DIGEST)
                    .map(Image::toFleetImage)
                    .toList();
        });
    }

    /** Each image that stands on a base and on nothing nearer, by digest. Nothing can be changed meanwhile. */
    public void forEachChild(BaseId base, Consumer<FleetImage> consumer) {
        forEach(base, true, consumer);
    }

    /** Each image that stands on a base, by digest. Nothing can be changed meanwhile. */
    public void forEachDescendant(BaseId base, Consumer<FleetImage> consumer) {
        forEach(base, false, consumer);
    }

    private void forEach(BaseId base, boolean nearestOnly, Consumer<FleetImage> consumer) {
        reading(() -> {
            List<Image> standing = new ArrayList<>();
            standing(base, nearestOnly, standing::add);
            standing.sort(Image.BY_DIGEST);
            standing.forEach(image -> consumer.accept(image.toFleetImage()));
            return true;
        });
    }

    private void standing(BaseId base, boolean nearestOnly, Consumer<Image> consumer) {
        if (base.isClaim()) {
            Claims claims = claims();
            for (Image image : images.values()) {
                if (image.content().claim() != null && base.equals(claims.alone(image))) {
                    consumer.accept(image);
                }
            }
            return;
        }
        Chain chain = byId.get(Hash.of(base.key()));
        if (chain == null || ancestry.at(chain, base.platform()) == null) {
            return;
        }
        ancestry.forEachAbove(chain, base.platform(), nearestOnly, consumer);
    }

    /** Each image of the fleet with the base that it stands on most nearly, null for none; in no order. Nothing can be changed meanwhile. */
    public void forEachImage(ImageVisitor visitor) {
        reading(() -> {
            // Where each change is taken in, nothing has to be found out again.
            Survey survey = standing == null ? new Survey(ancestry, claims()) : null;
            images.values()
                    .forEach(image -> visitor.visit(
                            new Sight(image), survey == null ? Standing.nearest(image) : survey.nearest(image)));
            return true;
        });
    }

    /**
     * Shows what has changed since a version, and the fleet as it is. From the first time on that somebody does, each change is taken in as it is made.
     *
     * @param since {@link FleetChanges#version()} of the last look; negative for none
     */
    public void follow(long since, Consumer<FleetChanges> follower) {
        beFollowed();
        reading(() -> {
            follower.accept(new Changes(Objects.requireNonNull(standing), since));
            return true;
        });
    }

    private void beFollowed() {
        if (reading(() -> standing != null)) {
            return;
        }
        lock.writeLock().lock();
        try {
            if (standing == null) {
                Standing all = new Standing(ancestry, this::claims, version);
                all.begin(images.values());
                standing = all;
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    private final class Changes implements FleetChanges {

        private final Standing standing;
        private final Standing.@Nullable Since since;

        Changes(Standing standing, long since) {
            this.standing = standing;
            this.since = since < 0 ? null : standing.since(since);
        }

        @Override
        public long version() {
            return version;
        }

        @Override
        public boolean isWhole() {
            return since == null;
        }

        @Override
        public Set<BaseId> bases() {
            return since == null
                    ? standing.all().stream().map(BaseSight::id).collect(Collectors.toSet())
                    : since.bases();
        }

        @Override
        public Set<Digest> gone() {
            return since == null
                    ? Set.of()
                    : since.images().stream()
                            .filter(image -> !images.containsKey(image))
                            .map(Hash::digest)
                            .collect(Collectors.toSet());
        }

        @Override
        public void forEachImage(ImageVisitor visitor) {
            if (since == null) {
                images.values().forEach(image -> show(image, visitor));
            } else {
                since.images().stream()
                        .map(images::get)
                        .filter(Objects::nonNull)
                        .forEach(image -> show(image, visitor));
            }
        }

        @Override
        public void forEachOn(BaseId base, ImageVisitor visitor) {
            standing.forEachOn(base, image -> show(image, visitor));
        }

        @Override
        public @Nullable BaseSight base(BaseId id) {
            return standing.base(id);
        }

        @Override
        public Collection<BaseSight> allBases() {
            return standing.all();
        }

        @Override
        public void visit(Digest digest, ImageVisitor visitor) {
            Image image = images.get(Hash.of(digest));
            if (image != null) {
                show(image, visitor);
            }
        }

        private void show(Image image, ImageVisitor visitor) {
            visitor.visit(new Sight(image), Standing.nearest(image));
        }
    }

    /** What is said of each image; those of which nothing is said are left out. Nothing can be changed meanwhile. */
    public <T> Map<Digest, T> tell(Saying<T> saying) {
        return reading(() -> {
            Map<Digest, T> told = new HashMap<>();
            for (Image image : images.values()) {
                T said = saying.of(new Sight(image));
                if (said != null) {
                    told.put(image.digest.digest(), said);
                }
            }
            return told;
        });
    }

    /** Says something of an image, or null. */
    public interface Saying<T> {
        @Nullable
        T of(FleetSight image);
    }

    /** All that hold an image, or have held one that is still of use; by name. */
    public List<Repository> repositories() {
        return reading(() -> List.copyOf(holdings.keySet()));
    }

    /** Is shown each image of the fleet. */
    public interface ImageVisitor {
        void visit(FleetSight image, @Nullable BaseId base);
    }

    /** Who has a layer; empty when no image has it. */
    public Optional<LayerUse> layer(Digest compressed) {
        return reading(() -> layers.use(compressed));
    }

    /** What these images cost together; those that no repository holds cost nothing. */
    public LayerCost cost(Collection<Digest> of) {
        return reading(() -> {
            Map<LayerPool.Blob, Integer> uses = new HashMap<>();
            for (Digest digest : new HashSet<>(of)) {
                Image image = images.get(Hash.of(digest));
                if (image != null) {
                    LayerPool.distinct(image.content().layers()).forEach(blob -> uses.merge(blob, 1, Integer::sum));
                }
            }
            long unique = 0;
            long freed = 0;
            for (Map.Entry<LayerPool.Blob, Integer> use : uses.entrySet()) {
                unique += use.getKey().bytes;
                freed += use.getKey().images == use.getValue() ? use.getKey().bytes : 0;
            }
            return new LayerCost(unique, freed, unique - freed);
        });
    }
}
