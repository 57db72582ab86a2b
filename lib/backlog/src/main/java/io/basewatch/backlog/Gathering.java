package io.basewatch.backlog;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Bases;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.FleetSight;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Member;
import io.basewatch.lineage.Name;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
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

/** Puts each image of a fleet to the base with which it would move, and that together. */
final class Gathering {

    private static final int ID_DIGITS = 20;

    private static final Comparator<Support> WORST_FIRST = Comparator.comparingInt(Gathering::badness)
            .reversed()
            .thenComparing(support -> String.valueOf(support.supportedUntil()))
            .thenComparing(Support::toString);

    private final FleetTree fleet;
    private final Backlog.SupportAt support;
    private final Backlog.OwnerOf owners;
    private final Weights weights;
    private final LocalDate day;
    private final Bases bases;

    /** The base that an image is, if it is one. */
    private final Map<Digest, Base> itself = new HashMap<>();

    /** What a base is called for all platforms; bases that share a name move together. */
    private final Map<BaseId, String> groups = new HashMap<>();

    /** By the group, of which there is one for each. */
    private final Map<String, String> ids = new HashMap<>();

    private final Set<String> takenIds = new HashSet<>();

    private final Map<String, Group> found = new LinkedHashMap<>();

    /** Images that are a base themselves: they need not move where all that stands on them does. */
    private final List<Bare> bare = new ArrayList<>();

    /** What is said of a release where an image lies, which is the same for many; by the release itself, as the images of a tree share it. */
    private final IdentityHashMap<Member.@Nullable Ground, Map<Repository, Support>> supports = new IdentityHashMap<>();

    private final Map<Where, Support> supportsOfSeveral = new HashMap<>();

    /** Points for what was found; images that have the same share one list. */
    private final IdentityHashMap<List<Member.CaveatKey>, Points> ofCaveats = new IdentityHashMap<>();

    private final Map<Repository, Optional<String>> ownersByName = new HashMap<>();

    private final Map<String, Optional<MoveFacts>> moves = new HashMap<>();

    private long pending;
    private long unread;

    private record Where(Member.@Nullable Ground ground, List<Repository> places) {}

    private record Bare(FleetImage image, Support support, Base base) {}

    Gathering(FleetTree fleet, Backlog.SupportAt support, Backlog.OwnerOf owners, Weights weights, LocalDate day) {
        this.fleet = fleet;
        this.support = support;
        this.owners = owners;
        this.weights = weights;
        this.day = day;
        this.bases = fleet.bases();
        group();
        fleet.forEachImage(this::visit);
        for (Bare each : bare) {
            if (!found.containsKey(key(each.base()))) {
                leaf(each.image().places().get(0).repository(), each.image().ground(), each.support())
                        .add(each.image(), each.support(), null);
            }
        }
    }

    long version() {
        return bases.version();
    }

    long pending() {
        return pending;
    }

    long unread() {
        return unread;
    }

    /** Whether more may be said of an image once it is read, or judged. */
    private static boolean isUnread(FleetSight image) {
        return image.status() != AnalysisStatus.COMPLETE || image.caveats() == null;
    }

    private Support support(Member.@Nullable Ground ground, List<Repository> places) {
        if (places.size() > 1) {
            return supportsOfSeveral.computeIfAbsent(
                    new Where(ground, places), where -> support.of(where.ground(), where.places(), day));
        }
        return supports.computeIfAbsent(ground, any -> new HashMap<>())
                .computeIfAbsent(places.get(0), place -> support.of(ground, places, day));
    }

    private Points points(Support supported, @Nullable List<Member.CaveatKey> caveats) {
        Points ended = Points.of(supported, day, null, weights);
        return caveats == null
                ? ended
                : ended.plus(ofCaveats.computeIfAbsent(caveats, found -> Points.of(found, weights)), 1);
    }

    private @Nullable String owner(Repository repository, Map<String, String> labels) {
        return labels.isEmpty()
                ? ownersByName
                        .computeIfAbsent(repository, named -> Optional.ofNullable(owners.owner(named, Map.of())))
                        .orElse(null)
                : owners.owner(repository, labels);
    }

    private @Nullable MoveFacts move(@Nullable String effort) {
        return effort == null
                ? null
                : moves.computeIfAbsent(effort, text -> Optional.ofNullable(MoveFacts.readOrNull(text)))
                        .orElse(null);
    }

