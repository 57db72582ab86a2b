package io.basewatch.backlog;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.BaseSight;
import io.basewatch.lineage.FleetChanges;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.FleetSight;
import io.basewatch.lineage.Member;
import io.basewatch.lineage.Name;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Puts each image of a fleet to the base with which it would move, and that together. What was made of the fleet once is kept, and only what has changed is made anew: taking in one change after
 * the other leaves what taking in all of it at once would have made.
 */
final class Gathering {

    private static final long NEVER = Long.MIN_VALUE;

    private static final Comparator<Support> WORST_FIRST = Comparator.comparingInt(Gathering::badness)
            .reversed()
            .thenComparing(support -> String.valueOf(support.supportedUntil()))
            .thenComparing(Support::toString);

    private final Backlog.OwnerOf owners;
    private final Backlog.SupportAt support;
    private final Weights weights;
    private final LocalDate day;
    private final Targets targets;

    private final Map<BaseId, BaseSight> bases = new HashMap<>();

    /** The base that an image is, if it is one. */
    private final Map<Digest, BaseId> itself = new HashMap<>();

    private final Kinship kinship = new Kinship();

    private final Map<Digest, Part> parts = new HashMap<>();

    /** A few are said of all images. */
    private final Map<Support, Support> supports = new HashMap<>();

    private final Map<String, Group> found = new HashMap<>();

    /** Images that are a base themselves, by its group: they need not move where all that stands on them does. */
    private final Map<String, Map<Digest, Part>> bare = new HashMap<>();

    /** Groups that are new or no more, or that are new to an image that is their base. */
    private final Set<String> bareToPlace = new HashSet<>();

    private final Set<Group> changed = new HashSet<>();
    private final TreeSet<Entry> ordered = new TreeSet<>(Entry.ORDER);
    private List<Entry> entries = List.of();
    private long version = -1;
    private long pending;
    private long unread;

    /** For the time that one look takes. */
    private Memory memory = new Memory();

    /** What is asked for often while the fleet is gone through. */
    private static final class Memory {

        /** What is said of a release in places where the same is said of everything, which are all for most; by the release itself, as the images of a tree share it. */
        private final IdentityHashMap<Member.@Nullable Ground, Map<Object, Support>> supports = new IdentityHashMap<>();

        private final Map<Repository, Object> scopes = new HashMap<>();

        private final Map<Where, Support> supportsOfSeveral = new HashMap<>();

        /** Points for what was found; images that have the same share one list. */
        private final IdentityHashMap<List<Member.CaveatKey>, Points> ofCaveats = new IdentityHashMap<>();

        private final Map<Repository, Optional<String>> ownersByName = new HashMap<>();
        private final Map<String, Optional<MoveFacts>> moves = new HashMap<>();
        private final Map<BaseId, Optional<String>> efforts = new HashMap<>();

        /** A base and those below it, which many images stand on. */
        private final Map<BaseId, List<BaseSight>> chains = new HashMap<>();
    }

    private record Where(Member.@Nullable Ground ground, List<Repository> places) {}

    /**
     * What an image was counted as, so that just that can be taken back.
     *
     * @param group null for one that is a base which moves, or that is not analysed
     * @param bareOf group of the base that the image is, where it stands on none itself
     * @param carrier the base to move; null for a leaf
     * @param between the base that stands on the carrier and below the image; null where there is none
     * @param on the base of the group on which the image stands directly; null when there is another one between, and for one without any
     * @param direct whether its Dockerfile names the base
     * @param created in milliseconds since 1970
     */
    private record Part(
            Digest image,
            @Nullable Group group,
            @Nullable String bareOf,
            @Nullable BaseId carrier,
            @Nullable BaseId between,
            @Nullable BaseId on,
            boolean direct,
            boolean pending,
            boolean unread,
            List<Repository> places,
            long tags,
            Libc.Family libc,
            Member.@Nullable Ground ground,
            Support supported,
            @Nullable String owner,
            @Nullable List<Member.CaveatKey> caveats,
            Points points,
            long created) {

        static final Comparator<Part> BY_IMAGE = Comparator.comparing(Part::image);

        /** The same of an image that is a base: as a leaf, or without a group where what stands on it moves. */
        Part in(@Nullable Group leaf) {
            return new Part(
                    image, leaf, bareOf, null, null, null, true, pending, unread, places, tags, libc, ground, supported,
                    owner, caveats, points, created);
        }
    }

