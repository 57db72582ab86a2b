package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.OTHER;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.digest;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.util.HashMap;
import java.util.Map;
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
}
