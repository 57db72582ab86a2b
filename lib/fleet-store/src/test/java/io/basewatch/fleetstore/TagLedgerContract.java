package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.OTHER;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.digest;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.fleetstore.TagLedger.Pending;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class TagLedgerContract extends StoreUnderTest {

    FleetStore store;
    TagLedger ledger;

    @BeforeEach
    void openStore() {
        store = open();
        ledger = store.tagLedger();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void knowsNothingAtFirst() {
        assertThat(ledger.tags(SHOP)).isEmpty();
        assertThat(ledger.removedTags(SHOP)).isEmpty();
        assertThat(ledger.repositories(SHOP.registry())).isEmpty();
    }

    @Test
    void remembersTagsByRepository() {
        ledger.remember(SHOP, Map.of("1.0", new SeenTag(digest(1), 1), "latest", new SeenTag(digest(1), 4)), Map.of());
        ledger.remember(CART, Map.of("1.0", new SeenTag(digest(2), 1)), Map.of());

        assertThat(ledger.tags(SHOP))
                .containsExactly(
                        Map.entry("1.0", new SeenTag(digest(1), 1)), Map.entry("latest", new SeenTag(digest(1), 4)));
        assertThat(ledger.tags(CART)).containsOnlyKeys("1.0");
    }

    @Test
    void theUnsettledRepositoriesAreThoseWithSomethingToTellOrToAgree() {
        SeenTag there = new SeenTag(digest(1), 1);
        ledger.remember(SHOP, Map.of("1.0", there), Map.of());
        ledger.remember(CART, Map.of("1.0", there), Map.of());
        ledger.remember(OTHER, Map.of("1.0", there), Map.of());
        assertThat(ledger.unsettled(SHOP.registry())).isEmpty();
        ledger.missing(CART, List.of("1.0"), clock.instant());
        ledger.intend(SHOP, Map.of("1.0", new Intent(digest(2), false, 2)));
        ledger.intend(OTHER, Map.of("1.0", new Intent(digest(2), false, 2)));
        assertThat(ledger.unsettled(SHOP.registry())).containsExactlyInAnyOrder(SHOP.name(), CART.name());
        ledger.remember(SHOP, Map.of("1.0", new SeenTag(digest(2), 2)), Map.of());
        ledger.found(CART, List.of("1.0"));
        assertThat(ledger.unsettled(SHOP.registry())).isEmpty();
    }

    @Test
    void anOlderRevisionChangesNothingAndTheOthersOfItsBatchAreKept() {
        ledger.remember(SHOP, Map.of("b", new SeenTag(digest(9), 7)), Map.of());

        ledger.remember(
                SHOP,
                Map.of("a", new SeenTag(digest(1), 1), "b", new SeenTag(digest(2), 6), "c", new SeenTag(digest(3), 1)),
                Map.of());

        assertThat(ledger.tags(SHOP))
                .containsOnly(
                        Map.entry("a", new SeenTag(digest(1), 1)),
                        Map.entry("b", new SeenTag(digest(9), 7)),
                        Map.entry("c", new SeenTag(digest(3), 1)));
    }

    @Test
    void theSameAgainChangesNothing() {
        Map<String, SeenTag> told = Map.of("a", new SeenTag(digest(1), 3));
        ledger.remember(SHOP, told, Map.of("gone", 2L));
        ledger.remember(SHOP, told, Map.of("gone", 2L));

        assertThat(ledger.tags(SHOP)).isEqualTo(told);
        assertThat(ledger.removedTags(SHOP)).containsExactly(Map.entry("gone", 2L));
    }

    @Test
    void aRemovedTagLeavesItsRevisionBehindAndMayComeBack() {
        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(1), 3)), Map.of());
        ledger.remember(SHOP, Map.of(), Map.of("a", 4L));
        assertThat(ledger.tags(SHOP)).isEmpty();
        assertThat(ledger.removedTags(SHOP)).containsExactly(Map.entry("a", 4L));

        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(2), 5)), Map.of());
        assertThat(ledger.tags(SHOP)).containsExactly(Map.entry("a", new SeenTag(digest(2), 5)));
        assertThat(ledger.removedTags(SHOP)).isEmpty();
    }

    @Test
    void listsTheRepositoriesOfARegistryThatStillHaveTags() {
        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(1), 1), "b", new SeenTag(digest(1), 1)), Map.of());
        ledger.remember(CART, Map.of("a", new SeenTag(digest(1), 1)), Map.of());
        ledger.remember(OTHER, Map.of("a", new SeenTag(digest(1), 1)), Map.of());
        assertThat(ledger.repositories("registry.example.com:5000")).containsExactly("team/cart", "team/shop");

        ledger.remember(CART, Map.of(), Map.of("a", 2L));
        assertThat(ledger.repositories("registry.example.com:5000")).containsExactly("team/shop");
    }

    @Test
    void remembersMoreThanOneBatch() {
        Map<String, SeenTag> told = new HashMap<>();
        for (int n = 0; n < 2500; n++) {
            told.put("t" + n, new SeenTag(digest(n), 1));
        }
        ledger.remember(SHOP, told, Map.of());
        assertThat(ledger.tags(SHOP)).isEqualTo(told);
    }

    @Test
    void nothingToRememberIsFine() {
        ledger.remember(SHOP, Map.of(), Map.of());
        assertThat(ledger.tags(SHOP)).isEmpty();
    }

    @Test
    void whatIsIntendedIsPendingUntilItIsAcknowledged() {
        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(1), 1)), Map.of());

        assertThat(ledger.intend(
                        SHOP, Map.of("a", new Intent(digest(2), false, 2), "new", new Intent(digest(3), false, 2))))
                .containsExactly("a", "new");
        assertThat(ledger.entries(SHOP))
                .containsExactly(
                        Map.entry("a", new Entry(2, digest(1), false, new Pending(digest(2), false, false), null)),
                        Map.entry("new", new Entry(2, null, false, new Pending(digest(3), false, false), null)));

        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(2), 2, 1), "new", new SeenTag(digest(3), 2)), Map.of());
        assertThat(ledger.entries(SHOP))
                .containsExactly(
                        Map.entry("a", new Entry(2, digest(2), false, null, null)),
                        Map.entry("new", new Entry(2, digest(3), false, null, null)));
        assertThat(ledger.entries(SHOP).get("a").isToldToLeadTo(digest(2))).isTrue();
    }

    @Test
    void anIntentThatIsNotNewerIsNotGrantedAndTheOthersOfItsBatchAre() {
        ledger.intend(SHOP, Map.of("b", new Intent(digest(1), false, 5)));

        assertThat(ledger.intend(
                        SHOP,
                        Map.of(
                                "a", new Intent(digest(2), false, 5),
                                "b", new Intent(digest(2), false, 5),
                                "c", new Intent(digest(2), false, 5))))
                .as("the same revision may be told by one only")
                .containsExactly("a", "c");
        assertThat(ledger.entries(SHOP).get("b").pending()).isEqualTo(new Pending(digest(1), false, false));
    }

    @Test
    void anAcknowledgementThatAnotherHasOvertakenDoesNotCrossOutWhatThatOneIntends() {
        ledger.intend(SHOP, Map.of("a", new Intent(digest(1), false, 5)));
        ledger.intend(SHOP, Map.of("a", new Intent(digest(2), false, 6)));

        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(1), 5)), Map.of());

        assertThat(ledger.entries(SHOP).get("a"))
                .isEqualTo(new Entry(6, null, false, new Pending(digest(2), false, false), null));
    }

    @Test
    void aRemovalThatIsPendingKeepsWhatTheTagPointedAtAndItsRepository() {
        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(1), 1)), Map.of());
        ledger.intend(SHOP, Map.of("a", new Intent(digest(1), true, 2)));

        assertThat(ledger.entries(SHOP).get("a"))
                .isEqualTo(new Entry(2, digest(1), false, new Pending(digest(1), true, false), null));
        assertThat(ledger.repositories(SHOP.registry())).containsExactly("team/shop");
    }

    @Test
    void aTagThatIsBeingToldToBeBackIsThere() {
        ledger.remember(SHOP, Map.of(), Map.of("a", 4L));
        ledger.intend(SHOP, Map.of("a", new Intent(digest(2), false, 5)));

        assertThat(ledger.removedTags(SHOP)).isEmpty();
        assertThat(ledger.repositories(SHOP.registry())).containsExactly("team/shop");
        assertThat(ledger.entries(SHOP).get("a").digest()).isNull();
        assertThat(ledger.entries(SHOP).get("a").lastHeard()).isEqualTo(digest(2));
    }

    @Test
    void aTagIsMissingSinceTheFirstOfTheSweepsThatDidNotFindIt() {
        Instant first = clock.instant();
        ledger.remember(
                SHOP, Map.of("a", new SeenTag(digest(1), 1), "b", new SeenTag(digest(1), 1)), Map.of("gone", 1L));

        ledger.missing(SHOP, List.of("a", "b", "gone"), first);
        ledger.missing(SHOP, List.of("a", "b"), first.plusSeconds(300));
        assertThat(ledger.entries(SHOP).get("a").missingSince()).isEqualTo(first);
        assertThat(ledger.entries(SHOP).get("gone").missingSince()).isNull();

        ledger.intend(SHOP, Map.of("a", new Intent(digest(1), true, 2)));
        assertThat(ledger.entries(SHOP).get("a").missingSince()).isEqualTo(first);

        ledger.found(SHOP, List.of("a"));
        ledger.missing(SHOP, List.of("a"), first.plusSeconds(600));
        assertThat(ledger.entries(SHOP).get("a").missingSince()).isEqualTo(first.plusSeconds(600));
        ledger.remember(SHOP, Map.of("b", new SeenTag(digest(1), 3)), Map.of("a", 3L));
        assertThat(ledger.entries(SHOP).values())
                .extracting(Entry::missingSince)
                .containsOnlyNulls();
    }

    @Test
    void entriesOfEarlierVersionsAreReadAndWhatTheyNeverToldIsToldAgain() {
        Document told = new Document("_id", SHOP + ":told")
                .append("registry", SHOP.registry())
                .append("repository", SHOP.toString())
                .append("tag", "told")
                .append("revision", 3L)
                .append("digest", digest(1).toString())
                .append("removed", false);
        Document untold = new Document(told)
                .append("_id", SHOP + ":untold")
                .append("tag", "untold")
                .append("digest", "sha256:" + "0".repeat(64));
        Document gone = new Document(told)
                .append("_id", SHOP + ":gone")
                .append("tag", "gone")
                .append("removed", true)
                .append("removedAt", Date.from(clock.instant()));
        Document damaged = new Document(told)
                .append("_id", SHOP + ":damaged")
                .append("tag", "damaged")
                .append("digest", "sha256:12");
        store.mongo().getCollection(FleetDatabase.WATCH_TAGS).insertMany(List.of(told, untold, gone, damaged));

        assertThat(ledger.entries(SHOP).get("told").isToldToLeadTo(digest(1))).isTrue();
        assertThat(ledger.entries(SHOP).get("gone").removed()).isTrue();
        for (String tag : List.of("untold", "damaged")) {
            assertThat(ledger.entries(SHOP).get(tag)).isEqualTo(new Entry(3, null, false, null, null));
            assertThat(ledger.entries(SHOP).get(tag).lastHeard()).isNull();
        }
    }

    @Test
    void aTagThatWasMissedByAClockThatWasAheadIsMissingSinceTheFirstSweepByOneThatIsRight() {
        Instant right = clock.instant();
        ledger.remember(SHOP, Map.of("a", new SeenTag(digest(1), 1)), Map.of());
        ledger.missing(SHOP, List.of("a"), right.plus(Duration.ofDays(4 * 365)));
        ledger.missing(SHOP, List.of("a"), right);
        ledger.missing(SHOP, List.of("a"), right.plusSeconds(300));
        assertThat(ledger.entries(SHOP).get("a").missingSince()).isEqualTo(right);
    }
}