    Gathering(Backlog.SupportAt support, Backlog.OwnerOf owners, Weights weights, LocalDate day, Targets targets) {
        this.support = support;
        this.owners = owners;
        this.weights = weights;
        this.day = day;
        this.targets = targets;
    }

    /** Of what was taken in last; negative before. */
    long version() {
        return version;
    }

    long pending() {
        return pending;
    }

    long unread() {
        return unread;
    }

    /** First what to move first. */
    List<Entry> entries() {
        return entries;
    }

    /** Takes in what has changed. */
    void take(FleetChanges changes) {
        memory = new Memory();
        if (changes.isWhole()) {
            bases.clear();
            itself.clear();
            kinship.clear();
            parts.clear();
            found.clear();
            bare.clear();
            bareToPlace.clear();
            changed.clear();
            ordered.clear();
            pending = 0;
            unread = 0;
        }
        Set<BaseId> moved = bases(changes);
        changes.gone().forEach(this::takeBack);
        changes.forEachImage((image, nearest) -> visit(image, nearest, changes));
        if (!changes.isWhole()) {
            Set<Digest> again = new HashSet<>();
            for (BaseId base : moved) {
                changes.forEachOn(base, (image, nearest) -> again.add(image.digest()));
                again.addAll(Objects.requireNonNull(changes.base(base)).images());
            }
            again.forEach(digest -> changes.visit(digest, (image, nearest) -> visit(image, nearest, changes)));
        }
        placeBare();
        boolean isSame = changed.isEmpty() && !changes.isWhole();
        // All first out: one that is new may have the id of one that is no more.
        for (Group group : changed) {
            if (group.entry != null) {
                ordered.remove(group.entry);
            }
        }
        for (Group group : changed) {
            group.entry = found.get(group.key) == group ? group.entry(changes) : null;
            if (group.entry != null) {
                ordered.add(group.entry);
            }
        }
        changed.clear();
        if (!isSame) {
            entries = List.copyOf(ordered);
        }
        version = changes.version();
        memory = new Memory();
    }

    /** Learns which bases there are; returns those on which each image is to be looked at again. */
    private Set<BaseId> bases(FleetChanges changes) {
        Set<BaseId> moved = new HashSet<>();
        for (BaseId id : changes.bases()) {
            BaseSight next = changes.base(id);
            BaseSight last = next == null ? bases.remove(id) : bases.put(id, next);
            if (last != null) {
                last.images().forEach(image -> itself.remove(image, id));
            }
            if (next != null) {
                next.images().forEach(image -> {
                    itself.put(image, id);
                    // How many stand on it is said where it is listed itself.
                    Part part = parts.get(image);
                    if (part != null && part.group() != null) {
                        part.group().touch(part.places().get(0));
                    }
                });
                if (last == null || !Objects.equals(last.ground(), next.ground())) {
                    moved.add(id);
                }
            }
            change(id);
            kinship.put(id, next);
        }
        moved.addAll(kinship.settle());
        return moved;
    }

    private void change(BaseId base) {
        Kinship.Kin of = kinship.of(base);
        Group group = of == null ? null : found.get(of.key());
        if (group != null) {
            changed.add(group);
        }
    }

    /** Whether more may be said of an image once it is read, or judged. */
    private static boolean isUnread(FleetSight image) {
        return image.status() != AnalysisStatus.COMPLETE || image.caveats() == null;
    }

    private Support support(Member.@Nullable Ground ground, List<Repository> places) {
        Object scope = scope(places.get(0));
        for (int i = 1; i < places.size(); i++) {
            if (!scope(places.get(i)).equals(scope)) {
                return memory.supportsOfSeveral.computeIfAbsent(
                        new Where(ground, places), where -> one(support.of(where.ground(), where.places(), day)));
            }
        }
        return memory.supports
                .computeIfAbsent(ground, any -> new HashMap<>(2))
                .computeIfAbsent(scope, any -> one(support.of(ground, places, day)));
    }

    private Object scope(Repository place) {
        return memory.scopes.computeIfAbsent(place, support::scope);
    }

