package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.NOON;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.complete;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class JudgementArchiveContract extends StoreUnderTest {

    private static final String V1 = "1[a/1]";
    private static final String V2 = "1[a/1,b/1]";
    private static final String OLD = "1[apk/1]";
    private static final String NEW = "1[apk/2]";

    private static final MoveFacts MOVE = new MoveFacts(
            List.of("curl", "python3"),
            List.of("curl=8.5.0-r0"),
            List.of("app"),
            List.of(),
            null,
            List.of("python"),
            List.of(digest(7)),
            List.of(),
            true,
            List.of());

    FleetStore store;
    ImageArchive images;
    JudgementArchive judgements;

    @BeforeEach
    void openStore() {
        store = open();
        images = store.imageArchive();
        judgements = store.judgements();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static ImageAnalysis analysis(int image, String version, Instant at) {
        return complete(digest(image), null, Libc.Family.MUSL, version, at);
    }

    private ImageAnalysis analyzed(int image) {
        images.apply(pushed(SHOP, "t" + image, digest(image), 1));
        ImageAnalysis analysis = analysis(image, OLD, NOON);
        images.save(analysis);
        return analysis;
    }

    private static Caveat caveat(String id, Kind kind, Severity severity) {
        Evidence evidence = new Evidence("usr/bin/tool", digest(77), "/lib64/ld-linux-x86-64.so.2", id + "/1");
        return new Caveat(id, kind, severity, "it does not start", List.of(evidence), 1, null);
    }

    private static Judgement judgement(ImageAnalysis of, String catalogue, Caveat... caveats) {
        return new Judgement(
                of.digest(), catalogue, of.analyzerVersion(), of.analyzedAt(), true, List.of(), List.of(caveats), MOVE);
    }

    private List<Digest> stale(String catalogue) {
        List<Digest> all = new ArrayList<>();
        for (DigestRange range : DigestRange.parts()) {
            all.addAll(judgements.stale(catalogue, range, null, 100));
        }
        assertThat(judgements.countStale(catalogue)).isEqualTo(all.size());
        return all;
    }

    @Test
    void givesBackWhatWasJudged() {
        Judgement judgement = judgement(analyzed(1), V1, caveat("x", Kind.CERTAIN, Severity.CRITICAL));
        judgements.save(judgement);
        assertThat(judgements.find(digest(1))).contains(judgement);
        assertThat(judgements.find(digest(2))).isEmpty();
    }

    @Test
    void anAnalysisThatNobodyHasJudgedIsStaleUntilSomebodyDoes() {
        ImageAnalysis analysis = analyzed(1);
        images.apply(pushed(SHOP, "unanalyzed", digest(2), 1));
        images.save(analysis(3, OLD, NOON));
        assertThat(stale(V1))
                .as("one that is not analyzed, or has no tag, is not")
                .containsExactly(digest(1));
        assertThat(judgements.unjudged(V1, digest(1)).orElseThrow().analysis()).isEqualTo(analysis);

        judgements.save(judgement(analysis, V1));
        assertThat(stale(V1)).isEmpty();
        assertThat(judgements.unjudged(V1, digest(1))).isEmpty();
    }

    @Test
    void theBasisComesWithTheAnalysis() {
        images.apply(pushed(SHOP, "t1", digest(1), 1));
        DerivationBasis basis = new DerivationBasis(1, ImageInputs.NONE, List.of());
        images.save(analysis(1, OLD, NOON), basis);
        assertThat(judgements.unjudged(V1, digest(1)).orElseThrow().basis()).isEqualTo(basis);
    }

    @Test
    void aNewCatalogueMakesAllOlderJudgementsStaleAndAnOlderOneNone() {
        for (int n = 1; n <= 5; n++) {
            ImageAnalysis analysis = analyzed(n);
            judgements.save(judgement(analysis, n <= 3 ? V1 : V2));
        }
        assertThat(stale(V2)).containsExactly(digest(1), digest(2), digest(3));
        assertThat(stale(V1)).isEmpty();
        assertThat(judgements.stale(V2, DigestRange.parts().get(0), digest(1), 1))
                .containsExactly(digest(2));
    }

    @Test
    void aNewAnalysisMakesTheJudgementOfTheOlderOneStale() {
        ImageAnalysis older = analyzed(1);
        judgements.save(judgement(older, V1));
        ImageAnalysis newer = analysis(1, NEW, NOON.plusSeconds(9));
        images.save(newer);
        assertThat(stale(V1)).containsExactly(digest(1));

        // Who judged the older one was slow, and is now told from who judged the present one.
        judgements.save(judgement(older, V1));
        assertThat(stale(V1)).containsExactly(digest(1));
        judgements.save(judgement(newer, V1));
        assertThat(stale(V1)).isEmpty();
    }

    @Test
    void anOlderJudgementNeverReplacesANewerOne() {
        ImageAnalysis older = analyzed(1);
        ImageAnalysis newer = analysis(1, NEW, NOON.plusSeconds(9));
        images.save(newer);
        Judgement best = judgement(newer, V2, caveat("x", Kind.RISK, Severity.LOW));
        judgements.save(best);
        judgements.save(judgement(newer, V1));
        judgements.save(judgement(older, V2));
        judgements.save(judgement(analysis(1, NEW, NOON), V2));
        assertThat(judgements.find(digest(1))).contains(best);
        assertThat(stale(V2)).isEmpty();

        judgements.save(judgement(newer, V2));
        assertThat(judgements.find(digest(1)).orElseThrow().caveats())
                .as("the same again replaces")
                .isEmpty();
    }

    @Test
    void imagesAreFoundByWhatTheyAreTrappedIn() {
        judgements.save(judgement(
                analyzed(1), V1, caveat("x", Kind.CERTAIN, Severity.LOW), caveat("y", Kind.RISK, Severity.CRITICAL)));
        judgements.save(judgement(analyzed(2), V1, caveat("x", Kind.CERTAIN, Severity.CRITICAL)));
        judgements.save(judgement(analyzed(3), V1));

        assertThat(with("x", null, null)).containsExactly(digest(1), digest(2));
        assertThat(with("y", null, null)).containsExactly(digest(1));
        assertThat(with(null, Kind.CERTAIN, Severity.CRITICAL))
                .as("one caveat must be both")
                .containsExactly(digest(2));
        assertThat(with(null, Kind.RISK, null)).containsExactly(digest(1));
        assertThat(with(null, null, Severity.CRITICAL)).containsExactly(digest(1), digest(2));
        assertThat(with("x", Kind.CERTAIN, Severity.LOW)).containsExactly(digest(1));
        assertThat(with("z", null, null)).isEmpty();
    }

    @Test
    void whatAnotherAnalysisWasJudgedToHaveIsNotSaidOfThePresentOne() {
        judgements.save(judgement(analyzed(1), V1, caveat("x", Kind.CERTAIN, Severity.LOW)));
        ImageAnalysis next = analysis(1, NEW, NOON.plusSeconds(1));
        images.save(next);
        assertThat(with("x", null, null)).isEmpty();
        judgements.save(judgement(analysis(1, OLD, NOON), V2, caveat("x", Kind.CERTAIN, Severity.LOW)));
        assertThat(with("x", null, null)).as("of the older analysis").isEmpty();
        judgements.save(judgement(next, V2, caveat("y", Kind.RISK, Severity.LOW)));
        assertThat(with("y", null, null)).containsExactly(digest(1));
    }

    @Test
    void imagesAreCountedByTheirCaveatsEachOnce() {
        judgements.save(judgement(
                analyzed(1),
                V1,
                caveat("x", Kind.CERTAIN, Severity.LOW),
                caveat("x", Kind.CERTAIN, Severity.HIGH),
                caveat("y", Kind.RISK, Severity.CRITICAL)));
        judgements.save(judgement(analyzed(2), V1, caveat("x", Kind.RISK, Severity.LOW)));
        images.apply(pushed(Fleet.OTHER, "same", digest(1), 1));
        assertThat(store.queries().count(clock).caveats())
                .containsExactly(
                        new FleetCount.WithCaveat(null, Kind.CERTAIN, 1, 2),
                        new FleetCount.WithCaveat(null, Kind.RISK, 2, 2),
                        new FleetCount.WithCaveat("x", null, 2, 2),
                        new FleetCount.WithCaveat("x", Kind.CERTAIN, 1, 2),
                        new FleetCount.WithCaveat("x", Kind.RISK, 1, 1),
                        new FleetCount.WithCaveat("y", null, 1, 2),
                        new FleetCount.WithCaveat("y", Kind.RISK, 1, 2));
        images.apply(removed(SHOP, "t2", digest(2), 2));
        assertThat(store.queries().count(clock).caveats())
                .contains(new FleetCount.WithCaveat("x", null, 1, 2))
                .doesNotContain(new FleetCount.WithCaveat("x", Kind.RISK, 1, 1));
    }

    private List<Digest> with(String id, Kind kind, Severity severity) {
        return store
                .queries()
                .images(
                        new ImageFilter(
                                null, null, null, null, null, null, ImageFilter.OfCaveat.orNull(id, kind, severity)),
                        null,
                        10)
                .images()
                .stream()
                .map(ImageSummary::digest)
                .toList();
    }

    @Test
    void indexesServeWhatIsAsked() {
        List<String> names = new ArrayList<>();
        store.mongo().getCollection("images").listIndexes().forEach(index -> names.add(index.getString("name")));
        assertThat(names).contains("judged", "caveats.id", "caveats.kind_caveats.severity", "caveats.severity");
    }

    @Test
    void aJudgementGoesWithItsImage() throws Exception {
        judgements.save(judgement(analyzed(1), V1));
        judgements.save(judgement(analyzed(2), V1));
        images.apply(removed(SHOP, "t1", digest(1), 2));
        store.housekeeping().removeUnused(Duration.ofDays(1));
        clock.pass(Duration.ofDays(2));
        store.housekeeping().removeUnused(Duration.ofDays(1));
        assertThat(judgements.find(digest(1))).isEmpty();
        assertThat(judgements.find(digest(2))).isPresent();
    }
}
