package io.basewatch.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Any sequence of changes leaves what telling the end alone would have made. */
class FleetTreeModelTest {

    private static final int IMAGES = 60;

    /** What a repository holds: which image, with which tags. */
    private final Map<Repository, Map<Integer, String>> fleet = new TreeMap<>();

    private final Map<Repository, List<Former>> formers = new HashMap<>();
    private final Map<Integer, Images> content = new HashMap<>();
    private final KnownBases known = KnownBases.of(List.of(
            new KnownBases.Known(Images.chain("l0"), 1, Images.AMD64, "docker.io/library/l0:1", null, null),
            new KnownBases.Known(Images.chain("l1", "l0"), 2, Images.ARM64, "docker.io/library/l1:1", null, null)));

    private Images image(Random random, int number) {
        String[] layers = new String[random.nextInt(5)];
        for (int i = 0; i < layers.length; i++) {
            String name = "l" + random.nextInt(3);
            layers[i] = switch (random.nextInt(12)) {
                case 0 -> "?";
                case 1 -> "";
                case 2, 3 -> "~" + name;
                default -> name;
            };
        }
        Images image = Images.image(Integer.toString(number), layers)
                .on(random.nextInt(3) == 0 ? Images.ARM64 : random.nextInt(9) == 0 ? null : Images.AMD64)
                .ground("alpine", "3." + random.nextInt(3));
        if (random.nextInt(3) == 0) {
            image = image.claims(
                    List.of("alpine", "l0:1", "registry.example/repo1:t1", "r/y:1")
                            .get(random.nextInt(4)),
                    random.nextBoolean() ? null : Images.digest("image " + random.nextInt(IMAGES)),
                    BaseClaim.Source.values()[random.nextInt(2)]);
        }
        if (random.nextInt(3) > 0) {
            image = image.packages(random.nextInt(2), 8 + random.nextInt(3));
        }
        if (random.nextInt(3) > 0) {
            image = image.files(8 * random.nextInt(3), 200 + random.nextInt(3));
        }
        if (random.nextInt(4) == 0) {
            image = image.built((long) random.nextInt(2), (long) random.nextInt(3));
        }
        return random.nextInt(3) == 0 ? image.through(Images.digest("index " + random.nextInt(6))) : image;
    }

    private List<Member> members(Repository repository) {
        List<Member> members = new ArrayList<>();
        fleet.getOrDefault(repository, Map.of())
                .forEach((number, tag) ->
                        members.add(content.get(number).tagged(tag, "t1").member()));
        return members;
    }

    private void tell(FleetTree tree, Repository repository) {
        tree.replace(repository, members(repository), formers.getOrDefault(repository, List.of()));
    }

    @Test
    void aTreeThatWasKeptUpToDateSaysWhatOneThatIsMadeAnewSays() {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        FleetTree kept = new FleetTree(known);
        Follower follower = new Follower();
        int begin = random.nextInt(100);
        for (int step = 0; step < 600; step++) {
            Repository repository = Images.repository("repo" + random.nextInt(8));
            int number = random.nextInt(IMAGES);
            switch (random.nextInt(6)) {
                case 0 -> fleet.getOrDefault(repository, new TreeMap<>()).remove(number);
                case 1 -> fleet.remove(repository);
                case 2 -> {
                    content.put(number, image(random, number));
                    // Whoever holds it is told.
                    fleet.forEach((each, held) -> {
                        if (held.containsKey(number)) {
                            tell(kept, each);
                        }
                    });
                }
                case 3 ->
                    formers.put(
                            repository,
                            random.nextBoolean()
                                    ? List.of()
                                    : List.of(new Former(
                                            "t1",
                                            Images.digest("image " + number),
                                            Images.chain("l" + random.nextInt(3)),
                                            random.nextBoolean(),
                                            Images.AMD64,
                                            null)));
                default -> {
                    content.computeIfAbsent(number, any -> image(random, number));
                    fleet.computeIfAbsent(repository, any -> new TreeMap<>()).put(number, "v" + random.nextInt(3));
                }
            }
            tell(kept, repository);
            if (step >= begin && random.nextInt(3) == 0) {
                kept.follow(follower.version, follower::look);
            }
            if (step % 20 == 0) {
                FleetTree anew = new FleetTree(known);
                List<Repository> all = new ArrayList<>(formers.keySet());
                fleet.keySet().stream().filter(each -> !all.contains(each)).forEach(all::add);
                java.util.Collections.shuffle(all, random);
                all.forEach(each -> tell(anew, each));
                assertThat(answers(kept)).as("seed " + seed + ", step " + step).isEqualTo(answers(anew));
                kept.follow(follower.version, follower::look);
                Follower wanted = new Follower();
                wanted.survey(anew);
                assertThat(follower.images)
                        .as("seed " + seed + ", step " + step)
                        .isEqualTo(wanted.images);
                assertThat(follower.bases).as("seed " + seed + ", step " + step).isEqualTo(wanted.bases);
            }
        }
    }