    /** One of all that are equal. */
    private Support one(Support of) {
        return supports.computeIfAbsent(of, any -> of);
    }

    private Points points(Support supported, @Nullable List<Member.CaveatKey> caveats) {
        Points ended = Points.of(supported, day, null, weights);
        return caveats == null
                ? ended
                : ended.plus(memory.ofCaveats.computeIfAbsent(caveats, found -> Points.of(found, weights)), 1);
    }

    private @Nullable String owner(Repository repository, Map<String, String> labels) {
        return labels.isEmpty()
                ? memory.ownersByName
                        .computeIfAbsent(repository, named -> Optional.ofNullable(owners.owner(named, Map.of())))
                        .orElse(null)
                : owners.owner(repository, labels);
    }

    private @Nullable MoveFacts move(@Nullable String effort) {
        return effort == null
                ? null
                : memory.moves
                        .computeIfAbsent(effort, text -> Optional.ofNullable(MoveFacts.readOrNull(text)))
                        .orElse(null);
    }

    private void takeBack(Digest image) {
        Part part = parts.remove(image);
        if (part == null) {
            return;
        }
        pending -= part.pending() ? 1 : 0;
        unread -= part.unread() ? 1 : 0;
        if (part.group() != null) {
            part.group().remove(part);
        }
        if (part.bareOf() != null) {
            Map<Digest, Part> there = bare.getOrDefault(part.bareOf(), Map.of());
            there.remove(image);
            if (there.isEmpty()) {
                bare.remove(part.bareOf());
            }
        }
    }

    private void visit(FleetSight image, @Nullable BaseId nearest, FleetChanges fleet) {
        Digest digest = image.digest();
        takeBack(digest);
        BaseId self = itself.get(digest);
        if (self != null) {
            // What the base needs is taken off what those on it need.
            change(self);
        }
        List<Repository> places = image.repositories();
        boolean isPending = image.status() == null;
        if (!isPending && (image.status() == AnalysisStatus.SKIPPED || places.isEmpty())) {
            return;
        }
        Part part = isPending ? pending(digest, places) : part(image, nearest, places, fleet);
        parts.put(digest, part);
        pending += part.pending() ? 1 : 0;
        unread += part.unread() ? 1 : 0;
        if (part.group() != null) {
            part.group().add(part);
        }
        if (part.bareOf() != null) {
            bare.computeIfAbsent(part.bareOf(), any -> new HashMap<>(2)).put(digest, part);
            bareToPlace.add(part.bareOf());
        }
    }

    private static Part pending(Digest image, List<Repository> places) {
        return new Part(
                image,
                null,
                null,
                null,
                null,
                null,
                false,
                true,
                false,
                places,
                0,
                Libc.Family.UNKNOWN,
                null,
                Support.unknown(),
                null,
                null,
                Points.NONE,
                NEVER);
    }

    private Part part(FleetSight image, @Nullable BaseId nearest, List<Repository> places, FleetChanges fleet) {
        Support supported = support(image.ground(), places);
        List<BaseSight> chain = chain(image.ground(), nearest, supported, places, fleet);
        BaseSight carrier = chain.isEmpty() ? null : chain.get(chain.size() - 1);
        BaseId between = chain.size() < 2 ? null : chain.get(chain.size() - 2).id();
        BaseId self = carrier == null ? itself.get(image.digest()) : null;
        Group group = null;
        if (carrier != null) {
            group = groupOf(Objects.requireNonNull(kinship.of(carrier.id())));
        } else if (self == null) {
            group = leaf(places.get(0), image.ground(), supported);
        }
        boolean isDirect = carrier != null
                && (between == null
                        || Objects.requireNonNull(kinship.of(carrier.id())).equals(kinship.of(between)));
        BaseId on = isDirect ? nearest : null;
        List<Member.CaveatKey> caveats = image.caveats();
        return new Part(
                image.digest(),
                group,
                self == null ? null : Objects.requireNonNull(kinship.of(self)).key(),
                carrier == null ? null : carrier.id(),
                between,
                on,
                carrier == null || on != null,
                false,
                isUnread(image),
                places,
                image.tagCount(),
                image.libc(),
                image.ground(),
                supported,
                owner(places.get(0), image.labels()),
                caveats,
                points(supported, caveats),
                image.created() == null ? NEVER : image.created().toEpochMilli());
    }

