package io.basewatch.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.BaseClaim;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Former;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A backlog that followed any sequence of changes is the one that is made of the end alone. */
class FollowingBacklogModelTest {

    private static final LocalDate DAY = LocalDate.of(2026, 11, 26);
    private static final int IMAGES = 50;
    private static final int REPOSITORIES = 7;
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final Lifecycle LIFECYCLE = Lifecycle.bundled();
    private static final List<Member.CaveatKey> FOUND = List.of(
            new Member.CaveatKey("loader", Caveat.Kind.CERTAIN, Caveat.Severity.CRITICAL),
            new Member.CaveatKey("loader", Caveat.Kind.RISK, Caveat.Severity.LOW),
            new Member.CaveatKey("dns", Caveat.Kind.RISK, Caveat.Severity.HIGH),
            new Member.CaveatKey("malloc", Caveat.Kind.RISK, Caveat.Severity.MEDIUM),
            new Member.CaveatKey("weight", Caveat.Kind.INFO, Caveat.Severity.LOW));

    private final long seed = Long.getLong("basewatch.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** What a repository holds: which image, with which tags. */
    private final Map<Repository, Map<Integer, Set<String>>> fleet = new TreeMap<>();

    private final Map<Repository, List<Former>> formers = new HashMap<>();
    private final Map<Integer, Member> content = new HashMap<>();
    private final KnownBases known = KnownBases.of(List.of(
            new KnownBases.Known(diffId("l0"), 1, AMD64, "docker.io/library/l0:1", null, null),
            new KnownBases.Known(diffId("l0"), 1, ARM64, "docker.io/library/l0:1", null, null)));

    private static Digest diffId(String layer) {
        return Digest.sha256Of(layer.getBytes(StandardCharsets.UTF_8));
    }

    private static Digest name(int image) {
        return diffId("image " + image);
    }

    private static Repository repository(int number) {
        return new Repository("registry.example", "repo" + number);
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    private Member image(int number) {
        List<Member.Layer> layers = new ArrayList<>();
        // Those on one ground are mostly of one release.
        int lowest = random.nextInt(3);
        layers.add(layer("l" + lowest));
        for (int more = random.nextInt(4); more > 0; more--) {
            layers.add(layer("l" + random.nextInt(3)));
        }
        AnalysisStatus status = random.nextInt(6) > 0 ? AnalysisStatus.COMPLETE : one(List.of(AnalysisStatus.values()));
        boolean isPending = random.nextInt(12) == 0;
        List<Member.CaveatKey> found = new ArrayList<>();
        FOUND.stream().filter(each -> random.nextInt(3) == 0).forEach(found::add);
        String reference = one(List.of("l0:1", "registry.example/repo1:t1", "r/y:1"));
        return new Member(
                name(number),
                random.nextInt(3) == 0 ? ARM64 : AMD64,
                isPending ? null : status,
                isPending ? List.of() : layers,
                List.of(),
                random.nextInt(9) == 0 ? null : ground(random.nextInt(4) > 0 ? lowest : random.nextInt(5)),
                one(List.of(Libc.Family.MUSL, Libc.Family.GLIBC, Libc.Family.UNKNOWN)),
                random.nextInt(5) == 0 ? null : Instant.ofEpochSecond(1_700_000_000L + random.nextInt(4)),
                random.nextInt(6) == 0 ? null : found,
                random.nextInt(3) > 0
                        ? null
                        : new BaseClaim(
                                reference,
                                random.nextBoolean() ? null : name(random.nextInt(IMAGES)),
                                one(List.of(BaseClaim.Source.values()))),
                List.of(),
                random.nextInt(3) > 0 ? List.of() : List.of(diffId("index " + random.nextInt(6))),
                random.nextInt(3) > 0 ? Map.of() : Map.of("team", "team-" + random.nextInt(2)),
                random.nextInt(5) == 0 ? null : effort());
    }

    private static Member.Ground ground(int number) {
        return List.of(
                        new Member.Ground("alpine", "3.12.12", null, null),
                        new Member.Ground("alpine", "3.12.3", null, null),
                        new Member.Ground("debian", "10", "buster", null),
                        new Member.Ground("debian", "12", "bookworm", null),
                        new Member.Ground("mystery", "1", null, null))
                .get(number);
    }

    private Member.Layer layer(String of) {
        Digest diffId = random.nextInt(15) == 0 ? null : diffId(of);
        return new Member.Layer(diffId("blob " + of), diffId, random.nextInt(8) == 0, of.hashCode());
    }

    private String effort() {
        return ModelJson.write(new MoveFacts(
                random.nextBoolean() ? List.of("bash") : List.of("bash", "no-such-package"),
                random.nextBoolean() ? List.of() : List.of("bash"),
                List.of(),
                List.of(),
                null,
                random.nextBoolean() ? List.of() : List.of("python 3.9"),
                random.nextBoolean() ? List.of() : List.of(diffId("l" + random.nextInt(3))),
                List.of(),
                false,
                List.of()));
    }

    private void tell(FleetTree tree, Repository repository) {
        List<Member> members = new ArrayList<>();
        fleet.getOrDefault(repository, Map.of())
                .forEach((number, tags) -> members.add(tagged(content.get(number), List.copyOf(tags))));
        tree.replace(repository, members, formers.getOrDefault(repository, List.of()));
    }

    /** The same files, of which something else is said. */
    private Member judgedAnew(Member image) {
        return new Member(
                image.digest(),
                image.platform(),
                image.status(),
                image.layers(),
                image.history(),
                image.ground(),
                image.libc(),
                image.created(),
                random.nextBoolean() ? image.caveats() : List.of(one(FOUND)),
                image.claim(),
                List.of(),
                image.indexes(),
                image.labels(),
                random.nextBoolean() ? image.effort() : effort());
    }

    private static Member tagged(Member member, List<String> tags) {
        return new Member(
                member.digest(),
                member.platform(),
                member.status(),
                member.layers(),
                member.history(),
                member.ground(),
                member.libc(),
                member.created(),
                member.caveats(),
                member.claim(),
                tags,
                member.indexes(),
                member.labels(),
                member.effort());
    }

    private void change(FleetTree kept) {
        Repository repository = repository(random.nextInt(REPOSITORIES));
        int number = random.nextInt(IMAGES);
        switch (random.nextInt(9)) {
            case 0, 1 -> fleet.getOrDefault(repository, new TreeMap<>()).remove(number);
            case 2 -> {
                if (random.nextInt(4) == 0) {
                    fleet.remove(repository);
                }
            }
            case 3 -> {
                Member before = content.get(number);
                content.put(number, before == null || random.nextBoolean() ? image(number) : judgedAnew(before));
                // Whoever holds it is told.
                fleet.forEach((each, held) -> {
                    if (held.containsKey(number)) {
                        tell(kept, each);
                    }
                });
            }
            case 4 ->
                formers.put(
                        repository,
                        random.nextBoolean()
                                ? List.of()
                                : List.of(new Former(
                                        "t1",
                                        name(number),
                                        diffId("l" + random.nextInt(3)),
                                        random.nextBoolean(),
                                        AMD64,
                                        null)));
            default -> {
                content.computeIfAbsent(number, this::image);
                fleet.computeIfAbsent(repository, any -> new TreeMap<>())
                        .computeIfAbsent(number, any -> new TreeSet<>())
                        .add("t" + random.nextInt(3));
            }
        }
        tell(kept, repository);
    }

    /** Where it lies decides over support, for some. */
    private static Support support(Member.@Nullable Ground ground, List<Repository> places, LocalDate day) {
        if (ground == null || places.contains(repository(6))) {
            return Support.unknown();
        }
        return LIFECYCLE.support(ground.distro(), ground.version(), ground.codename(), ground.variant(), day);
    }

    private static @Nullable String owner(Repository repository, Map<String, String> labels) {
        return labels.getOrDefault("team", repository.equals(repository(2)) ? "two" : null);
    }

    private Backlog anew() {
        FleetTree tree = new FleetTree(known);
        Set<Repository> all = new HashSet<>(formers.keySet());
        all.addAll(fleet.keySet());
        List<Repository> ordered = new ArrayList<>(new TreeSet<>(all));
        Collections.shuffle(ordered, random);
        ordered.forEach(each -> tell(tree, each));
        return Backlog.of(
                tree,
                LIFECYCLE,
                FollowingBacklogModelTest::support,
                FollowingBacklogModelTest::owner,
                Weights.DEFAULT,
                DAY);
    }

    @Test
    void aBacklogThatWasKeptUpToDateSaysWhatOneThatIsMadeAnewSays() {
        FleetTree kept = new FleetTree(known);
        FollowingBacklog following = new FollowingBacklog(
                kept,
                LIFECYCLE,
                FollowingBacklogModelTest::support,
                FollowingBacklogModelTest::owner,
                Weights.DEFAULT,
                DAY);
        int begin = random.nextInt(100);
        for (int step = 0; step < 600; step++) {
            change(kept);
            if (step >= begin && random.nextInt(3) == 0) {
                assertThat(following.now().version()).isEqualTo(kept.version());
            }
            if (step % 10 == 0) {
                Backlog now = following.now();
                Backlog wanted = anew();
                String when = "seed " + seed + ", step " + step;
                assertThat(now.entries()).as(when).isEqualTo(wanted.entries());
                assertThat(List.of(now.pending(), now.unread()))
                        .as(when)
                        .isEqualTo(List.of(wanted.pending(), wanted.unread()));
            }
        }
    }
}
