package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.mongodb.ConnectionString;
import com.mongodb.MongoClientSettings;
import com.mongodb.client.MongoClient;
import com.mongodb.client.MongoClients;
import com.mongodb.client.MongoDatabase;
import com.mongodb.event.CommandListener;
import com.mongodb.event.CommandStartedEvent;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lineage.Base;
import io.basewatch.lineage.BaseClaim;
import io.basewatch.lineage.FleetTree;
import io.basewatch.lineage.Former;
import io.basewatch.lineage.KnownBases;
import io.basewatch.lineage.Member;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.bson.BsonValue;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.data.mongodb.core.MongoTemplate;

abstract class FleetReadingContract extends StoreUnderTest {

    private static final Digest INDEX = Fleet.digest(900);

    private String uri;
    private FleetStore store;
    private FleetReading reading;

    @BeforeEach
    void openStore() {
        uri = anyConnectionString();
        store = FleetStore.connect(uri, clock);
        reading = store.reading();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static Map<Repository, FleetReading.Content> changes(FleetReading reading) {
        Map<Repository, FleetReading.Content> changes = new TreeMap<>();
        try {
            reading.readChanges((content, left) -> changes.put(content.repository(), content));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return changes;
    }

    /** A layer for each number; the number of a layer of which only the config tells is negative, and of one of which nothing is known it is 0. */
    private static ImageAnalysis analysis(Digest image, Instant at, int... layers) {
        List<ImageAnalysis.Layer> all = new ArrayList<>();
        for (int layer : layers) {
            Digest said = Fleet.digest(1000 + Math.abs(layer));
            all.add(new ImageAnalysis.Layer(
                    Fleet.digest(2000 + Math.abs(layer)),
                    layer > 0 ? said : null,
                    layer < 0 ? said : null,
                    "application/vnd.oci.image.layer.v1.tar+gzip",
                    100 + Math.abs(layer),
                    null,
                    null));
        }
        return new ImageAnalysis(
                image,
                Fleet.AMD64,
                AnalysisStatus.COMPLETE,
                List.of(),
                new Fingerprint(
                        Fleet.distro("alpine", "3.18.9", null),
                        List.of(Libc.unknown()),
                        List.of(),
                        List.of(),
                        List.of()),
                all,
                Fleet.NOON,
                Fleet.V1,
                at);
    }

    private static Judgement judgement(ImageAnalysis of, int catalogue, String... found) {
        Evidence evidence = new Evidence("usr/bin/tool", Fleet.digest(77), "what it says", "rule/1");
        List<Caveat> caveats = Arrays.stream(found)
                .map(id -> new Caveat(id, Kind.RISK, Severity.LOW, "it does not start", List.of(evidence), 1, null))
                .toList();
        return new Judgement(
                of.digest(), catalogue + ".0", of.analyzerVersion(), of.analyzedAt(), true, List.of(), caveats, null);
    }

    private static DerivationBasis inputs(
            Map<String, String> labels, Map<String, String> annotations, ImageInputs.Material... builtFrom) {
        ImageInputs inputs = new ImageInputs(
                List.of(),
                List.of(),
                List.of(),
                labels,
                null,
                null,
                List.of(),
                List.of(
                        new ImageInputs.Step(Fleet.NOON, "ADD rootfs.tar /", false),
                        new ImageInputs.Step(Fleet.NOON, "CMD sh", true)),
                annotations,
                Fleet.AMD64,
                List.of(builtFrom));
        return new DerivationBasis(ImageInputs.VERSION, inputs, List.of());
    }

    @Test
    void aRepositoryIsReadWithImagesTagsAndIndexes() {
        Digest image = Fleet.digest(1);
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "2", INDEX, image, Fleet.AMD64, 1));
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", image, 1));
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "2", INDEX, Fleet.digest(2), Fleet.ARM64, 1));
        store.imageArchive()
                .save(
                        analysis(image, Fleet.NOON, 1, -2, 0),
                        inputs(
                                Map.of(),
                                Map.of(
                                        "org.opencontainers.image.base.name",
                                        "alpine:3.18",
                                        "org.opencontainers.image.base.digest",
                                        Fleet.digest(5).toString())));
        List<Member> members = changes(reading).get(Fleet.SHOP).members();
        assertThat(members).hasSize(2);
        Member read = members.get(0);
        assertThat(read.tags()).containsExactly("1", "2");
        assertThat(read.indexes()).containsExactly(INDEX);
        assertThat(read.status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(read.ground()).isEqualTo(new Member.Ground("alpine", "3.18.9", null, null));
        assertThat(read.claim()).isEqualTo(new BaseClaim("alpine:3.18", Fleet.digest(5), BaseClaim.Source.ANNOTATION));
        assertThat(read.history()).hasSize(2);
        assertThat(read.layers())
                .containsExactly(
                        new Member.Layer(Fleet.digest(2001), Fleet.digest(1001), false, 101),
                        new Member.Layer(Fleet.digest(2002), Fleet.digest(1002), true, 102),
                        new Member.Layer(Fleet.digest(2000), null, false, 100));
        assertThat(members.get(1).status()).isNull();
        assertThat(members.get(1).platform()).isEqualTo(Fleet.ARM64);
        assertThat(members.get(1).layers()).isEmpty();
    }

    @Test
    void whatLabelsAndAnnotationsSayIsTakenOnlyWhereItCanBe() {
        Digest image = Fleet.digest(1);
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", image, 1));
        String name = "org.opencontainers.image.base.name";
        String digest = "org.opencontainers.image.base.digest";
        Map<Map<String, String>, BaseClaim> claims = new HashMap<>();
        claims.put(Map.of(), null);
        claims.put(Map.of(name, " "), null);
        claims.put(Map.of(name, "a b"), null);
        claims.put(Map.of(name, "x".repeat(513)), null);
        claims.put(Map.of(digest, "sha256:1234"), null);
        claims.put(Map.of(name, "alpine", digest, "latest"), new BaseClaim("alpine", null, BaseClaim.Source.LABEL));
        claims.put(
                Map.of(digest, Fleet.digest(3).toString()),
                new BaseClaim(null, Fleet.digest(3), BaseClaim.Source.LABEL));
        claims.put(
                Map.of("io.openshift.s2i.build.image", "ubi9/nodejs-20:1"),
                new BaseClaim("ubi9/nodejs-20:1", null, BaseClaim.Source.LABEL));
        Instant at = Fleet.NOON;
        for (Map.Entry<Map<String, String>, BaseClaim> claim : claims.entrySet()) {
            at = at.plusSeconds(1);
            store.imageArchive().save(analysis(image, at, 1), inputs(claim.getKey(), Map.of()));
            assertThat(changes(reading).get(Fleet.SHOP).members().get(0).claim())
                    .as(claim.getKey().toString())
                    .isEqualTo(claim.getValue());
        }
    }

    @Test
    void whatABuildIsAttestedToHaveUsedIsTheBaseWhereItIsOneImage() {
        Digest image = Fleet.digest(1);
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", image, 1));
        ImageInputs.Material python = new ImageInputs.Material("docker.io/library/python:3.11", Fleet.digest(3));
        ImageInputs.Material golang = new ImageInputs.Material("docker.io/library/golang:1.25", null);
        Map<String, String> label = Map.of("org.opencontainers.image.base.name", "alpine");
        store.imageArchive().save(analysis(image, Fleet.NOON, 1), inputs(label, Map.of(), python));
        assertThat(changes(reading).get(Fleet.SHOP).members().get(0).claim())
                .isEqualTo(
                        new BaseClaim("docker.io/library/python:3.11", Fleet.digest(3), BaseClaim.Source.PROVENANCE));
        store.imageArchive()
                .save(analysis(image, Fleet.NOON.plusSeconds(1), 1), inputs(label, Map.of(), python, golang));
        assertThat(changes(reading).get(Fleet.SHOP).members().get(0).claim())
                .isEqualTo(new BaseClaim("alpine", null, BaseClaim.Source.LABEL));
    }

    @Test
    void shortLabelsAreReadInTheirWords() {
        Digest image = Fleet.digest(1);
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", image, 1));
        Map<String, String> labels = Map.of("com.example.team", "web", "empty", "", "long", "x".repeat(101));
        store.imageArchive().save(analysis(image, Fleet.NOON, 1), inputs(labels, Map.of()));
        assertThat(changes(reading).get(Fleet.SHOP).members().get(0).labels())
                .containsExactly(Map.entry("com.example.team", "web"));
    }

    @Test
    void onlyWhatHasChangedIsReadAgain() {
        for (int n = 1; n <= 60; n++) {
            Repository repository = new Repository("registry.example.com", "r" + n);
            store.imageArchive().apply(Fleet.pushed(repository, "1", Fleet.digest(n), 1));
        }
        assertThat(changes(reading)).hasSize(60);
        store.imageArchive().save(analysis(Fleet.digest(7), Fleet.NOON, 1));
        assertThat(changes(reading))
                .containsKey(new Repository("registry.example.com", "r7"))
                .hasSizeLessThan(60);
        assertThat(changes(store.reading())).hasSize(60);
    }

    @Test
    void whatIsTakenBeforeAFailureIsNotReadAgainAndTheRestIs() {
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1));
        store.imageArchive().apply(Fleet.pushed(Fleet.CART, "1", Fleet.digest(1), 1));
        assertThatThrownBy(() -> reading.readChanges((content, left) -> {
                    if (content.repository().equals(Fleet.SHOP)) {
                        throw new IllegalStateException("no room");
                    }
                }))
                .hasMessage("no room");
        assertThat(changes(reading)).containsKey(Fleet.SHOP);
    }

    @Test
    void aTagRemembersTheLayersOfWhatItLedToEvenWhenThatImageIsGone() throws Exception {
        ImageArchive archive = store.imageArchive();
        archive.apply(Fleet.pushed(Fleet.SHOP, "latest", Fleet.digest(1), 1));
        archive.save(analysis(Fleet.digest(1), Fleet.NOON, 1, -2));
        archive.apply(Fleet.pushed(Fleet.SHOP, "latest", Fleet.digest(2), 2));
        archive.apply(Fleet.moved(Fleet.SHOP, "latest", Fleet.digest(1), Fleet.digest(2), 3));
        archive.apply(Fleet.pushed(Fleet.SHOP, "latest", Fleet.digest(2), 3));
        archive.apply(Fleet.pushed(Fleet.SHOP, "latest", Fleet.digest(2), 3));
        store.housekeeping().removeUnused(Duration.ZERO);
        store.housekeeping().removeUnused(Duration.ZERO);
        assertThat(store.queries().image(Fleet.digest(1))).isEmpty();
        FleetReading.Content shop = changes(reading).get(Fleet.SHOP);
        assertThat(shop.members()).extracting(Member::digest).containsExactly(Fleet.digest(2));
        assertThat(shop.formers())
                .containsExactly(new Former(
                        "latest",
                        Fleet.digest(1),
                        ImageAnalysis.Chain.id(Fleet.digest(1001), Fleet.digest(1002)),
                        true,
                        Fleet.AMD64,
                        Instant.ofEpochMilli(Fleet.NOON.toEpochMilli())));
        // Of which no layers were known.
        archive.apply(Fleet.pushed(Fleet.SHOP, "latest", Fleet.digest(3), 4));
        assertThat(changes(reading).get(Fleet.SHOP).formers()).hasSize(1);
        archive.save(analysis(Fleet.digest(3), Fleet.NOON, 1));
        archive.apply(Fleet.removed(Fleet.SHOP, "latest", Fleet.digest(3), 5));
        FleetReading.Content gone = changes(reading).get(Fleet.SHOP);
        assertThat(gone.members()).isEmpty();
        assertThat(gone.formers()).extracting(Former::image).containsExactly(Fleet.digest(1), Fleet.digest(3));
    }

    @Test
    void aTagThatMovesEachNightRemembersNoMoreThanTheLastOnes() {
        for (int n = 1; n <= 40; n++) {
            store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "nightly", Fleet.digest(n), n));
            store.imageArchive().save(analysis(Fleet.digest(n), Fleet.NOON, n));
        }
        List<Former> formers = changes(reading).get(Fleet.SHOP).formers();
        assertThat(formers).hasSize(16);
        assertThat(formers.get(15).image()).isEqualTo(Fleet.digest(39));
    }

    @Test
    void aLineThatIsDamagedSaysNothingOfLayersAndHidesNoOther() {
        for (int n = 1; n <= 2; n++) {
            store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "" + n, Fleet.digest(n), 1));
            store.imageArchive().save(analysis(Fleet.digest(n), Fleet.NOON, 1, 2));
        }
        byte[] line = LineageLine.of(analysis(Fleet.digest(1), Fleet.NOON, 1, 2), null)
                .write();
        for (int length = 0; length < line.length; length++) {
            store.mongo()
                    .getCollection("images")
                    .updateOne(
                            new Document("_id", Fleet.digest(1).toString()),
                            new Document(
                                    "$set",
                                    new Document(
                                            "lineage",
                                            new org.bson.types.Binary(java.util.Arrays.copyOf(line, length)))));
            List<Member> members = changes(store.reading()).get(Fleet.SHOP).members();
            assertThat(members).hasSize(2);
            assertThat(members.get(0).layers()).isEmpty();
            assertThat(members.get(1).layers()).hasSize(2);
        }
    }

    private FleetQueries.Known known(FleetTree tree) {
        return new FleetQueries.Known(tree, Objects.requireNonNull(reading.asOf()));
    }

    private List<ImageSummary> page(FleetQueries.@Nullable Known known) {
        return store.queries().images(ImageFilter.all(), null, 1000, known).images();
    }

    private Map<Digest, List<String>> tags(FleetTree tree) {
        Map<Digest, List<String>> tags = new TreeMap<>(Comparator.comparing(Digest::toString));
        page(known(tree))
                .forEach(image -> tags.put(
                        image.digest(),
                        image.tags().stream().map(ImageReference::tag).toList()));
        return tags;
    }

    @Test
    void tagsAreReadAgainOnlyOfImagesThatLieWhereSomethingHasChanged() throws Exception {
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1));
        store.imageArchive().apply(Fleet.pushed(Fleet.CART, "1", Fleet.digest(2), 1));
        FleetTree tree = treeOf(FleetReadingContract::withKnownTag);

        assertThat(tags(tree)).isEqualTo(Map.of(Fleet.digest(1), List.of("known"), Fleet.digest(2), List.of("known")));

        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "2", Fleet.digest(1), 1));
        assertThat(tags(tree)).isEqualTo(Map.of(Fleet.digest(1), List.of("1", "2"), Fleet.digest(2), List.of("known")));

        store.queries().count(clock);
        assertThat(tags(tree))
                .as("counted by others, who say what they counted")
                .isEqualTo(Map.of(Fleet.digest(1), List.of("1", "2"), Fleet.digest(2), List.of("known")));
    }

    private Map<Digest, List<String>> caveats(FleetTree tree) {
        Map<Digest, List<String>> caveats = new TreeMap<>(Comparator.comparing(Digest::toString));
        page(known(tree)).forEach(image -> caveats.put(image.digest(), ids(image.caveats())));
        return caveats;
    }

    private static @Nullable List<String> ids(@Nullable List<Member.CaveatKey> caveats) {
        return caveats == null
                ? null
                : caveats.stream().map(Member.CaveatKey::id).toList();
    }

    @Test
    void caveatsAreReadAgainOnlyOfImagesThatHaveChangedSince() throws Exception {
        for (int n = 1; n <= 3; n++) {
            store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "" + n, Fleet.digest(n), 1));
            ImageAnalysis analysis = analysis(Fleet.digest(n), Fleet.NOON, n);
            store.imageArchive().save(analysis);
            store.judgements().save(judgement(analysis, 1, "stored"));
        }
        FleetTree tree = treeOf(FleetReadingContract::withKnownCaveat);
        assertThat(caveats(tree).values()).containsExactly(List.of("known"), List.of("known"), List.of("known"));

        // The same analysis by another catalogue, and another analysis of which nothing is judged yet.
        store.judgements().save(judgement(analysis(Fleet.digest(2), Fleet.NOON, 2), 2, "a", "b"));
        store.imageArchive().save(analysis(Fleet.digest(3), Fleet.NOON.plusSeconds(1), 3));
        Map<Digest, List<String>> changed = new HashMap<>();
        changed.put(Fleet.digest(1), List.of("known"));
        changed.put(Fleet.digest(2), List.of("a", "b"));
        changed.put(Fleet.digest(3), null);
        assertThat(caveats(tree)).isEqualTo(changed);

        // What is counted by others is counted all the same.
        store.queries().count(clock);
        assertThat(caveats(tree)).isEqualTo(changed);
    }

    @Test
    void caveatsAreReadOfAnImageWhoseChangesNobodyCounted() throws Exception {
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1));
        ImageAnalysis analysis = analysis(Fleet.digest(1), Fleet.NOON, 1);
        store.imageArchive().save(analysis);
        store.judgements().save(judgement(analysis, 1, "stored"));
        store.mongo()
                .getCollection("images")
                .updateOne(
                        new Document("_id", Fleet.digest(1).toString()),
                        new Document("$unset", new Document("marks", true)));
        FleetTree tree = treeOf(FleetReadingContract::withKnownCaveat);
        assertThat(caveats(tree)).isEqualTo(Map.of(Fleet.digest(1), List.of("stored")));
    }

    /** A fleet in which each value that can be asked for is there, and each combination of some. */
    private static ImageAnalysis anyAnalysis(Random random, Digest image, Instant at) {
        Distro[] distros = {
            Fleet.distro("alpine", "3.18.9", null),
            Fleet.distro("debian", "12", "bookworm"),
            Fleet.distro("debian", null, "sid"),
            Fleet.distro("unknown", null, null)
        };
        Libc.Family[] families = {Libc.Family.MUSL, Libc.Family.GLIBC, Libc.Family.UNKNOWN};
        return switch (random.nextInt(5)) {
            case 0 -> Fleet.failed(image, Reason.Code.BLOB_MISSING, Fleet.V1, at);
            case 1 -> analysis(image, at);
            default ->
                Fleet.complete(
                        image,
                        distros[random.nextInt(distros.length)],
                        families[random.nextInt(families.length)],
                        Fleet.V1,
                        at);
        };
    }

    private static <T> @Nullable T mostlyNull(Random random, List<T> values) {
        return random.nextInt(3) > 0 ? null : values.get(random.nextInt(values.size()));
    }

    private static ImageFilter anyFilter(Random random) {
        return new ImageFilter(
                mostlyNull(random, List.of("a.example.com", "b.example.com", "c.example.com")),
                mostlyNull(
                        random, List.of(new Repository("a.example.com", "r1"), new Repository("b.example.com", "r1"))),
                mostlyNull(random, List.of("alpine", "debian", "unknown", "none")),
                mostlyNull(random, List.of("3.18.9", "12", "bookworm", "sid")),
                mostlyNull(random, List.of(Libc.Family.values())),
                mostlyNull(random, List.of(ImageFilter.State.values())),
                ImageFilter.OfCaveat.orNull(
                        mostlyNull(random, List.of("x0", "x1", "x2")),
                        mostlyNull(random, List.of(Kind.RISK, Kind.INFO)),
                        mostlyNull(random, List.of(Severity.LOW, Severity.HIGH))));
    }

    @Test
    void whateverIsAskedForAPageFromMemorySaysWhatTheStoreSays() throws Exception {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        FleetTree tree = new FleetTree(KnownBases.none());
        int found = 0;
        for (int step = 0; step < 100; step++) {
            Digest image = Fleet.digest(1 + random.nextInt(40));
            Repository repository =
                    new Repository(random.nextBoolean() ? "a.example.com" : "b.example.com", "r" + random.nextInt(3));
            String tag = "t" + random.nextInt(8);
            store.imageArchive()
                    .apply(
                            random.nextInt(5) == 0
                                    ? Fleet.removed(repository, tag, image, step + 1)
                                    : Fleet.pushed(repository, tag, image, step + 1));
            if (random.nextInt(3) > 0) {
                ImageAnalysis analysis = anyAnalysis(random, image, Fleet.NOON.plusSeconds(step));
                store.imageArchive().save(analysis);
                if (random.nextBoolean()) {
                    store.judgements().save(judgement(analysis, 1, "x" + random.nextInt(2), "x1"));
                }
            }
            if (random.nextInt(3) > 0) {
                reading.readChanges(
                        (content, left) -> tree.replace(content.repository(), content.members(), content.formers()));
            }
            for (int question = 0; question < 10 && reading.asOf() != null; question++) {
                ImageFilter filter = anyFilter(random);
                String after = random.nextBoolean()
                        ? null
                        : Fleet.digest(random.nextInt(45)).toString();
                int limit = 1 + random.nextInt(12);
                ImagePage page = store.queries().images(filter, after, limit, known(tree));
                assertThat(page)
                        .as("seed %s, step %s: %s after %s", seed, step, filter, after)
                        .isEqualTo(store.queries().images(filter, after, limit));
                found += page.images().size();
            }
        }
        assertThat(found).as("seed %s, lines", seed).isPositive();
    }

    @Test
    void whileNothingChangesAPageComesFromMemory() throws Exception {
        for (int n = 1; n <= 2; n++) {
            store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "" + n, Fleet.digest(n), 1));
            store.imageArchive().save(Fleet.alpine(Fleet.digest(n)));
        }
        FleetTree tree = treeOf(FleetReadingContract::withKnownCaveat);
        ImageFilter withKnown =
                new ImageFilter(null, null, null, null, null, null, new ImageFilter.OfCaveat("known", null, null));
        ImagePage page = store.queries().images(withKnown, null, 1, known(tree));
        assertThat(page.images()).extracting(ImageSummary::digest).containsExactly(Fleet.digest(1));
        assertThat(page.next()).isEqualTo(Fleet.digest(1).toString());
        assertThat(store.queries()
                        .images(withKnown, page.next(), 1, known(tree))
                        .images())
                .extracting(ImageSummary::digest)
                .containsExactly(Fleet.digest(2));

        store.judgements().save(judgement(Fleet.alpine(Fleet.digest(2)), 1, "stored"));
        assertThat(store.queries().images(withKnown, null, 9, known(tree)).images())
                .as("as soon as anything is another")
                .isEmpty();
        store.queries().count(clock);
        assertThat(store.queries().images(withKnown, null, 9, known(tree)).images())
                .as("counted by others")
                .isEmpty();
    }

    /** Pushes, moves, removals, analyses that come, fail and change; what is kept up to date by changes says the same as what is read anew. */
    @Test
    void aTreeThatIsKeptUpToDateSaysWhatOneThatIsReadAnewSays() throws Exception {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        FleetTree kept = new FleetTree(KnownBases.none());
        Map<String, Long> revisions = new HashMap<>();
        int bases = 0;
        ImageAnalysis judged = null;
        for (int step = 0; step < 240; step++) {
            Repository repository = new Repository("registry.example.com", "r" + random.nextInt(5));
            String tag = "t" + random.nextInt(4);
            long revision = revisions.merge(repository + tag, 1L, Long::sum);
            Digest image = Fleet.digest(1 + random.nextInt(25));
            Instant at = Fleet.NOON.plusSeconds(step);
            switch (random.nextInt(6)) {
                case 0 -> store.imageArchive().apply(Fleet.removed(repository, tag, image, revision));
                case 1 -> {
                    Digest index = Fleet.digest(900 + random.nextInt(5));
                    store.imageArchive().apply(Fleet.pushed(repository, tag, index, image, Fleet.AMD64, revision));
                    Digest other = Fleet.digest(1 + random.nextInt(25));
                    Platform arm = Fleet.ARM64;
                    store.imageArchive().apply(Fleet.pushed(repository, tag, index, other, arm, revision));
                }
                case 2, 3 -> store.imageArchive().apply(Fleet.pushed(repository, tag, image, revision));
                default -> {
                    int[] layers = new int[random.nextInt(4)];
                    for (int i = 0; i < layers.length; i++) {
                        layers[i] = random.nextInt(-1, 4);
                    }
                    ImageAnalysis analysis = analysis(image, at, layers);
                    store.imageArchive()
                            .save(
                                    analysis,
                                    random.nextBoolean()
                                            ? null
                                            : inputs(Map.of("org.opencontainers.image.base.name", "alpine"), Map.of()));
                    if (random.nextInt(3) > 0) {
                        judged = analysis;
                        store.judgements().save(judgement(judged, 1, "x" + random.nextInt(2), "y"));
                    } else if (judged != null) {
                        store.judgements().save(judgement(judged, 1 + random.nextInt(3), "z" + random.nextInt(2)));
                    }
                }
            }
            if (step % 50 == 49) {
                store.housekeeping().removeUnused(Duration.ZERO);
            }
            if (random.nextInt(4) == 0) {
                reading.readChanges(
                        (content, left) -> kept.replace(content.repository(), content.members(), content.formers()));
            }
            if (random.nextInt(8) == 0) {
                // Somebody else: nothing is marked any more.
                store.queries().count(clock);
            }
            if (reading.asOf() != null) {
                assertThat(page(known(kept)))
                        .as("seed " + seed + ", step " + step)
                        .isEqualTo(page(null));
            }
            if (step % 20 == 19) {
                reading.readChanges(
                        (content, left) -> kept.replace(content.repository(), content.members(), content.formers()));
                FleetTree anew = new FleetTree(KnownBases.none());
                store.reading()
                        .readChanges((content, left) ->
                                anew.replace(content.repository(), content.members(), content.formers()));
                assertThat(answers(kept)).as("seed " + seed + ", step " + step).isEqualTo(answers(anew));
                bases += kept.bases().all().size();
                assertThat(kept.held().images())
                        .as("seed " + seed + ", step " + step)
                        .isEqualTo(store.queries().count(clock).summary().images());
            }
        }
        assertThat(bases).as("seed " + seed + ", bases ever seen").isPositive();
    }

    /** Does something, once, before a command of its number is sent. Counted are those about marks, counts and their rounds: between others nothing is decided. */
    private static final class Before implements CommandListener {
        private int left = -1;
        private Runnable what = () -> {};

        void command(int number, Runnable interruption) {
            left = number;
            what = interruption;
        }

        /** True when there were not so many commands. */
        boolean isLeft() {
            return left >= 0;
        }

        @Override
        public void commandStarted(CommandStartedEvent event) {
            BsonValue collection = event.getCommand().get(event.getCommandName());
            boolean isOne = collection != null
                    && collection.isString()
                    && (List.of("summary_rounds", "repository_summaries")
                                    .contains(collection.asString().getValue())
                            || event.getCommand().toString().contains("uncounted"));
            if (isOne && left >= 0 && left-- == 0) {
                what.run();
            }
        }
    }

    private MongoTemplate another(CommandListener listener, List<MongoClient> clients) {
        MongoClient client = MongoClients.create(MongoClientSettings.builder()
                .applyConnectionString(new ConnectionString(uri))
                .addCommandListener(listener)
                .build());
        clients.add(client);
        return new MongoTemplate(client, store.mongo().getDb().getName());
    }

    /** Another process that counts, in a thread of its own, and stands still before a command until it is told to go on. */
    private static final class Counter {
        private final CountDownLatch stands = new CountDownLatch(1);
        private final CountDownLatch mayGoOn = new CountDownLatch(1);
        private final Thread thread;

        Counter(RepositorySummaries summaries, Before before, int command) {
            before.command(command, () -> {
                stands.countDown();
                await(mayGoOn);
            });
            thread = new Thread(() -> {
                summaries.glance(100);
                stands.countDown();
            });
        }

        void begin() {
            thread.start();
            await(stands);
        }

        void end() throws InterruptedException {
            mayGoOn.countDown();
            thread.join();
        }

        private static void await(CountDownLatch latch) {
            try {
                assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A tag moves, and somebody else counts that, before any command of who reads the fleet; and who counts stands still before any command of his own until the fleet is read. */
    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT1H"})
    void whereverReadingAndCountingStandWhenATagMovesNoPageSaysWhereItLedBefore(Duration pause) throws Exception {
        List<MongoClient> clients = new ArrayList<>();
        try {
            Before reads = new Before();
            Before counts = new Before();
            FleetReading watched = new FleetReading(another(reads, clients), pause);
            RepositorySummaries counting = new RepositorySummaries(another(counts, clients));
            FleetTree tree = new FleetTree(KnownBases.none());
            FleetReading.Taker taker =
                    (content, left) -> tree.replace(content.repository(), content.members(), content.formers());
            long revision = 0;
            // It moves between two images that are there by other tags, too, and to one that comes and goes with it.
            int[] moves = {1, 2, 1, 3};
            for (int n = 1; n <= 2; n++) {
                store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "kept" + n, Fleet.digest(n), 1));
            }
            // As many as are counted in passing: so that ours, the last one, is counted so by every other reading only,
            // and by none of those that are looked at.
            for (int n = 0; n < 20; n++) {
                Repository before = new Repository("a.example.com", "r" + n);
                store.imageArchive().apply(Fleet.pushed(before, "1", Fleet.digest(4), 1));
            }
            watched.readChanges(taker);
            boolean isRead = true;
            for (int command = 0; isRead; command++) {
                boolean isCounted = true;
                for (int standing = 0; isCounted; standing++) {
                    watched.readChanges(taker);
                    long next = ++revision;
                    Digest to = Fleet.digest(moves[(int) (next % moves.length)]);
                    Counter counter = new Counter(counting, counts, standing);
                    Runnable move = () -> {
                        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "moving", to, next));
                        counter.begin();
                    };
                    reads.command(command, move);
                    watched.readChanges(taker);
                    isRead = !reads.isLeft();
                    if (!isRead) {
                        break;
                    }
                    FleetQueries.Known known = new FleetQueries.Known(tree, Objects.requireNonNull(watched.asOf()));
                    String where = "before command " + command + " of reading, " + standing + " of counting";
                    assertThat(page(known)).as(where).isEqualTo(page(null));
                    isCounted = !counts.isLeft();
                    counter.end();
                    assertThat(page(known)).as(where + ", counted").isEqualTo(page(null));
                }
            }
        } finally {
            clients.forEach(MongoClient::close);
        }
    }

    @Test
    void analysesAndJudgementsMakeNobodyReadTagsAgain() throws Exception {
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1));
        store.imageArchive().apply(Fleet.pushed(Fleet.CART, "1", Fleet.digest(2), 1));
        FleetTree tree = treeOf(FleetReadingContract::withKnownTag);
        Map<Digest, List<String>> fromTree =
                Map.of(Fleet.digest(1), List.of("known"), Fleet.digest(2), List.of("known"));

        store.imageArchive().save(Fleet.alpine(Fleet.digest(1)));
        assertThat(tags(tree)).isEqualTo(fromTree);

        store.queries().count(clock);
        assertThat(tags(tree)).as("counted by others").isEqualTo(fromTree);
        assertThat(page(known(tree)).get(0).distro()).isEqualTo("alpine");
    }

    @Test
    void whatAnOlderVersionHasCountedIsNotTakenFromMemory() throws Exception {
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1));
        FleetTree tree = new FleetTree(KnownBases.none());
        reading.readChanges(
                (content, left) -> tree.replace(content.repository(), content.members(), content.formers()));
        store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "2", Fleet.digest(1), 1));
        // It says how often it has counted, not what.
        MongoDatabase database = store.mongo().getDb();
        database.getCollection("summary_rounds")
                .updateOne(new Document("_id", "fleet"), new Document("$inc", new Document("pass", 1L)));
        for (String collection : List.of("tags", "images")) {
            database.getCollection(collection)
                    .updateMany(new Document(), new Document("$unset", new Document("uncounted", true)));
        }
        assertThat(tags(tree)).isEqualTo(Map.of(Fleet.digest(1), List.of("1", "2")));
    }

    /** Of all that was read: what is not so in the store shows where an answer came from. */
    private FleetTree treeOf(UnaryOperator<Member> told) throws Exception {
        FleetTree tree = new FleetTree(KnownBases.none());
        reading.readChanges((content, left) -> tree.replace(
                content.repository(), content.members().stream().map(told).toList(), List.of()));
        return tree;
    }

    private static Member withKnownTag(Member member) {
        return new Member(
                member.digest(),
                null,
                null,
                List.of(),
                List.of(),
                null,
                Libc.Family.UNKNOWN,
                null,
                null,
                null,
                List.of("known"),
                List.of(),
                Map.of(),
                null);
    }

    private static Member withKnownCaveat(Member member) {
        return new Member(
                member.digest(),
                null,
                member.status(),
                List.of(),
                List.of(),
                null,
                Libc.Family.UNKNOWN,
                null,
                List.of(new Member.CaveatKey("known", Kind.RISK, Severity.LOW)),
                null,
                member.tags(),
                List.of(),
                Map.of(),
                null,
                null,
                null,
                member.kept());
    }

    private static List<Object> answers(FleetTree tree) {
        List<Object> answers = new ArrayList<>();
        answers.add(tree.held());
        for (int n = 1; n <= 25; n++) {
            answers.add(tree.lineage(Fleet.digest(n)));
            answers.add(tree.image(Fleet.digest(n)));
            answers.add(tree.cost(List.of(Fleet.digest(n))));
        }
        for (Base base : tree.bases().all()) {
            answers.add(base);
            answers.add(tree.children(base.id(), null, 100));
            answers.add(tree.descendants(base.id(), null, 100));
        }
        return answers;
    }
}