    /** An image that is a base goes with all that stands on it; where nothing that moves does, it is a leaf. */
    private void placeBare() {
        for (String key : List.copyOf(bareToPlace)) {
            boolean moves = found.containsKey(key);
            for (Part part : List.copyOf(bare.getOrDefault(key, Map.of()).values())) {
                if (moves == (part.group() == null)) {
                    continue;
                }
                if (part.group() != null) {
                    part.group().remove(part);
                }
                Part other = part.in(moves ? null : leaf(part.places().get(0), part.ground(), part.supported()));
                parts.put(part.image(), other);
                Objects.requireNonNull(bare.get(key)).put(part.image(), other);
                if (other.group() != null) {
                    other.group().add(other);
                }
            }
        }
        bareToPlace.clear();
    }

    /**
     * Those of the bases that an image stands on which are of its own release, the nearest first. The last is the one to move: that moves all above.
     */
    private List<BaseSight> chain(
            Member.@Nullable Ground ground,
            @Nullable BaseId nearest,
            Support supported,
            List<Repository> places,
            FleetChanges fleet) {
        List<BaseSight> all = nearest == null ? List.of() : withThoseBelow(nearest, fleet);
        int own = 0;
        for (BaseSight at : all) {
            if (at.ground() != null && !isSame(at.ground(), ground, supported, places)) {
                break;
            }
            own++;
        }
        return all.subList(0, own);
    }

    private List<BaseSight> withThoseBelow(BaseId nearest, FleetChanges fleet) {
        List<BaseSight> known = memory.chains.get(nearest);
        if (known == null) {
            known = new ArrayList<>();
            for (BaseSight at = fleet.base(nearest); at != null; at = at.on() == null ? null : fleet.base(at.on())) {
                known.add(at);
            }
            memory.chains.put(nearest, known);
        }
        return known;
    }

    private boolean isSame(
            Member.Ground base, Member.@Nullable Ground image, Support ofImage, List<Repository> places) {
        if (image == null) {
            return false;
        }
        if (base.equals(image)) {
            return true;
        }
        Support ofBase = support(base, places);
        return ofBase.cycle() != null
                && ofBase.cycle().equals(ofImage.cycle())
                && Objects.equals(ofBase.product(), ofImage.product());
    }

    private Group groupOf(Kinship.Kin of) {
        Group group = found.get(of.key());
        // One whose id is another now is another group: what is still in the former goes over before this look is over.
        if (group == null || !group.id.equals(of.id())) {
            group = new Group(of.key(), of.id(), null);
            found.put(of.key(), group);
            bareToPlace.add(of.key());
        }
        return group;
    }

    private Group leaf(Repository repository, Member.@Nullable Ground ground, Support supported) {
        String release = ground == null
                ? "unknown"
                : ground.distro() + " " + (supported.cycle() == null ? ground.version() : supported.cycle());
        String key = repository + " on " + release;
        return found.computeIfAbsent(key, any -> new Group(key, "leaf-" + Kinship.digits(key), repository));
    }

    private static int badness(Support support) {
        return switch (support.phase()) {
            case ENDED -> 6;
            case EXTENDED -> support.pastSupport() ? 5 : 2;
            case UNKNOWN -> 4;
            case LTS -> 3;
            case STANDARD -> 2;
            case ROLLING -> 1;
            case UNRELEASED -> 0;
        };
    }

    private static <T> void more(Map<T, long[]> numbers, T of) {
        numbers.computeIfAbsent(of, any -> new long[1])[0]++;
    }

    private static <T> void less(Map<T, long[]> numbers, T of) {
        long[] number = numbers.get(of);
        if (number != null && --number[0] == 0) {
            numbers.remove(of);
        }
    }

    /** How many images have each list of what was found. Those of images that have the same are one and the same list: to compare what is in them takes longer than to have one twice. */
    private static final class Lists {

        private final IdentityHashMap<List<Member.CaveatKey>, long[]> images = new IdentityHashMap<>(2);

        void more(List<Member.CaveatKey> list) {
            images.computeIfAbsent(list, any -> new long[1])[0]++;
        }