    private void group() {
        Map<String, String> byName = new HashMap<>();
        List<Base> ordered =
                bases.all().stream().sorted(Comparator.comparing(Base::id)).toList();
        for (Base base : ordered) {
            base.images().forEach(image -> itself.put(image, base));
            List<String> called = base.names().stream()
                    .filter(name -> name.from() == Name.From.TAG || name.from() == Name.From.KNOWN)
                    .map(name -> name.reference() + " on " + base.ground())
                    .toList();
            String group = called.stream()
                    .map(byName::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(base.id().toString());
            groups.put(base.id(), group);
            ids.computeIfAbsent(group, key -> newId(base.id()));
            called.forEach(name -> byName.putIfAbsent(name, group));
        }
    }

    /** By the first of the group's bases; where the same layers are there for several platforms, by its platform too. */
    private String newId(BaseId first) {
        String id = "base-" + first.key().hex().substring(0, ID_DIGITS);
        return takenIds.add(id) ? id : "base-" + digits(first.toString());
    }

    private static String digits(String of) {
        return Digest.sha256Of(of.getBytes(StandardCharsets.UTF_8)).hex().substring(0, ID_DIGITS);
    }

    private void visit(FleetSight image, @Nullable BaseId nearest) {
        if (image.status() == null) {
            pending++;
            return;
        }
        List<Repository> places = image.repositories();
        if (image.status() == AnalysisStatus.SKIPPED || places.isEmpty()) {
            return;
        }
        unread += isUnread(image) ? 1 : 0;
        Support supported = support(image.ground(), places);
        List<Base> chain = chain(image.ground(), nearest, supported, places);
        Base carrier = chain.isEmpty() ? null : chain.get(chain.size() - 1);
        if (carrier == null) {
            Base self = itself.get(image.digest());
            if (self != null) {
                bare.add(new Bare(image.whole(), supported, self));
                return;
            }
        }
        Group group = carrier == null ? leaf(places.get(0), image.ground(), supported) : groupOf(carrier);
        boolean isDirect = chain.size() == 1
                || (chain.size() > 1 && group.has(chain.get(chain.size() - 2).id()));
        group.add(image, supported, isDirect && nearest != null ? nearest : null);
        List<Member.CaveatKey> caveats = image.caveats();
        if (chain.size() > 1 && caveats != null) {
            group.below
                    .computeIfAbsent(chain.get(chain.size() - 2).id(), any -> byIdentity())
                    .add(caveats);
        }
    }

    /** Lists that many have are one and the same: to compare what is in them takes longer than to have one twice. */
    private static Set<List<Member.CaveatKey>> byIdentity() {
        return Collections.newSetFromMap(new IdentityHashMap<>());
    }

    /**
     * Those of the bases that an image stands on which are of its own release, the nearest first. The last is the one to move: that moves all above.
     */
    private List<Base> chain(
            Member.@Nullable Ground ground, @Nullable BaseId nearest, Support supported, List<Repository> places) {
        List<Base> chain = new ArrayList<>();
        Base at = nearest == null ? null : bases.find(nearest).orElse(null);
        while (at != null && (at.ground() == null || isSame(at.ground(), ground, supported, places))) {
            chain.add(at);
            at = at.on() == null ? null : bases.find(at.on()).orElse(null);
        }
        return chain;
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

    private String key(Base base) {
        return groups.getOrDefault(base.id(), base.id().toString());
    }

    private Group groupOf(Base base) {
        Group group =
                found.computeIfAbsent(key(base), key -> new Group(key, Objects.requireNonNull(ids.get(key)), null));
        group.bases.put(base.id(), base);
        return group;
    }

    private Group leaf(Repository repository, Member.@Nullable Ground ground, Support supported) {
        String release = ground == null
                ? "unknown"
                : ground.distro() + " " + (supported.cycle() == null ? ground.version() : supported.cycle());
        String key = repository + " on " + release;
        return found.computeIfAbsent(key, any -> new Group(key, "leaf-" + digits(key), repository));
    }

    List<Entry> entries(Targets targets) {
        List<Entry> entries = new ArrayList<>();
        found.values().forEach(group -> entries.add(group.entry(targets)));
        return entries;
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

    /** What moves together. */
    private final class Group {

        private final String key;
        private final String id;
        private final @Nullable Repository leaf;
        private final Map<BaseId, Base> bases = new TreeMap<>();
        private final Map<Repository, Held> held = new HashMap<>();

        /** What was found in images that stand on another base in between, by that one of these which stands on the group's own. */
        private final Map<BaseId, Set<List<Member.CaveatKey>>> below = new HashMap<>();

        /** How many images have each list of them. */
        private final IdentityHashMap<List<Member.CaveatKey>, long[]> caveats = new IdentityHashMap<>();

        private final Set<Repository> repositories = new HashSet<>();
        private final Map<String, Long> byOwner = new TreeMap<>();
        private long images;
        private long unread;
        private long tags;
        private final Map<Libc.Family, Long> libcs = new EnumMap<>(Libc.Family.class);
        private final Map<Member.Ground, Long> grounds = new HashMap<>();
        private @Nullable Support worst;

        /** @param key under which the group is found */
        Group(String key, String id, @Nullable Repository leaf) {
            this.key = key;
            this.id = id;
            this.leaf = leaf;
        }

        boolean has(BaseId base) {
            return key.equals(groups.get(base));
        }

        /**
         * @param on the base of this group on which the image stands directly; null when there is another one between, and for one without any
         */
        void add(FleetSight image, Support supported, @Nullable BaseId on) {
            images++;
            unread += isUnread(image) ? 1 : 0;
            tags += image.tagCount();
            List<Repository> places = image.repositories();
            repositories.addAll(places);
            libcs.merge(image.libc(), 1L, Long::sum);
            if (image.ground() != null) {
                grounds.merge(image.ground(), 1L, Long::sum);
            }
            // Most are the same, and to compare them to their last letter takes its time.
            if (worst == null || (!worst.equals(supported) && WORST_FIRST.compare(supported, worst) < 0)) {
                worst = supported;
            }
            String owner = owner(places.get(0), image.labels());
            if (owner != null) {
                byOwner.merge(owner, 1L, Long::sum);
            }
            List<Member.CaveatKey> found = image.caveats();
            held.computeIfAbsent(places.get(0), any -> new Held())
                    .add(image, points(supported, found), on, leaf != null || on != null);
            if (found != null) {
                caveats.computeIfAbsent(found, any -> new long[1])[0]++;
            }
        }

        private Map<String, Map<Caveat.Kind, Sum>> sums() {
            Map<String, Map<Caveat.Kind, Sum>> sums = new TreeMap<>();
            caveats.forEach((found, images) -> {
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
        private static <T> @Nullable T most(Map<T, Long> numbers) {
            return numbers.entrySet().stream()
                    .min(Comparator.comparingLong((Map.Entry<T, Long> each) -> -each.getValue())
                            .thenComparing(each -> each.getKey().toString()))
                    .map(Map.Entry::getKey)
                    .orElse(null);
        }

        Entry entry(Targets targets) {
            Support supported = worst == null ? Support.unknown() : worst;
            Libc.Family family = Objects.requireNonNullElse(most(libcs), Libc.Family.UNKNOWN);
            Member.Ground ground = most(grounds);
            Points benefit = Points.NONE;
            List<Entry.Change> changes = new ArrayList<>();
            Map<String, Effort.Part> parts = new LinkedHashMap<>();
            Map<Target, Long> aims = new LinkedHashMap<>();
            long rebuilt = 0;
            for (Map.Entry<Repository, Held> each : new TreeMap<>(held).entrySet()) {
                benefit = benefit.plus(each.getValue().points(), 1);
                Entry.Change change = each.getValue()
                        .change(
                                each.getKey(),
                                held -> targets.of(found(held, ground, supported))
                                        .orElse(null),
                                this::base);
                if (change == null) {
                    rebuilt++;
                } else {
                    changes.add(change);
                    if (change.target() != null) {
                        aims.merge(change.target(), 1L, Long::sum);
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
            benefit = benefit.rounded();
            Effort effort = Effort.of(List.copyOf(parts.values()));
            changes.sort(
                    Comparator.comparingLong(Entry.Change::below).reversed().thenComparing(Entry.Change::repository));
            return new Entry(
                    id,
                    List.copyOf(bases.keySet()),
                    name(ground),
                    names(),
                    ground,
                    family,
                    supported,
                    why(family, supported, benefit),
                    images,
                    unread,
                    tags,
                    repositories.size(),
                    byOwner,
                    benefit,
                    effort,
                    Points.round(benefit.total() / (4 + effort.total())),
                    findings(),
                    aims.entrySet().stream()
                            .map(aim -> new Entry.Aim(aim.getKey(), aim.getValue()))
                            .sorted(Comparator.comparingLong(Entry.Aim::dockerfiles)
                                    .reversed()
                                    .thenComparing(aim -> aim.target().image()))
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

        private @Nullable Base base(BaseId base) {
            return bases.get(base);
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

        private List<String> names() {
            Set<String> names = new TreeSet<>();
            List<String> ordered = new ArrayList<>();
            for (Base base : bases.values()) {
                for (Name name : base.names()) {
                    if (names.add(name.reference())) {
                        ordered.add(name.reference());
                    }
                }
            }
            return ordered.stream().limit(20).toList();
        }

        private String name(Member.@Nullable Ground ground) {
            if (leaf != null) {
                return leaf.toString();
            }
            Name best = bases.values().stream()
                    .flatMap(base -> base.names().stream())
                    .findFirst()
                    .orElse(null);
            if (best != null) {
                return best.reference() + (best.from() == Name.From.FORMER ? ", as it was" : "");
            }
            Base first = bases.values().iterator().next();
            String release = ground == null
                    ? "an unknown distribution"
                    : Distro.releaseCalled(
                            ground.distro(), ground.version(), ground.codename(), ground.variant(), null);
            return "unnamed base on " + release + " (" + first.layers()
                    + (first.layers() == 1 ? " layer)" : " layers)");
        }

        /** In the images of one repository, and in those that move along with it. */
        private Targets.Found found(Held of, Member.@Nullable Ground ground, Support supported) {
            List<Member.CaveatKey> keys = new ArrayList<>();
            of.keys.forEach(keys::addAll);
            of.bases.forEach(base -> below.getOrDefault(base, Set.of()).forEach(keys::addAll));
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

    private interface BaseOf {
        @Nullable
        Base base(BaseId id);
    }

    private interface TargetOf {
        @Nullable
        Target target(Held held);
    }

    /** What one repository has of a group. */
    private final class Held {

        private final Set<List<Member.CaveatKey>> keys = byIdentity();
        private final Set<BaseId> bases = new HashSet<>();
        private Points worst = Points.NONE;
        private Points others = Points.NONE;
        private long below;
        private @Nullable Member newest;
        private List<String> newestTags = List.of();
        private @Nullable BaseId newestOn;

        /**
         * @param direct whether its Dockerfile names the base
         */
        void add(FleetSight image, Points points, @Nullable BaseId on, boolean direct) {
            if (points.total() > worst.total()) {
                others = others.plus(worst, 1);
                worst = points;
            } else {
                others = others.plus(points, 1);
            }
            if (direct) {
                List<Member.CaveatKey> caveats = image.caveats();
                if (caveats != null) {
                    keys.add(caveats);
                }
                Base self = itself.get(image.digest());
                if (self != null) {
                    bases.add(self.id());
                }
                below += self == null ? 0 : self.descendants().images();
                if (newest == null || isNewer(image, newest)) {
                    FleetImage whole = image.whole();
                    newest = whole.image();
                    newestTags = whole.places().get(0).tags();
                    newestOn = on;
                }
            }
        }

        private static boolean isNewer(FleetSight one, Member other) {
            Instant when = one.created() == null ? Instant.MIN : one.created();
            Instant before = other.created() == null ? Instant.MIN : other.created();
            int order = when.compareTo(before);
            return order > 0 || (order == 0 && one.digest().compareTo(other.digest()) < 0);
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
        Entry.@Nullable Change change(Repository repository, TargetOf targets, BaseOf known) {
            Member image = newest;
            if (image == null) {
                return null;
            }
            Target target = targets.target(this);
            BaseId on = newestOn;
            Base base = on == null ? null : known.base(on);
            int lowest =
                    base == null ? 0 : Math.min(base.layers(), image.layers().size());
            MoveFacts move = move();
            MoveFacts ofBase = base == null || base.images().isEmpty()
                    ? null
                    : fleet.image(base.images().get(0))
                            .map(held -> Gathering.this.move(held.image().effort()))
                            .orElse(null);
            return new Entry.Change(
                    repository,
                    image.digest(),
                    newestTags,
                    image.layers().size() - lowest,
                    Effort.ofOne(image.layers().size() - lowest, move, ofBase, target, weights),
                    below,
                    rebasable(image, lowest, move, target),
                    on,
                    target);
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
