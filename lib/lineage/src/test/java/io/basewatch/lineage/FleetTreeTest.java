package io.basewatch.lineage;

import static io.basewatch.lineage.Images.AMD64;
import static io.basewatch.lineage.Images.ARM64;
import static io.basewatch.lineage.Images.chain;
import static io.basewatch.lineage.Images.digest;
import static io.basewatch.lineage.Images.image;
import static io.basewatch.lineage.Images.reference;
import static io.basewatch.lineage.Images.repository;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.Lineage.Claimed.Verdict;
import io.basewatch.lineage.Lineage.StandsOn;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FleetTreeTest {

    private final FleetTree tree = new FleetTree(KnownBases.none());

    private static void put(FleetTree tree, String repository, Images... images) {
        tree.replace(
                repository(repository),
                Arrays.stream(images).map(Images::member).toList(),
                List.of());
    }

    private void put(String repository, Images... images) {
        put(tree, repository, images);
    }

    private Lineage lineage(Images image) {
        return tree.lineage(image.digest()).orElseThrow();
    }

    private List<String> names(Images image) {
        return lineage(image).bases().stream()
                .map(base -> base.names().isEmpty() ? "-" : base.names().get(0).reference())
                .toList();
    }

    private List<Digest> children(BaseId base) {
        List<Digest> children = new ArrayList<>();
        tree.forEachChild(base, image -> children.add(image.image().digest()));
        return children;
    }

    private static BaseId id(@Nullable Platform platform, String... layers) {
        return BaseId.ofChain(chain(layers), platform);
    }

    @Test
    void repositoriesAreFoundByAnyPartOfTheirNamesInTheirOrderAndNoMoreThanWanted() {
        put("team/checkout-api", image("a", "os", "a").tagged("1"));
        put("team/Checkout", image("b", "os", "b").tagged("1"));
        put("other/app", image("c", "os", "c").tagged("1"));

        assertThat(tree.repositoriesWith("CHECKOUT", 10))
                .containsExactly(repository("team/Checkout"), repository("team/checkout-api"));
        assertThat(tree.repositoriesWith("a", 1)).containsExactly(repository("other/app"));
        assertThat(tree.repositoriesWith("nowhere", 10)).isEmpty();
    }

    @Test
    void anImageStandsOnEachImageWhoseLayersAreItsLowestTheNearestFirst() {
        Images app = image("app", "os", "python", "app").tagged("1");
        put("os", image("os", "os").tagged("3.20"));
        put("python", image("python", "os", "python").tagged("3.12"));
        put("app", app);

        assertThat(names(app)).containsExactly(reference("python:3.12"), reference("os:3.20"));
        assertThat(lineage(app).bases()).allSatisfy(base -> {
            assertThat(base.method()).isEqualTo(Method.LAYERS);
            assertThat(base.confidence()).isEqualTo(Confidence.CERTAIN);
            assertThat(base.adds()).isTrue();
        });
        assertThat(tree.bases().all()).extracting(Base::id).containsExactly(id(AMD64, "os"), id(AMD64, "os", "python"));
        Base os = tree.bases().find(id(AMD64, "os")).orElseThrow();
        assertThat(os.children()).isEqualTo(new Lineage.Count(1, 1, 1));
        assertThat(os.descendants()).isEqualTo(new Lineage.Count(2, 2, 2));
        assertThat(os.depth()).isZero();
        Base python = tree.bases().find(id(AMD64, "os", "python")).orElseThrow();
        assertThat(python.on()).isEqualTo(os.id());
        assertThat(python.depth()).isEqualTo(1);
    }

    @Test
    void compressionDoesNotMatter() {
        Images app = image("app", "os", "app").recompressed();
        put("os", image("os", "os").tagged("1"));
        put("app", app);
        assertThat(names(app)).containsExactly(reference("os:1"));
    }

    @Test
    void aBaseOfAnotherPlatformIsNone() {
        Images arm = image("arm", "data", "arm app").on(ARM64);
        put("data", image("data", "data").tagged("1"));
        put("arm", arm);
        assertThat(lineage(arm).bases()).isEmpty();
        put("data", image("data", "data").tagged("1"), image("arm data", "data").on(Platform.parse("linux/arm64/v8")));
        assertThat(lineage(arm).bases()).singleElement().satisfies(base -> {
            assertThat(base.id().platform()).isEqualTo(ARM64);
            assertThat(base.images()).containsExactly(image("arm data").digest());
        });
    }

    @Test
    void imagesWithoutLayersStandOnNothingAndNothingOnThem() {
        Images nothing = image("nothing");
        Images app = image("app", "os");
        put("a", nothing, app, image("pending").status(null));
        assertThat(lineage(nothing).bases()).isEmpty();
        assertThat(lineage(nothing).own()).isNull();
        assertThat(lineage(app).bases()).isEmpty();
        assertThat(tree.bases().all()).isEmpty();
    }

    @Test
    void emptyLayersAreNoEvidenceOfABase() {
        Images app = image("app", "", "app");
        put("empty", image("empty", "").tagged("1"), image("emptier", "", "").tagged("2"));
        put("app", app, image("other", "", "other"));
        assertThat(lineage(app).bases()).isEmpty();
        assertThat(tree.bases().all()).isEmpty();
    }

    @Test
    void anImageThatAddsOnlyEmptyLayersSaysSo() {
        Images relabelled = image("relabelled", "os", "");
        put("os", image("os", "os").tagged("1"));
        put("mirror", relabelled);
        assertThat(lineage(relabelled).bases())
                .singleElement()
                .extracting(StandsOn::adds)
                .isEqualTo(false);
    }

    @Test
    void imagesWithTheSameLayersAreEqualAndStandOnTheSame() {
        Images one = image("one", "os", "app").tagged("1");
        Images other = image("other", "os", "app").recompressed().tagged("1");
        put("os", image("os", "os").tagged("1"), image("os, relabelled", "os").tagged("2"));
        put("one", one);
        put("other", other);
        assertThat(lineage(one).equals()).containsExactly(other.digest());
        assertThat(lineage(one).equalCount()).isEqualTo(1);
        assertThat(names(one)).containsExactly(reference("os:1"));
        assertThat(lineage(one).bases().get(0).images()).hasSize(2);
        assertThat(lineage(one).bases().get(0).names())
                .extracting(Name::reference)
                .containsExactly(reference("os:1"), reference("os:2"));
        assertThat(tree.bases().all()).hasSize(1);
    }

    @Test
    void whereALayerIsUnknownANearerBaseMayBeHidden() {
        Images app = image("app", "os", "?", "app");
        put("os", image("os", "os").tagged("1"));
        put("app", app);
        assertThat(lineage(app).whole()).isFalse();
        assertThat(lineage(app).bases())
                .singleElement()
                .extracting(StandsOn::confidence)
                .isEqualTo(Confidence.LIKELY);
        assertThat(children(id(AMD64, "os"))).containsExactly(app.digest());
    }

    @Test
    void anImageOfWhichALayerIsUnknownIsNoBase() {
        Images app = image("app", "os", "app");
        put("cut", image("cut", "os", "?").tagged("1"));
        put("app", app);
        assertThat(lineage(app).bases()).extracting(StandsOn::method).doesNotContain(Method.LAYERS);
    }

    @Test
    void aLayerThatOnlyAConfigTellsOfMakesItLikely() {
        Images app = image("app", "~os", "app");
        Images read = image("read", "os", "read");
        put("os", image("os", "os").tagged("1"));
        put("app", app, read);
        assertThat(lineage(app).bases())
                .singleElement()
                .extracting(StandsOn::confidence)
                .isEqualTo(Confidence.LIKELY);
        put("os", image("os", "~os").tagged("1"));
        assertThat(lineage(read).bases())
                .singleElement()
                .extracting(StandsOn::confidence)
                .isEqualTo(Confidence.LIKELY);
    }

    @Test
    void whatIsClaimedAboveTheBaseDoesNotMakeItLessCertain() {
        Images app = image("app", "os", "~app");
        put("os", image("os", "os").tagged("1"));
        put("app", app);
        assertThat(lineage(app).bases())
                .singleElement()
                .extracting(StandsOn::confidence)
                .isEqualTo(Confidence.CERTAIN);
    }

    @Test
    void anArtifactHasNoBaseAndIsNone() {
        Images artifact = image("artifact", "os").status(AnalysisStatus.SKIPPED).tagged("1");
        Images app = image("app", "os", "app");
        put("a", artifact, app);
        assertThat(lineage(app).bases()).isEmpty();
        assertThat(lineage(artifact).bases()).isEmpty();
    }

    @Test
    void anImageOfSeveralRepositoriesIsCountedOnceWithAllItsTags() {
        Images app = image("app", "os", "app");
        put("os", image("os", "os").tagged("1"));
        put("dev/app", app.tagged("1", "2"));
        put("prod/app", app.tagged("1"));
        Base os = tree.bases().find(id(AMD64, "os")).orElseThrow();
        assertThat(os.descendants()).isEqualTo(new Lineage.Count(1, 3, 2));
        assertThat(tree.image(app.digest()).orElseThrow().places())
                .extracting(place -> place.repository().name())
                .containsExactly("dev/app", "prod/app");
        put("prod/app");
        assertThat(tree.bases().find(id(AMD64, "os")).orElseThrow().descendants())
                .isEqualTo(new Lineage.Count(1, 2, 1));
    }

    @Test
    void layersThatImagesOfSeveralRepositoriesShareAreAnUnnamedBase() {
        Images one = image("one", "os", "python", "one");
        Images other = image("other", "os", "python", "other");
        put("one", one);
        put("other", other);
        assertThat(lineage(one).bases()).singleElement().satisfies(base -> {
            assertThat(base.method()).isEqualTo(Method.SHARED);
            assertThat(base.confidence()).isEqualTo(Confidence.LIKELY);
            assertThat(base.names()).isEmpty();
            assertThat(base.layers()).isEqualTo(2);
        });
        assertThat(tree.bases().all()).singleElement().satisfies(base -> {
            assertThat(base.id()).isEqualTo(id(AMD64, "os", "python"));
            assertThat(base.children().images()).isEqualTo(2);
        });
    }

    @Test
    void versionsOfOneRepositoryShareNoUnnamedBaseWhereverTheyAreCopied() {
        Images one = image("one", "os", "deps", "one").tagged("1");
        Images two = image("two", "os", "deps", "two").tagged("2");
        put("dev/app", one, two);
        put("prod/app", one, two);
        assertThat(tree.bases().all()).isEmpty();
        assertThat(lineage(one).bases()).isEmpty();
    }

    @Test
    void anUnnamedBaseHasTheNameThatAllImagesOnItClaim() {
        Images one = image("one", "os", "one").claims("python:3.12", null, BaseClaim.Source.ANNOTATION);
        put("one", one);
        put(
                "other",
                image("other", "os", "other").claims("docker.io/library/python:3.12", null, BaseClaim.Source.LABEL));
        assertThat(names(one)).containsExactly("docker.io/library/python:3.12");
        assertThat(tree.bases().all().get(0).names())
                .containsExactly(new Name("docker.io/library/python:3.12", Name.From.CLAIM, null));
    }

    @Test
    void aBaseThatIsOnlyClaimedIsLikelyAndOneForAllWhoClaimIt() {
        Images one = image("one", "one").claims("alpine", null, BaseClaim.Source.ANNOTATION);
        Images other =
                image("other", "other").claims("docker.io/library/alpine:latest", null, BaseClaim.Source.ANNOTATION);
        put("one", one);
        put("other", other);
        StandsOn base = lineage(one).base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.ANNOTATION);
        assertThat(base.confidence()).isEqualTo(Confidence.LIKELY);
        assertThat(tree.bases().all()).singleElement().satisfies(all -> {
            assertThat(all.id()).isEqualTo(base.id());
            assertThat(all.children().images()).isEqualTo(2);
        });
        assertThat(children(base.id())).containsExactlyInAnyOrder(one.digest(), other.digest());
        assertThat(BaseId.parse(base.id().toString())).isEqualTo(base.id());
    }

    @Test
    void aClaimOfAnImageOnWhichItDoesNotStandIsContradictedByItsLayers() {
        Images other = image("other", "ubuntu").tagged("24.04");
        Images app = image("app", "os", "app").claims("ubuntu:24.04", other.digest(), BaseClaim.Source.ANNOTATION);
        put("os", image("os", "os").tagged("1"));
        put("ubuntu", other);
        put("app", app);
        assertThat(names(app)).containsExactly(reference("os:1"));
        Lineage.Claimed claim = lineage(app).claim();
        assertThat(claim).isNotNull();
        assertThat(claim.verdict()).isEqualTo(Verdict.CONTRADICTED);
        assertThat(claim.base()).isEqualTo(id(AMD64, "ubuntu"));
    }

    @Test
    void aClaimIsConfirmedByDigestByIndexAndByName() {
        Images os = image("os", "os").tagged("3.20").through(digest("index"));
        put("mirror/library/os", os);
        for (BaseClaim claim : List.of(
                new BaseClaim(null, os.digest(), BaseClaim.Source.ANNOTATION),
                new BaseClaim("whatever", digest("index"), BaseClaim.Source.LABEL),
                new BaseClaim(reference("mirror/library/os:3.20"), null, BaseClaim.Source.LABEL),
                new BaseClaim("os:3.20@" + os.digest(), null, BaseClaim.Source.LABEL),
                new BaseClaim("docker.io/library/os:3.20", null, BaseClaim.Source.LABEL),
                new BaseClaim("os:3.20", null, BaseClaim.Source.LABEL))) {
            Images app = image("app", "os", "app").claims(claim.reference(), claim.digest(), claim.source());
            put("app", app);
            assertThat(lineage(app).claim())
                    .as(claim.toString())
                    .isEqualTo(new Lineage.Claimed(claim, Verdict.CONFIRMED, id(AMD64, "os")));
        }
        for (String reference : List.of("os:3.2", "so:3.20", "library/os", "other.example/rary/os:3.20")) {
            Images app = image("app", "os", "app").claims(reference, null, BaseClaim.Source.LABEL);
            put("app", app);
            assertThat(lineage(app).claim().verdict()).as(reference).isEqualTo(Verdict.UNSEEN);
        }
    }

    @Test
    void aLabelThatTheBaseHasTooIsInherited() {
        Images base = image("jre", "ubuntu", "jre")
                .claims("ubuntu:24.04", null, BaseClaim.Source.LABEL)
                .tagged("21");
        Images app = image("app", "ubuntu", "jre", "app").claims("ubuntu:24.04", null, BaseClaim.Source.LABEL);
        put("jre", base);
        put("app", app);
        assertThat(lineage(app).claim().verdict()).isEqualTo(Verdict.INHERITED);
        assertThat(names(app)).containsExactly(reference("jre:21"));
    }

    private static Former former(String tag, Images image, String... layers) {
        return new Former(tag, image.digest(), chain(layers), false, AMD64, null);
    }

    @Test
    void childrenOfWhatATagLedToBeforeAreStaleAndStillHaveANamedBase() {
        Images before = image("before", "os 1");
        Images now = image("now", "os 2").tagged("latest").ground("alpine", "3.20.4");
        Images app = image("app", "os 1", "app").tagged("1");
        put("app", app);
        tree.replace(repository("os"), List.of(now.member()), List.of(former("latest", before, "os 1")));

        StandsOn base = lineage(app).base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.LAYERS);
        assertThat(base.confidence()).isEqualTo(Confidence.CERTAIN);
        assertThat(base.names()).containsExactly(new Name(reference("os:latest"), Name.From.FORMER, before.digest()));
        assertThat(lineage(app).stale())
                .containsExactly(new Lineage.Moved(
                        reference("os:latest"), now.digest(), now.member().ground()));
        Base told = tree.bases().find(id(AMD64, "os 1")).orElseThrow();
        assertThat(told.current()).isFalse();
        assertThat(told.stale()).isEqualTo(1);
        assertThat(told.movedTo()).isEqualTo(lineage(app).stale());
    }

    @Test
    void aTagThatCameBackOrIsGoneOrLeadsToWhatIsNotAnalysedYetMakesNothingStale() {
        Images before = image("before", "os 1");
        Images app = image("app", "os 1", "app");
        put("app", app);
        List<Former> formers = List.of(former("latest", before, "os 1"));
        tree.replace(repository("os"), List.of(before.tagged("latest").member()), formers);
        assertThat(lineage(app).stale()).isEmpty();
        assertThat(lineage(app).base().orElseThrow().names())
                .extracting(Name::from)
                .containsExactly(Name.From.TAG);
        tree.replace(
                repository("os"),
                List.of(image("now").status(null).tagged("latest").member()),
                formers);
        assertThat(lineage(app).stale()).isEmpty();
        tree.replace(repository("os"), List.of(), formers);
        assertThat(lineage(app).stale()).isEmpty();
        assertThat(lineage(app).base().orElseThrow().names())
                .extracting(Name::from)
                .containsExactly(Name.From.FORMER);
        tree.replace(repository("os"), List.of(), List.of());
        assertThat(lineage(app).bases()).isEmpty();
    }

    @Test
    void ofSeveralTagsThatMovedOnTheOneThatTheImageNamesCounts() {
        Images before = image("before", "os 1").tagged("3.20.3");
        Images app = image("app", "os 1", "app").claims("os:3.20", null, BaseClaim.Source.LABEL);
        Images pinned =
                image("pinned", "os 1", "pinned").claims(reference("os:3.20.3"), null, BaseClaim.Source.ANNOTATION);
        Images any = image("any", "os 1", "any");
        put("app", app, any, pinned);
        tree.replace(
                repository("os"),
                List.of(
                        before.member(),
                        image("patch", "os 2").tagged("3.20").member(),
                        image("new", "os 3").tagged("latest").member()),
                List.of(former("3.20", before, "os 1"), former("latest", before, "os 1")));
        assertThat(lineage(app).stale()).extracting(Lineage.Moved::reference).containsExactly(reference("os:3.20"));
        assertThat(lineage(any).stale()).hasSize(2);
        assertThat(lineage(pinned).stale()).isEmpty();
        assertThat(tree.bases().find(id(AMD64, "os 1")).orElseThrow().stale()).isEqualTo(2);
    }

    @Test
    void anImageWhoseClaimedTagLeadsElsewhereThanItsClaimedDigestIsStale() {
        Images now = image("now", "os 2").tagged("1").ground("alpine", "3.20.4").through(digest("index now"));
        Images app = image("app", "app").claims(reference("os:1"), digest("gone"), BaseClaim.Source.ANNOTATION);
        Images rebuilt =
                image("rebuilt", "other").claims(reference("os:1"), digest("index now"), BaseClaim.Source.ANNOTATION);
        Images unpinned = image("unpinned", "more").claims(reference("os:1"), null, BaseClaim.Source.ANNOTATION);
        put("os", now);
        put("app", app, rebuilt, unpinned);
        assertThat(lineage(app).stale())
                .containsExactly(new Lineage.Moved(
                        reference("os:1"), now.digest(), now.member().ground()));
        assertThat(lineage(rebuilt).stale()).isEmpty();
        assertThat(lineage(unpinned).stale()).isEmpty();
        assertThat(tree.bases().all()).singleElement().satisfies(base -> {
            assertThat(base.children().images()).isEqualTo(2);
            assertThat(base.stale()).isEqualTo(1);
        });
    }

    @Test
    void aPlatformThatIsLeftBehindIsToldFromBothSides() {
        Digest index = digest("index");
        Images old = image("os arm", "os arm 3.18")
                .on(ARM64)
                .ground("alpine", "3.18.9")
                .tagged("3.18");
        Images amd = image("amd", "os 3.20", "app")
                .ground("alpine", "3.20.3")
                .tagged("1", "latest")
                .through(index);
        Images arm = image("arm", "os arm 3.18", "app")
                .on(ARM64)
                .ground("alpine", "3.18.9")
                .tagged("1")
                .through(index);
        put("os", old, image("os", "os 3.20").tagged("3.20").ground("alpine", "3.20.3"));
        put("app", amd, arm);
        assertThat(lineage(amd).drift())
                .containsExactly(new Lineage.Drift(
                        reference("app:1"), arm.digest(), ARM64, arm.member().ground(), id(ARM64, "os arm 3.18")));
        assertThat(lineage(arm).drift()).hasSize(1);
        assertThat(tree.bases().find(id(ARM64, "os arm 3.18")).orElseThrow().drifting())
                .isEqualTo(1);
        Images even = image("even", "os arm 3.20", "app")
                .on(ARM64)
                .ground("alpine", "3.20.3")
                .tagged("1")
                .through(index);
        put("app", amd, even);
        assertThat(lineage(amd).drift()).isEmpty();
    }

    @Test
    void aWellKnownPublicImageIsRecognisedWhereTheFleetDoesNotHoldIt() {
        FleetTree knowing = new FleetTree(KnownBases.of(List.of(new KnownBases.Known(
                chain("os"),
                1,
                AMD64,
                "docker.io/library/os:3.20",
                null,
                new Member.Ground("os", "3.20", null, null)))));
        Images app = image("app", "os", "app");
        put(knowing, "app", app);
        StandsOn base = knowing.lineage(app.digest()).orElseThrow().base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.KNOWN);
        assertThat(base.confidence()).isEqualTo(Confidence.CERTAIN);
        assertThat(base.names().get(0).reference()).isEqualTo("docker.io/library/os:3.20");
        Images mirrored = image("os", "os").tagged("1");
        put(knowing, "mirror", mirrored);
        base = knowing.lineage(app.digest()).orElseThrow().base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.LAYERS);
        assertThat(base.names())
                .extracting(Name::reference)
                .containsExactly(reference("mirror:1"), "docker.io/library/os:3.20");
        assertThat(knowing.lineage(mirrored.digest()).orElseThrow().names()).hasSize(1);
        assertThat(knowing.lineage(mirrored.digest()).orElseThrow().bases()).isEmpty();
    }

    @Test
    void aSquashedImageIsRecognisedByTheHistoryThatItKept() {
        Images squashed = image("squashed", "all in one").built(1L, 2L, 3L, 4L).ground("alpine", "3.20.3");
        put("os", image("os", "os").built(1L).tagged("1"));
        put("python", image("python", "os", "python").built(1L, 2L, 3L).tagged("3"));
        put("app", squashed);
        StandsOn base = lineage(squashed).base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.HISTORY);
        assertThat(base.confidence()).isEqualTo(Confidence.LIKELY);
        assertThat(base.names().get(0).reference()).isEqualTo(reference("python:3"));
        assertThat(tree.bases().find(base.id())).as("a guess is not counted").isEmpty();
    }

    @Test
    void anImageOnTheSameReleaseIsNoMoreThanAGuessAndNoneWhereThereAreTwo() {
        Images squashed = image("squashed", "all in one, and larger").ground("alpine", "3.20.3");
        put("os", image("os", "os").ground("alpine", "3.20.3").tagged("1"));
        put("plain", image("plain", "os", "plain"));
        put("app", squashed);
        StandsOn base = lineage(squashed).base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.LIKENESS);
        assertThat(base.confidence()).isEqualTo(Confidence.GUESS);
        put(
                "os",
                image("os", "os").ground("alpine", "3.20.3"),
                image("os again", "so").ground("alpine", "3.20.3"));
        put("plain", image("plain", "os", "plain"), image("plain too", "so", "plain"));
        assertThat(lineage(squashed).bases()).isEmpty();
    }

    /** A release of a distribution that was built again and again, each time with one other package, and what stands on each. */
    private void releases() {
        for (int n = 0; n < 3; n++) {
            String os = "os" + n;
            put(os, image(os, os).ground("debian", "12").packages(n, n + 90).tagged("1"));
            put("on " + os, image("on " + os, os, "app").ground("debian", "12").packages(n, n + 90));
        }
        put(
                "python",
                image("python", "os1", "python")
                        .ground("debian", "12")
                        .packages(1, 200)
                        .tagged("3"));
        put(
                "on python",
                image("on python", "os1", "python", "app")
                        .ground("debian", "12")
                        .packages(1, 200));
        put(
                "plain",
                image("plain", "os1", "files")
                        .ground("debian", "12")
                        .packages(1, 91)
                        .tagged("1"));
        put(
                "on plain",
                image("on plain", "os1", "files", "app").ground("debian", "12").packages(1, 91));
    }

    private Lineage squashed(int from, int to) {
        Images squashed = image("squashed", "all in one, and larger than all others")
                .ground("debian", "12")
                .packages(from, to);
        put("squashed", squashed);
        return tree.lineage(squashed.digest()).orElseThrow();
    }

    @Test
    void aSquashedImageIsGuessedToStandOnTheBaseOfWhichItHasAllPackages() {
        releases();
        StandsOn base = squashed(1, 91).base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.LIKENESS);
        assertThat(base.confidence()).isEqualTo(Confidence.GUESS);
        assertThat(base.names().get(0).reference())
                .as("that it may stand on what brings no packages says nothing against it")
                .isEqualTo(reference("os1:1"));
        assertThat(squashed(1, 91).undecided()).isEmpty();
        assertThat(squashed(1, 500).base().orElseThrow().names().get(0).reference())
                .as("the base with the most of them, of a list that is only known by a sample")
                .isEqualTo(reference("python:3"));
        assertThat(squashed(2, 90).bases()).as("nobody has all of these").isEmpty();
        assertThat(tree.bases().find(base.id()).orElseThrow().children().images())
                .as("a guess is not counted")
                .isEqualTo(3);
    }

    /** Two releases without a database of packages, what stands on each, and what stands on what stands there. */
    private void withoutPackages() {
        put("box", image("box", "box").files(0, 400).tagged("1"));
        put("on box", image("on box", "box", "app").files(0, 400));
        put("box2", image("box2", "box2").files(100, 500).tagged("2"));
        put("on box2", image("on box2", "box2", "app").files(100, 500));
        put("tools", image("tools", "box", "tools").files(0, 900).tagged("1"));
        put("on tools", image("on tools", "box", "tools", "app").files(0, 900));
    }

    private Lineage squashedFiles(int from, int to) {
        Images squashed = image("squashed", "all in one").files(from, to);
        put("squashed", squashed);
        return tree.lineage(squashed.digest()).orElseThrow();
    }

    @Test
    void aSquashedImageWithoutPackagesIsGuessedToStandOnTheBaseWhoseFilesItHas() {
        withoutPackages();
        StandsOn base = squashedFiles(0, 420).base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.LIKENESS);
        assertThat(base.confidence()).isEqualTo(Confidence.GUESS);
        assertThat(base.likeness()).isEqualTo(new Likeness(Likeness.By.FILES, 100, 400));
        assertThat(base.names().get(0).reference()).isEqualTo(reference("box:1"));
        assertThat(tree.bases().find(base.id()).orElseThrow().children().images())
                .as("a guess is not counted")
                .isEqualTo(2);
        assertThat(squashedFiles(0, 3000).base().orElseThrow().names().get(0).reference())
                .as("the nearest of two that stand on each other, of files that are only known by a sample")
                .isEqualTo(reference("tools:1"));
    }

    @Test
    void anImageThatLacksMoreThanAFewOfABasesFilesIsNotGuessedToStandOnIt() {
        withoutPackages();
        assertThat(squashedFiles(50, 450).bases()).as("between two releases").isEmpty();
        assertThat(squashedFiles(0, 200).bases()).as("a half of one").isEmpty();
        StandsOn changed = squashedFiles(9, 398).base().orElseThrow();
        assertThat(changed.names().get(0).reference()).isEqualTo(reference("box:1"));
        assertThat(changed.likeness().percent()).isBetween(96, 99);
    }

    @Test
    void filesAreNotComparedAcrossPlatformsReleasesAndLibraries() {
        put("box", image("box", "box").files(0, 400).ground("busybox", "1.36").tagged("1"));
        put("on box", image("on box", "box", "app").files(0, 400).ground("busybox", "1.36"));
        Images squashed = image("squashed", "all in one").files(0, 400);
        put("squashed", squashed.on(Images.ARM64));
        assertThat(lineage(squashed).bases()).isEmpty();
        put("squashed", squashed.ground("busybox", "1.37"));
        assertThat(lineage(squashed).bases()).isEmpty();
        put("squashed", squashed);
        assertThat(lineage(squashed).bases()).as("one that lost its release").hasSize(1);
    }

    @Test
    void ofTwoBasesWithTheSameFilesNoneIsGuessedAndBothAreTold() {
        withoutPackages();
        put("box again", image("box again", "box built again").files(0, 400));
        put("on box again", image("on box again", "box built again", "app").files(0, 400));
        Lineage lineage = squashedFiles(0, 420);
        assertThat(lineage.bases()).isEmpty();
        assertThat(lineage.undecided())
                .containsExactlyInAnyOrder(
                        image("box").digest(), image("box again").digest());
    }

    @Test
    void oneOnWhichNothingStandsAnyMoreIsNoBaseToBeGuessed() {
        withoutPackages();
        put("on box");
        assertThat(squashedFiles(0, 420).base().orElseThrow().names().get(0).reference())
                .as("tools stands on it")
                .isEqualTo(reference("box:1"));
        put("tools");
        put("on tools");
        assertThat(squashedFiles(0, 420).bases()).isEmpty();
        withoutPackages();
        assertThat(squashedFiles(0, 420).bases()).hasSize(1);
        put("box");
        assertThat(squashedFiles(0, 420).bases()).as("gone").isEmpty();
    }

    @Test
    void aSquashedImageOfAWellKnownBaseThatTheFleetDoesNotHoldIsGuessedByItsFilesOrPackages() {
        KnownBases.Known box = new KnownBases.Known(
                chain("box"), 1, Images.AMD64, "docker.io/library/box:1", null, null, null, Images.sketch(0, 400));
        KnownBases.Known other = new KnownBases.Known(
                chain("so"), 1, Images.AMD64, "docker.io/library/other:1", null, null, null, Images.sketch(0, 400));
        Images squashed = image("squashed", "all in one").files(0, 420);
        FleetTree knowing = new FleetTree(KnownBases.of(List.of(box)));
        knowing.replace(repository("squashed"), List.of(squashed.member()), List.of());
        StandsOn base = knowing.lineage(squashed.digest()).orElseThrow().base().orElseThrow();
        assertThat(base.method()).isEqualTo(Method.LIKENESS);
        assertThat(base.confidence()).isEqualTo(Confidence.GUESS);
        assertThat(base.likeness().percent()).isEqualTo(100);
        assertThat(base.names().get(0).reference()).isEqualTo("docker.io/library/box:1");
        assertThat(base.images()).isEmpty();

        FleetTree torn = new FleetTree(KnownBases.of(List.of(box, other)));
        torn.replace(repository("squashed"), List.of(squashed.member()), List.of());
        Lineage undecided = torn.lineage(squashed.digest()).orElseThrow();
        assertThat(undecided.bases()).isEmpty();
        assertThat(undecided.undecidedKnown())
                .extracting(Name::reference)
                .containsExactly("docker.io/library/box:1", "docker.io/library/other:1");
    }

    @Test
    void whereTwoBasesComeEquallyIntoQuestionNoneIsGuessedAndBothAreTold() {
        releases();
        Images again = image("os1 again", "os1 built again")
                .ground("debian", "12")
                .packages(1, 91)
                .tagged("1");
        put("os1 again", again);
        put("on os1 again", image("on os1 again", "os1 built again", "app").ground("debian", "12"));
        assertThat(squashed(1, 91).bases()).isEmpty();
        assertThat(squashed(1, 91).undecided())
                .contains(again.digest(), image("os1").digest())
                .doesNotContain(image("python").digest());
        put("unread", image("unread", "unread").ground("debian", "12"));
        put("on unread", image("on unread", "unread", "app").ground("debian", "12"));
        assertThat(squashed(1, 500).undecided())
                .as("of whose packages nothing is known comes into question as well")
                .containsExactlyInAnyOrder(
                        image("python").digest(), image("unread").digest())
                .isSorted();
    }

    @Test
    void oneImageMayBeTheBaseOfManyAndStandOnOthersItself() {
        Images base = image("base", "os", "base").tagged("1");
        Images[] apps = new Images[50];
        Arrays.setAll(apps, i -> image("app" + i, "os", "base", "app" + i));
        put("os", image("os", "os").tagged("1"));
        put("base", base);
        put("apps", apps);
        assertThat(children(id(AMD64, "os", "base"))).hasSize(50).isSorted();
        assertThat(children(id(AMD64, "os"))).containsExactly(base.digest());
        List<Digest> descendants = new ArrayList<>();
        tree.forEachDescendant(
                id(AMD64, "os"), image -> descendants.add(image.image().digest()));
        assertThat(descendants).hasSize(51);
        List<Digest> paged = new ArrayList<>();
        for (List<FleetImage> page = tree.descendants(id(AMD64, "os"), null, 7);
                !page.isEmpty();
                page = tree.descendants(id(AMD64, "os"), paged.get(paged.size() - 1), 7)) {
            page.forEach(each -> paged.add(each.image().digest()));
        }
        assertThat(paged).isEqualTo(descendants);
        assertThat(lineage(base).own()).isEqualTo(id(AMD64, "os", "base"));
    }

    @Test
    void noImageStandsOnItself() {
        Images one = image("one", "os")
                .claims(reference("a:1"), null, BaseClaim.Source.LABEL)
                .tagged("1");
        put("a", one);
        assertThat(lineage(one).bases()).isEmpty();
        assertThat(lineage(one).claim().verdict()).isEqualTo(Verdict.INHERITED);
        assertThat(tree.bases().all()).allSatisfy(base -> assertThat(base.on()).isNotEqualTo(base.id()));
    }

    @Test
    void anImageIsForAllRepositoriesAsItWasToldLast() {
        Images app = image("app", "os", "app");
        put("os", image("os", "os").tagged("1"));
        put("a", app.status(null));
        put("b", app);
        assertThat(names(app)).containsExactly(reference("os:1"));
        assertThat(tree.image(app.digest()).orElseThrow().places()).hasSize(2);
        assertThat(tree.line(app.digest(), 20).orElseThrow().places())
                .isEqualTo(tree.image(app.digest()).orElseThrow().places());
    }

    @Test
    void aLineHasTheFirstTagsOfEachPlaceAndTheNumberOfAll() {
        put("a", image("app", "os").tagged("1", "2", "3"));
        put("b", image("app", "os").tagged("4"));
        put("c", image("app", "os"));
        Digest app = image("app", "os").digest();
        for (int tags = 0; tags <= 4; tags++) {
            FleetTree.Line line = tree.line(app, tags).orElseThrow();
            assertThat(line.tagCount()).isEqualTo(4);
            assertThat(line.places().get(0).tags())
                    .isEqualTo(List.of("1", "2", "3").subList(0, Math.min(tags, 3)));
            assertThat(line.places().get(1).tags()).hasSize(Math.min(tags, 1));
            assertThat(line.places().get(2).tags()).isEmpty();
        }
    }

    @Test
    void theVersionGrowsOnlyWithWhatIsNew() {
        put("a", image("app", "os").tagged("1"));
        long before = tree.version();
        put("a", image("app", "os").tagged("1").revision(7));
        assertThat(tree.version()).isEqualTo(before);
        assertThat(tree.line(image("app", "os").digest(), 20)
                        .orElseThrow()
                        .kept()
                        .revision())
                .as("of what was told last")
                .isEqualTo(7);
        put("a", image("app", "os").tagged("2"));
        assertThat(tree.version()).isGreaterThan(before);
    }

    @Test
    void layersCostTheirBytesOnceAndAreFreedWhenNobodyElseHasThem() {
        Images one = image("one", "os", "one", "");
        Images two = image("two", "os", "two", "");
        Images other = image("other", "os", "other");
        put("a", one, two);
        put("b", two, other);
        // os 102, one 103, two 103, other 105, empty 100
        assertThat(tree.cost(List.of(one.digest(), two.digest(), two.digest(), digest("no image"))))
                .isEqualTo(new LayerCost(102 + 103 + 103 + 100, 103 + 103 + 100, 102));
        assertThat(tree.layer(digest("blob of os"))).contains(new LayerUse(digest("blob of os"), 102, 3));
        assertThat(tree.layer(digest("blob of nothing"))).isEmpty();
    }

    @Test
    void aLayerOfWhichManifestsSayAnotherSizeIsOneLayer() {
        Images one = image("one", "os", "one");
        Member.Layer os = one.member().layers().get(0);
        Images lying = image("two", "os").sized(7);
        put("a", one);
        put("b", lying);
        assertThat(tree.layer(os.digest())).contains(new LayerUse(os.digest(), 102, 2));
        put("a");
        assertThat(tree.layer(os.digest())).contains(new LayerUse(os.digest(), 7, 1));
        put("b");
        assertThat(tree.layer(os.digest())).isEmpty();
        assertThat(tree.held()).isEqualTo(new FleetTree.Held(0, 0, 0, 0));
    }

    @Test
    void whatIsGoneLeavesNothingBehind() {
        put("a", image("app", "os", "app").tagged("1").through(digest("index")));
        tree.replace(repository("a"), List.of(), List.of());
        assertThat(tree.held()).isEqualTo(new FleetTree.Held(0, 0, 0, 0));
        assertThat(tree.bases().all()).isEmpty();
        assertThat(tree.lineage(image("app").digest())).isEmpty();
    }

    @Test
    void anImageIsToldAgainAsItWasTold() {
        Images app = image("app", "os", "~lib", "?", "")
                .tagged("1", "2")
                .through(digest("index"))
                .built(1L, 2L)
                .ground("alpine", "3.20.3")
                .claims("alpine", digest("alpine"), BaseClaim.Source.LABEL);
        put("a", app);
        assertThat(tree.image(app.digest()).orElseThrow().image()).isEqualTo(app.member());
    }
}