        /** Whether none is left. */
        boolean less(List<Member.CaveatKey> list) {
            long[] number = Objects.requireNonNull(images.get(list));
            if (--number[0] == 0) {
                images.remove(list);
            }
            return images.isEmpty();
        }

        void addTo(Collection<Member.CaveatKey> all) {
            images.keySet().forEach(all::addAll);
        }
    }

    /** What moves together. */
    private final class Group {

        private final String key;
        private final String id;
        private final @Nullable Repository leaf;

        /** How many images each of them would move. */
        private final Map<BaseId, long[]> carriers = new HashMap<>();

        private final Map<Repository, Held> held = new TreeMap<>();

        /** What was found in images that stand on another base in between, by that one of these which stands on the group's own. */
        private final Map<BaseId, Lists> below = new HashMap<>();

        private final Lists caveats = new Lists();

        private final Map<Repository, long[]> repositories = new HashMap<>();
        private final Map<String, long[]> byOwner = new TreeMap<>();
        private long images;
        private long unread;
        private long tags;
        private final Map<Libc.Family, long[]> libcs = new EnumMap<>(Libc.Family.class);
        private final Map<Member.Ground, long[]> grounds = new HashMap<>();
        private final Map<Support, long[]> supports = new HashMap<>();
        private @Nullable Entry entry;

        /** @param key under which the group is found */
        Group(String key, String id, @Nullable Repository leaf) {
            this.key = key;
            this.id = id;
            this.leaf = leaf;
        }

        void add(Part part) {
            changed.add(this);
            images++;
            unread += part.unread() ? 1 : 0;
            tags += part.tags();
            part.places().forEach(place -> more(repositories, place));
            more(libcs, part.libc());
            if (part.ground() != null) {
                more(grounds, part.ground());
            }
            more(supports, part.supported());
            if (part.owner() != null) {
                more(byOwner, part.owner());
            }
            held.computeIfAbsent(part.places().get(0), any -> new Held()).put(part);
            if (part.carrier() != null) {
                more(carriers, part.carrier());
            }
            if (part.caveats() != null) {
                caveats.more(part.caveats());
                if (part.between() != null) {
                    below.computeIfAbsent(part.between(), any -> new Lists()).more(part.caveats());
                }
            }
        }

        void remove(Part part) {
            changed.add(this);
            images--;
            unread -= part.unread() ? 1 : 0;
            tags -= part.tags();
            part.places().forEach(place -> less(repositories, place));
            less(libcs, part.libc());
            if (part.ground() != null) {
                less(grounds, part.ground());
            }
            less(supports, part.supported());
            if (part.owner() != null) {
                less(byOwner, part.owner());
            }
            Held there = Objects.requireNonNull(held.get(part.places().get(0)));
            if (there.take(part)) {
                held.remove(part.places().get(0));
            }
            if (part.carrier() != null) {
                less(carriers, part.carrier());
            }
            if (part.caveats() != null) {
                caveats.less(part.caveats());
                Lists between = part.between() == null ? null : below.get(part.between());
                if (between != null && between.less(part.caveats())) {
                    below.remove(part.between());
                }
            }
            if (images == 0 && found.remove(key, this)) {
                bareToPlace.add(key);
            }
        }

        /** What is said of one repository is to be made anew. */
        void touch(Repository repository) {
            changed.add(this);
            Held there = held.get(repository);
            if (there != null) {
                there.forget();
            }
        }

        private Map<String, Map<Caveat.Kind, Sum>> sums() {
            Map<String, Map<Caveat.Kind, Sum>> sums = new TreeMap<>();
            caveats.images.forEach((found, images) -> {
                Set<String> seen = new HashSet<>();
                for (Member.CaveatKey caveat : found) {
                    if (caveat.kind() != Caveat.Kind.INFO) {
                        sums.computeIfAbsent(caveat.id(), any -> new TreeMap<>())
                                .computeIfAbsent(caveat.kind(), any -> new Sum())
                                .add(caveat.severity(), seen.add(caveat.id() + caveat.kind()) ? images[0] : 0);
                    }
                }
            });
            return sums;
        }

