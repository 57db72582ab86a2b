package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetstore.LayerFactsStore.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class LayerFactsStoreContract extends StoreUnderTest {

    private static final Duration LEASE = Duration.ofMinutes(1);

    FleetStore store;
    LayerFactsStore facts;

    @BeforeEach
    void openStore() {
        store = open();
        facts = store.layerFacts();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static byte[] bytes(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }

    private long chunks() {
        return store.mongo().getCollection("layer_chunks").countDocuments();
    }

    @Test
    void hasNothingAtFirst() {
        assertThat(facts.find(digest(1), "1")).isEmpty();
        assertThat(facts.diffIdOf(digest(1), "1")).isEmpty();
    }

    @Test
    void givesFactsBackByDiffIdAndFindsThatByTheCompressedDigest() {
        Claim claim = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        assertThat(facts.save(claim, digest(1), digest(2), bytes(1000))).isTrue();

        assertThat(facts.find(digest(2), "1").orElseThrow()).isEqualTo(bytes(1000));
        assertThat(facts.diffIdOf(digest(1), "1")).contains(digest(2));
        assertThat(facts.isThere(digest(2), "1")).isTrue();
        assertThat(facts.isThere(digest(2), "2")).isFalse();
        assertThat(facts.find(digest(2), "2")).isEmpty();
        assertThat(facts.diffIdOf(digest(1), "2")).isEmpty();
    }

    @Test
    void keepsEmptyFactsAndFactsAtEachSideOfAChunk() {
        int n = 100;
        for (int length : new int[] {0, LayerFactsStore.CHUNK - 1, LayerFactsStore.CHUNK, LayerFactsStore.CHUNK + 1}) {
            Claim claim = facts.claim(digest(++n), "1", "one", LEASE).orElseThrow();
            assertThat(facts.save(claim, digest(n), digest(n), bytes(length))).isTrue();
            assertThat(facts.find(digest(n), "1").orElseThrow()).isEqualTo(bytes(length));
        }
    }

    @Test
    void keepsFactsThatNoDocumentCouldHold() {
        byte[] large = bytes(17 * 1024 * 1024 + 5);
        Claim claim = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        assertThat(facts.save(claim, digest(1), digest(2), large)).isTrue();
        assertThat(facts.find(digest(2), "1").orElseThrow()).isEqualTo(large);
        assertThat(chunks()).isEqualTo(17);
    }

    @Test
    void refusesFactsBeyondTheLimit() {
        Claim claim = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        assertThatThrownBy(() -> facts.save(claim, digest(1), digest(2), new byte[LayerFactsStore.MAX_FACTS + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(digest(2).toString())
                .hasMessageContaining("lower the analyzer's limit");
    }

    @Test
    void oneTarUnderTwoCompressedDigestsIsKeptOnce() {
        facts.save(facts.claim(digest(1), "1", "one", LEASE).orElseThrow(), digest(1), digest(9), bytes(10));
        facts.save(facts.claim(digest(2), "1", "two", LEASE).orElseThrow(), digest(2), digest(9), bytes(10));

        assertThat(facts.diffIdOf(digest(1), "1")).contains(digest(9));
        assertThat(facts.diffIdOf(digest(2), "1")).contains(digest(9));
        assertThat(store.mongo().getCollection("layers").countDocuments()).isEqualTo(1);
    }

    @Test
    void onlyOneClaimsALayerUntilItLetsGo() {
        Claim first = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        assertThat(facts.claim(digest(1), "1", "two", LEASE)).isEmpty();
        assertThat(facts.claim(digest(1), "2", "two", LEASE))
                .as("another version")
                .isPresent();
        assertThat(facts.claim(digest(2), "1", "two", LEASE))
                .as("another layer")
                .isPresent();

        facts.release(first);
        assertThat(facts.claim(digest(1), "1", "two", LEASE).orElseThrow().token())
                .isGreaterThan(first.token());
    }

    @Test
    void aLeaseEndsUnlessItIsRenewed() {
        Claim first = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        clock.pass(Duration.ofSeconds(50));
        assertThat(facts.renew(first, LEASE)).isTrue();
        clock.pass(Duration.ofSeconds(50));
        assertThat(facts.claim(digest(1), "1", "two", LEASE)).isEmpty();
        clock.pass(Duration.ofSeconds(10));

        Claim second = facts.claim(digest(1), "1", "two", LEASE).orElseThrow();
        assertThat(facts.renew(first, LEASE)).isFalse();
        facts.release(first);
        assertThat(facts.claim(digest(1), "1", "three", LEASE))
                .as("the second still holds it")
                .isEmpty();
        assertThat(facts.renew(second, LEASE)).isTrue();
    }

    @Test
    void whoLostTheClaimWritesNothing() {
        Claim first = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        clock.pass(LEASE);
        Claim second = facts.claim(digest(1), "1", "two", LEASE).orElseThrow();

        assertThat(facts.save(first, digest(1), digest(2), bytes(3 * LayerFactsStore.CHUNK)))
                .isFalse();
        assertThat(facts.find(digest(2), "1")).isEmpty();
        assertThat(chunks()).isZero();
        assertThat(facts.save(second, digest(1), digest(2), bytes(3))).isTrue();
    }

    @Test
    void chunksOfAnUploadThatWasCutShortAreNotFoundAndGoWithTheNextOne() {
        String layer = digest(2) + "|1";
        store.mongo()
                .getCollection("layer_chunks")
                .insertOne(new Document("_id", layer + "|old|1")
                        .append("layer", layer)
                        .append("upload", "old"));
        assertThat(facts.find(digest(2), "1")).isEmpty();

        Claim claim = facts.claim(digest(1), "1", "one", LEASE).orElseThrow();
        facts.save(claim, digest(1), digest(2), bytes(2 * LayerFactsStore.CHUNK));

        assertThat(chunks()).isEqualTo(1);
        assertThat(facts.find(digest(2), "1").orElseThrow()).isEqualTo(bytes(2 * LayerFactsStore.CHUNK));
    }

    @Test
    void ofManyAnalyzersOneGetsTheLayer() throws Exception {
        ExecutorService analyzers = Executors.newFixedThreadPool(4);
        try {
            for (int layer = 1; layer <= 25; layer++) {
                int n = layer;
                List<Future<Boolean>> claims = new ArrayList<>();
                for (int analyzer = 0; analyzer < 4; analyzer++) {
                    String owner = "analyzer " + analyzer;
                    claims.add(analyzers.submit(
                            () -> facts.claim(digest(n), "1", owner, LEASE).isPresent()));
                }
                int winners = 0;
                for (Future<Boolean> claim : claims) {
                    winners += claim.get() ? 1 : 0;
                }
                assertThat(winners).isEqualTo(1);
            }
        } finally {
            analyzers.shutdownNow();
        }
    }
}