    @Test
    void whoFollowsIsShownEverythingAgainAfterAChangeBroke() {
        FleetTree tree = new FleetTree(known);
        Follower follower = new Follower();
        Repository repository = Images.repository("repo");
        tree.replace(repository, List.of(Images.image("1", "l0").tagged("1").member()), List.of());
        tree.follow(follower.version, follower::look);
        Member second = Images.image("2", "l0", "l1").tagged("2").member();
        assertThatThrownBy(() -> tree.replace(repository, Arrays.asList(second, null), List.of()))
                .isInstanceOf(NullPointerException.class);
        tree.replace(repository, List.of(second), List.of());
        tree.follow(follower.version, follower::look);

        Follower wanted = new Follower();
        wanted.survey(tree);
        assertThat(follower.images).isEqualTo(wanted.images).hasSize(1);
        assertThat(follower.bases).isEqualTo(wanted.bases).hasSize(1);
    }

    /** Knows of a fleet what it was told of the changes. */
    private static final class Follower {
        final Map<Digest, Object> images = new TreeMap<>();
        final Map<BaseId, BaseSight> bases = new TreeMap<>();
        long version = -1;

        void look(FleetChanges changes) {
            if (changes.isWhole()) {
                images.clear();
                bases.clear();
            }
            changes.gone().forEach(images::remove);
            changes.forEachImage((image, base) -> images.put(image.digest(), List.of(image.whole(), "on " + base)));
            for (BaseId id : changes.bases()) {
                bases.remove(id);
                BaseSight base = changes.base(id);
                if (base != null) {
                    bases.put(id, base);
                }
            }
            version = changes.version();
            assertThat(changes.allBases()).containsExactlyInAnyOrderElementsOf(bases.values());
            for (BaseSight base : changes.allBases()) {
                List<Digest> on = new ArrayList<>();
                changes.forEachOn(base.id(), (image, nearest) -> on.add(image.digest()));
                assertThat(on).doesNotHaveDuplicates().hasSize((int) base.descendants());
            }
        }

        /** The same by going through all of it. */
        void survey(FleetTree tree) {
            tree.forEachImage((image, base) -> images.put(image.digest(), List.of(image.whole(), "on " + base)));
            for (Base base : tree.bases().all()) {
                bases.put(
                        base.id(),
                        new BaseSight(
                                base.id(),
                                base.names(),
                                base.images(),
                                base.layers(),
                                base.ground(),
                                base.on(),
                                base.descendants().images()));
            }
        }
    }

    private List<Object> answers(FleetTree tree) {
        List<Object> answers = new ArrayList<>();
        answers.add(tree.held());
        for (int number = 0; number < IMAGES; number++) {
            Digest digest = Images.digest("image " + number);
            answers.add(tree.lineage(digest));
            answers.add(tree.image(digest));
            answers.add(tree.cost(List.of(digest)));
            tree.lineage(digest)
                    .ifPresent(lineage -> assertThat(lineage.bases())
                            .noneMatch(base -> base.images().contains(digest)));
        }
        Map<Digest, String> nearest = new TreeMap<>();
        tree.forEachImage((image, base) -> nearest.put(image.digest(), String.valueOf(base)));
        answers.add(nearest);
        for (Base base : tree.bases().all()) {
            answers.add(base);
            List<Digest> children = new ArrayList<>();
            tree.forEachChild(base.id(), image -> children.add(image.image().digest()));
            List<Digest> descendants = new ArrayList<>();
            tree.forEachDescendant(
                    base.id(), image -> descendants.add(image.image().digest()));
            assertThat(base.children().images()).isEqualTo(children.size());
            assertThat(base.descendants().images()).isEqualTo(descendants.size());
            assertThat(children)
                    .allSatisfy(child ->
                            assertThat(nearest.get(child)).isEqualTo(base.id().toString()));
            answers.add(children);
            answers.add(descendants);
        }
        return answers;
    }
}