        /** What most have; of those that as many have, the first by name. */
        private static <T> @Nullable T most(Map<T, long[]> numbers) {
            return numbers.entrySet().stream()
                    .min(Comparator.comparingLong((Map.Entry<T, long[]> each) -> -each.getValue()[0])
                            .thenComparing(each -> each.getKey().toString()))
                    .map(Map.Entry::getKey)
                    .orElse(null);
        }

        private Support worst() {
            Support worst = null;
            for (Support each : supports.keySet()) {
                worst = worst == null || WORST_FIRST.compare(each, worst) < 0 ? each : worst;
            }
            return worst == null ? Support.unknown() : worst;
        }

        Entry entry(FleetChanges fleet) {
            Support supported = worst();
            // By what their ids are written as.
            Map<BaseId, BaseSight> ordered = new LinkedHashMap<>();
            carriers.keySet().stream()
                    .sorted(Comparator.comparing(BaseId::toString))
                    .forEach(base -> ordered.put(base, Objects.requireNonNull(fleet.base(base))));
            Libc.Family family = Objects.requireNonNullElse(most(libcs), Libc.Family.UNKNOWN);
            Member.Ground ground = most(grounds);
            Points benefit = Points.NONE;
            List<Entry.Change> changes = new ArrayList<>();
            Map<String, Effort.Part> parts = new LinkedHashMap<>();
            // Few, and mostly one and the same for all: to compare what is in them takes longer.
            IdentityHashMap<Target, long[]> same = new IdentityHashMap<>();
            long rebuilt = 0;
            for (Map.Entry<Repository, Held> each : held.entrySet()) {
                each.getValue().count(fleet);
                benefit = benefit.plus(each.getValue().points(), 1);
                Entry.Change change = each.getValue().change(each.getKey(), this, ground, supported, ordered, fleet);
                if (change == null) {
                    rebuilt++;
                } else {
                    changes.add(change);
                    if (change.target() != null) {
                        same.computeIfAbsent(change.target(), any -> new long[1])[0]++;
                    }
                    change.effort().parts().forEach(part -> parts.merge(part.code(), part, Group::together));
                }
            }
            if (rebuilt > 0) {
                parts.put(
                        "rebuild",
                        new Effort.Part(
                                "rebuild", rebuilt * weights.rebuild(), rebuilt, "repositories to be built again"));
            }
            Map<Target, Long> aims = new HashMap<>();
            same.forEach((target, dockerfiles) -> aims.merge(target, dockerfiles[0], Long::sum));
            benefit = benefit.rounded();
            Effort effort = Effort.of(List.copyOf(parts.values()));
            // By repository they are already.
            changes.sort(Comparator.comparingLong(Entry.Change::below).reversed());
            return new Entry(
                    id,
                    List.copyOf(ordered.keySet()),
                    name(ground, ordered.values()),
                    names(ordered.values()),
                    ground,
                    family,
                    supported,
                    why(family, supported, benefit),
                    images,
                    unread,
                    tags,
                    repositories.size(),
                    numbers(byOwner),
                    benefit,
                    effort,
                    Points.round(benefit.total() / (4 + effort.total())),
                    findings(),
                    aims.entrySet().stream()
                            .map(aim -> new Entry.Aim(aim.getKey(), aim.getValue()))
                            .sorted(Comparator.comparingLong(Entry.Aim::dockerfiles)
                                    .reversed()
                                    .thenComparing(aim -> aim.target().image())
                                    .thenComparing(aim -> aim.target().toString()))
                            .toList(),
                    changes.stream().limit(Entry.MAX_CHANGES).toList(),
                    changes.size(),
                    rebuilt);
        }

        private static Effort.Part together(Effort.Part one, Effort.Part other) {
            return new Effort.Part(
                    one.code(),
                    Points.round(one.points() + other.points()),
                    one.count() + other.count(),
                    one.message());
        }

        private static Map<String, Long> numbers(Map<String, long[]> counted) {
            Map<String, Long> numbers = new TreeMap<>();
            counted.forEach((of, number) -> numbers.put(of, number[0]));
            return numbers;
        }

