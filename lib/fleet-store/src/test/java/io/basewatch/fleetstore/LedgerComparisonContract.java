package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.AMD64;
import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.OTHER;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.moved;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.LedgerComparison.Difference;
import io.basewatch.fleetstore.LedgerComparison.Result;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.fleetstore.TagLedger.Pending;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is a difference between what was told and what the fleet says, and what is made of it. */
abstract class LedgerComparisonContract extends StoreUnderTest {

    private static final Duration GRACE = Duration.ofMinutes(10);

    private FleetStore store;
    private TagLedger ledger;
    private ImageArchive archive;
    private LedgerComparison comparison;
    private final Map<String, Difference> found = new TreeMap<>();

    @BeforeEach
    void openStore() {
        store = open();
        ledger = store.tagLedger();
        archive = store.imageArchive();
        comparison = store.ledgerComparison();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private void told(Repository repository, String tag, Digest digest, long revision) {
        ledger.remember(repository, Map.of(tag, new SeenTag(digest, revision, 1)), Map.of());
    }

    private void toldAndHeard(Repository repository, String tag, Digest digest, long revision) {
        told(repository, tag, digest, revision);
        archive.apply(pushed(repository, tag, digest, revision));
    }

    private Result compare() throws InterruptedException {
        found.clear();
        return comparison
                .compare(SHOP.registry(), "me", GRACE, (tag, difference) -> found.put(tag, difference))
                .orElseThrow();
    }

    private Result compareAfterTheGrace() throws InterruptedException {
        clock.pass(GRACE);
        return compare();
    }

    private static String shop(String tag) {
        return SHOP + ":" + tag;
    }

    private Pending pending(String tag) {
        return ledger.entries(SHOP).get(tag).pending();
    }

    @Test
    void whatWasToldAndHeardDoesNotDiffer() throws Exception {
        toldAndHeard(SHOP, "1", digest(1), 1);
        toldAndHeard(CART, "1", digest(1), 7);
        archive.apply(removed(CART, "1", digest(1), 8));
        ledger.remember(CART, Map.of(), Map.of("1", 8L));
        ledger.remember(SHOP, Map.of("signature", new SeenTag(digest(2), 1, SeenTag.NOTHING_TO_TELL)), Map.of());
        ledger.remember(SHOP, Map.of("to-artifact", new SeenTag(digest(4), 2, 0)), Map.of());
        archive.apply(moved(SHOP, "to-artifact", digest(3), digest(4), 2));

        assertThat(compareAfterTheGrace()).isEqualTo(new Result(4, 0, Map.of()));
        assertThat(found).isEmpty();
    }

    @Test
    void everyKindOfDifferenceIsFoundAndToldAgainOnce() throws Exception {
        told(SHOP, "never-heard", digest(1), 1);
        toldAndHeard(SHOP, "move-not-heard", digest(1), 1);
        told(SHOP, "move-not-heard", digest(2), 2);
        toldAndHeard(SHOP, "removal-not-heard", digest(3), 1);
        ledger.remember(SHOP, Map.of(), Map.of("removal-not-heard", 2L));
        toldAndHeard(SHOP, "return-not-heard", digest(4), 1);
        archive.apply(removed(SHOP, "return-not-heard", digest(4), 2));
        told(SHOP, "return-not-heard", digest(4), 3);
        archive.apply(pushed(SHOP, "never-told", digest(5), 9));
        toldAndHeard(SHOP, "back-and-forth-not-heard", digest(6), 1);
        told(SHOP, "back-and-forth-not-heard", digest(6), 3);
        ledger.remember(SHOP, Map.of("half-an-index", new SeenTag(digest(70), 1, 2)), Map.of());
        archive.apply(pushed(SHOP, "half-an-index", digest(70), digest(7), AMD64, 1));
        toldAndHeard(SHOP, "image-lost", digest(8), 1);
        store.mongo()
                .getCollection(FleetDatabase.IMAGES)
                .deleteOne(new Document("_id", digest(8).toString()));
        toldAndHeard(SHOP, "fine", digest(9), 1);

        Result result = compareAfterTheGrace();

        assertThat(found)
                .containsOnly(
                        Map.entry(shop("never-heard"), Difference.UNKNOWN),
                        Map.entry(shop("move-not-heard"), Difference.DIGEST),
                        Map.entry(shop("removal-not-heard"), Difference.GHOST),
                        Map.entry(shop("return-not-heard"), Difference.GONE),
                        Map.entry(shop("never-told"), Difference.GHOST),
                        Map.entry(shop("back-and-forth-not-heard"), Difference.REVISION),
                        Map.entry(shop("half-an-index"), Difference.IMAGES),
                        Map.entry(shop("image-lost"), Difference.IMAGES));
        assertThat(result.compared()).isEqualTo(9);
        assertThat(result.differences())
                .containsOnly(
                        Map.entry(Difference.UNKNOWN, 1L),
                        Map.entry(Difference.DIGEST, 1L),
                        Map.entry(Difference.GHOST, 2L),
                        Map.entry(Difference.GONE, 1L),
                        Map.entry(Difference.REVISION, 1L),
                        Map.entry(Difference.IMAGES, 2L));
        assertThat(pending("move-not-heard"))
                .as("what consumers believe")
                .isEqualTo(new Pending(digest(1), false, true));
        assertThat(pending("never-told")).isEqualTo(new Pending(digest(5), false, true));
        assertThat(ledger.entries(SHOP).get("never-told").revision()).isEqualTo(9);
        assertThat(pending("fine")).isNull();

        assertThat(compare()).as("what waits to be told again").isEqualTo(new Result(9, 8, Map.of()));
    }

    @Test
    void whatWasToldJustNowMayStillBeUnderWay() throws Exception {
        told(SHOP, "1", digest(1), 1);
        ledger.intend(SHOP, Map.of("2", new Intent(digest(1), false, 1)));

        clock.pass(GRACE.minusMillis(1));
        assertThat(compare()).isEqualTo(new Result(2, 2, Map.of()));
        clock.pass(Duration.ofMillis(1));
        assertThat(compare()).isEqualTo(new Result(2, 1, Map.of(Difference.UNKNOWN, 1L)));
    }

    @Test
    void aStoreThatIsAheadOfTheLedgerIsToldWithAHigherRevision() throws Exception {
        told(SHOP, "1", digest(1), 5);
        archive.apply(pushed(SHOP, "1", digest(1), 9));

        compareAfterTheGrace();

        assertThat(found).containsExactly(Map.entry(shop("1"), Difference.REVISION));
        assertThat(ledger.entries(SHOP).get("1").revision()).isEqualTo(9);
    }

    @Test
    void otherRegistriesAreNotLookedAt() throws Exception {
        told(OTHER, "1", digest(1), 1);
        archive.apply(pushed(OTHER, "2", digest(1), 1));

        assertThat(compareAfterTheGrace()).isEqualTo(new Result(0, 0, Map.of()));
        assertThat(ledger.entries(OTHER)).containsOnlyKeys("1");
    }

    private static Document stored(Repository repository, String tag) {
        return new Document("_id", repository + ":" + tag)
                .append("registry", repository.registry())
                .append("repository", repository.toString())
                .append("tag", tag)
                .append("revision", 1L)
                .append("digest", digest(1).toString())
                .append("images", List.of())
                .append("removed", false);
    }

    @Test
    void manyTagsAreComparedInPages() throws Exception {
        Map<String, SeenTag> many = new HashMap<>();
        List<Document> stored = new ArrayList<>();
        for (int n = 0; n < 1203; n++) {
            many.put("t" + n, new SeenTag(digest(1), 1, 0));
            if (n % 100 != 0) {
                stored.add(stored(SHOP, "t" + n));
            }
        }
        for (int n = 0; n < 600; n++) {
            stored.add(stored(CART, "only-stored" + n));
        }
        ledger.remember(SHOP, many, Map.of());
        store.mongo().getCollection(FleetDatabase.TAGS).insertMany(stored);

        Result result = compareAfterTheGrace();

        assertThat(result.compared()).isEqualTo(1803);
        assertThat(result.differences())
                .containsOnly(Map.entry(Difference.UNKNOWN, 13L), Map.entry(Difference.GHOST, 600L));
    }

    private Optional<Result> compareMeanwhile() {
        try {
            return comparison.compare(SHOP.registry(), "second", GRACE, (tag, difference) -> {});
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void oneComparesAtATimeAndTheNextMayAtOnce() throws Exception {
        told(SHOP, "1", digest(1), 1);
        clock.pass(GRACE);
        Optional<Result> first = comparison.compare(SHOP.registry(), "first", GRACE, (tag, difference) -> {
            found.put(tag, difference);
            assertThat(compareMeanwhile()).isEmpty();
        });
        assertThat(first).isPresent();
        assertThat(found).hasSize(1);
        assertThat(compare().waiting()).isEqualTo(1);
    }

    @Test
    void everybodyKnowsWhenARegistryWasComparedLast() throws Exception {
        assertThat(comparison.lastCompared(SHOP.registry())).isEmpty();
        Instant begun = clock.instant();
        comparison.begin(SHOP.registry());
        clock.pass(Duration.ofHours(1));
        comparison.begin(SHOP.registry());
        assertThat(comparison.lastCompared(SHOP.registry())).contains(begun);
        compare();
        assertThat(store.ledgerComparison().lastCompared(SHOP.registry())).contains(begun.plusSeconds(3600));
    }

    @Test
    void whatWasToldAndComparedByAClockThatWasAheadIsComparedAgain() throws Exception {
        clock.pass(Duration.ofDays(4 * 365));
        told(SHOP, "1", digest(1), 1);
        comparison.begin(SHOP.registry());
        clock.pass(Duration.ofDays(-4 * 365));

        assertThat(comparison.lastCompared(SHOP.registry())).isEmpty();
        assertThat(compare()).isEqualTo(new Result(1, 0, Map.of(Difference.UNKNOWN, 1L)));
        assertThat(comparison.lastCompared(SHOP.registry())).contains(clock.instant());
    }
}