        private Set<Entry.Why> why(Libc.Family family, Support supported, Points benefit) {
            Set<Entry.Why> why = EnumSet.noneOf(Entry.Why.class);
            if (supported.pastSupport()) {
                why.add(Entry.Why.PAST_SUPPORT);
            } else if (supported.phase() == SupportPhase.UNKNOWN) {
                why.add(Entry.Why.UNKNOWN);
            } else if (benefit.ended() > 0) {
                why.add(Entry.Why.ENDING);
            }
            if (benefit.certain() > 0) {
                why.add(Entry.Why.CERTAIN);
            }
            if (benefit.risk() > 0) {
                why.add(Entry.Why.RISK);
            }
            if (family == Libc.Family.MUSL) {
                why.add(Entry.Why.MUSL);
            }
            return why;
        }

        private static List<String> names(Collection<BaseSight> bases) {
            Set<String> names = new TreeSet<>();
            List<String> ordered = new ArrayList<>();
            for (BaseSight base : bases) {
                for (Name name : base.names()) {
                    if (names.add(name.reference())) {
                        ordered.add(name.reference());
                    }
                }
            }
            return ordered.stream().limit(20).toList();
        }

        private String name(Member.@Nullable Ground ground, Collection<BaseSight> bases) {
            if (leaf != null) {
                return leaf.toString();
            }
            Name best = bases.stream()
                    .flatMap(base -> base.names().stream())
                    .findFirst()
                    .orElse(null);
            if (best != null) {
                return best.reference() + (best.from() == Name.From.FORMER ? ", as it was" : "");
            }
            BaseSight first = bases.iterator().next();
            String release = ground == null
                    ? "an unknown distribution"
                    : Distro.releaseCalled(
                            ground.distro(), ground.version(), ground.codename(), ground.variant(), null);
            return "unnamed base on " + release + " (" + Counted.of(first.layers(), "layer", "layers") + ")";
        }

        /** In the images of one repository, and in those that move along with it. */
        private Targets.Found found(Held of, Member.@Nullable Ground ground, Support supported) {
            Lists direct = new Lists();
            List<Member.CaveatKey> keys = new ArrayList<>();
            for (Part part : of.there) {
                if (part.direct() && part.caveats() != null) {
                    direct.more(part.caveats());
                }
                Lists along = part.direct() ? below.get(itself.get(part.image())) : null;
                if (along != null) {
                    along.addTo(keys);
                }
            }
            direct.addTo(keys);
            MoveFacts move = of.move();
            return new Targets.Found(ground, of.libc(), supported, keys, move == null ? List.of() : List.of(move));
        }

        private List<Entry.Finding> findings() {
            List<Entry.Finding> findings = new ArrayList<>();
            sums().forEach((caveat, kinds) ->
                    kinds.forEach((kind, sum) -> findings.add(new Entry.Finding(caveat, kind, sum.worst, sum.images))));
            findings.sort(Comparator.comparing(Entry.Finding::kind)
                    .thenComparing(Entry.Finding::severity, Comparator.reverseOrder())
                    .thenComparing(Entry.Finding::images, Comparator.reverseOrder())
                    .thenComparing(Entry.Finding::id));
            return findings.stream().limit(Entry.MAX_FINDINGS).toList();
        }
    }

    private static final class Sum {
        private Caveat.Severity worst = Caveat.Severity.LOW;
        private long images;

        void add(Caveat.Severity severity, long more) {
            worst = severity.compareTo(worst) > 0 ? severity : worst;
            images += more;
        }
    }

    /** What a change depends on beside the repository's own images. */
    private record Asked(
            Member.@Nullable Ground ground,
            Support supported,
            int lowest,
            @Nullable String ofBase) {}

    private record Said(Asked asked, Entry.Change change) {}

    /**
     * Of those that stand directly on the base.
     *
     * @param on the base; null for a leaf
     */
    private record Newest(
            Digest image,
            @Nullable BaseId on,
            int layers,
            Libc.Family libc,
            @Nullable String effort) {}

    /** What one repository has of a group. */
    private final class Held {

        /** In one order, so that sums are the same to their last digit. There are nearly as many of these as images, most with one. */
        private final List<Part> there = new ArrayList<>(1);

        private boolean isCounted;

        /** Whether one of them is a base. */
        private boolean isBase;

        private Points worst = Points.NONE;
        private Points others = Points.NONE;
        private long below;
        private @Nullable Newest newest;
        private @Nullable Said said;

        void put(Part part) {
            there.add(-1 - Collections.binarySearch(there, part, Part.BY_IMAGE), part);
            forget();
        }

        /** Whether nothing is left. */
        boolean take(Part part) {
            there.remove(Collections.binarySearch(there, part, Part.BY_IMAGE));
            forget();
            return there.isEmpty();
        }

        void forget() {
            isCounted = false;
            said = null;
        }

        void count(FleetChanges fleet) {
            if (isCounted) {
                return;
            }
            isBase = false;
            worst = Points.NONE;
            others = Points.NONE;
            below = 0;
            Part latest = null;
            for (Part part : there) {
                if (part.points().total() > worst.total()) {
                    others = others.plus(worst, 1);
                    worst = part.points();
                } else {
                    others = others.plus(part.points(), 1);
                }
                if (part.direct()) {
                    BaseId self = itself.get(part.image());
                    if (self != null) {
                        isBase = true;
                        below += Objects.requireNonNull(fleet.base(self)).descendants();
                    }
                    latest = latest == null || part.created() > latest.created() ? part : latest;
                }
            }
            newest = latest == null ? null : newest(latest, fleet);
            isCounted = true;
        }

        private static @Nullable Newest newest(Part part, FleetChanges fleet) {
            Newest[] newest = new Newest[1];
            fleet.visit(
                    part.image(),
                    (image, nearest) -> newest[0] =
                            new Newest(part.image(), part.on(), image.layerCount(), image.libc(), image.effort()));
            return newest[0];
        }

        Points points() {
            return worst.plus(others, weights.furtherImage());
        }

        Libc.Family libc() {
            return newest == null ? Libc.Family.UNKNOWN : newest.libc();
        }

        @Nullable
        MoveFacts move() {
            return newest == null ? null : Gathering.this.move(newest.effort());
        }

        /** Null when its Dockerfile need not be changed. */
        Entry.@Nullable Change change(
                Repository repository,
                Group group,
                Member.@Nullable Ground ground,
                Support supported,
                Map<BaseId, BaseSight> carriers,
                FleetChanges fleet) {
            Newest image = newest;
            if (image == null) {
                return null;
            }
            BaseId on = image.on();
            BaseSight base = on == null ? null : carriers.get(on);
            int lowest = base == null ? 0 : Math.min(base.layers(), image.layers());
            String ofBase = base == null || base.images().isEmpty() ? null : effort(base, fleet);
            Asked asked = new Asked(ground, supported, lowest, ofBase);
            Said last = said;
            // What else is found above a base may change without any image here.
            if (last != null && !isBase && last.asked().equals(asked)) {
                return last.change();
            }
            Target target = targets.of(group.found(this, ground, supported)).orElse(null);
            Entry.Change[] made = new Entry.Change[1];
            fleet.visit(image.image(), (shown, nearest) -> {
                FleetImage whole = shown.whole();
                MoveFacts move = move();
                int own = image.layers() - lowest;
                made[0] = new Entry.Change(
                        repository,
                        image.image(),
                        whole.places().get(0).tags(),
                        own,
                        Effort.ofOne(own, move, Gathering.this.move(ofBase), target, weights),
                        below,
                        rebasable(whole.image(), lowest, move, target),
                        on,
                        target);
            });
            Entry.Change change = Objects.requireNonNull(made[0]);
            said = new Said(asked, change);
            return change;
        }

        private @Nullable String effort(BaseSight base, FleetChanges fleet) {
            return memory.efforts
                    .computeIfAbsent(base.id(), id -> {
                        String[] effort = new String[1];
                        fleet.visit(base.images().get(0), (image, on) -> effort[0] = image.effort());
                        return Optional.ofNullable(effort[0]);
                    })
                    .orElse(null);
        }

        private static @Nullable Boolean rebasable(
                Member image, int lowest, @Nullable MoveFacts move, @Nullable Target target) {
            if (move == null || lowest == 0 || target == null) {
                return null;
            }
            boolean installs = image.layers().subList(lowest, image.layers().size()).stream()
                    .anyMatch(layer -> move.packagesLayers().contains(layer.digest())
                            || (layer.diffId() != null && move.packagesLayers().contains(layer.diffId())));
            return !installs && target.sameFamily();
        }
    }
}
