package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetstore.LayerFactsStore.Claim;
import io.basewatch.fleetstore.LayerFactsStore.Part;
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

    private static Part part(String kind, int version, byte[] bytes) {
        return new Part(kind, version, bytes);
    }

    private Claim claim(int layer) {
        return facts.claim(digest(layer), "one", LEASE).orElseThrow();
    }

    /** What is there, as {@code kind/version=length}. */
    private List<String> there(int name) {
        return facts.find(digest(name)).stream()
                .map(part -> part.kind() + "/" + part.version() + "=" + part.bytes().length)
                .sorted()
                .toList();
    }

    @Test
    void hasNothingAtFirst() {
        assertThat(facts.find(digest(1))).isEmpty();
        assertThat(facts.nameOf(digest(1))).isEmpty();
    }

    @Test
    void givesPartsBackByNameAndFindsThatByTheCompressedDigest() {
        assertThat(facts.save(
                        claim(1), digest(1), digest(2), 1, List.of(part("a", 1, bytes(1000)), part("b", 7, bytes(0)))))
                .isTrue();

        assertThat(there(2)).containsExactly("a/1=1000", "b/7=0");
        assertThat(facts.find(digest(2)).get(0).bytes()).isEqualTo(bytes(1000));
        assertThat(facts.nameOf(digest(1))).contains(digest(2));
        assertThat(facts.find(digest(1))).isEmpty();
    }

    @Test
    void aNewVersionOfOneKindReplacesThatKindAlone() {
        Claim claim = claim(1);
        facts.save(claim, digest(1), digest(2), 1, List.of(part("a", 1, bytes(10)), part("b", 1, bytes(3_000_000))));
        facts.save(claim, digest(1), digest(2), 1, List.of(part("b", 2, bytes(2_000_000)), part("c", 1, bytes(5))));

        assertThat(there(2)).containsExactly("a/1=10", "b/2=2000000", "c/1=5");
        assertThat(chunks()).as("the older one's are gone").isEqualTo(2);
    }

    @Test
    void anOlderVersionNeverReplacesANewerOne() {
        Claim claim = claim(1);
        facts.save(claim, digest(1), digest(2), 2, List.of(part("a", 2, bytes(2_000_000))));
        facts.save(claim, digest(1), digest(2), 2, List.of(part("a", 1, bytes(3_000_000))));
        facts.save(claim, digest(1), digest(2), 1, List.of(part("a", 3, bytes(3_000_000))));

        assertThat(there(2)).containsExactly("a/2=2000000");
        assertThat(facts.find(digest(2)).get(0).bytes()).isEqualTo(bytes(2_000_000));
        assertThat(chunks()).isEqualTo(2);
    }

    @Test
    void aNewGenerationDropsAllOfTheOlderOne() {
        Claim claim = claim(1);
        facts.save(claim, digest(1), digest(2), 1, List.of(part("a", 9, bytes(10)), part("b", 1, bytes(2_000_000))));
        assertThat(chunks()).isEqualTo(2);
        facts.save(claim, digest(1), digest(2), 2, List.of(part("a", 1, bytes(30))));

        assertThat(there(2)).containsExactly("a/1=30");
        assertThat(chunks()).as("of kinds that there are no longer, too").isZero();
    }

    @Test
    void damagedFactsAreReplacedByTheSameVersion() {
        Claim claim = claim(1);
        facts.save(claim, digest(1), digest(2), 1, List.of(part("a", 1, bytes(2_000_000)), part("b", 1, bytes(1))));
        store.mongo().getCollection("layer_chunks").deleteOne(new Document());
        assertThat(there(2)).as("a part that is not whole is not there").containsExactly("b/1=1");

        facts.save(claim, digest(1), digest(2), 1, List.of(part("a", 1, bytes(2_000_000))));
        assertThat(there(2)).containsExactly("a/1=2000000", "b/1=1");
    }

    @Test
    void keepsFactsAtEachSideOfAChunk() {
        int n = 100;
        int inline = LayerFactsStore.INLINE;
        int chunk = LayerFactsStore.CHUNK;
        for (int length :
                new int[] {0, inline - 1, inline, inline + 1, inline + chunk - 1, inline + chunk, inline + chunk + 1}) {
            n++;
            assertThat(facts.save(claim(n), digest(n), digest(n), 1, List.of(part("a", 1, bytes(length)))))
                    .isTrue();
            assertThat(facts.find(digest(n)).get(0).bytes()).isEqualTo(bytes(length));
        }
    }

    @Test
    void keepsFactsThatNoDocumentCouldHold() {
        byte[] large = bytes(17 * 1024 * 1024 + 5);
        assertThat(facts.save(claim(1), digest(1), digest(2), 1, List.of(part("a", 1, large))))
                .isTrue();
        assertThat(facts.find(digest(2)).get(0).bytes()).isEqualTo(large);
        assertThat(chunks()).isEqualTo(17);
    }

    @Test
    void refusesFactsBeyondTheLimit() {
        Claim claim = claim(1);
        assertThatThrownBy(() -> facts.save(
                        claim,
                        digest(1),
                        digest(2),
                        1,
                        List.of(part("a", 1, new byte[LayerFactsStore.MAX_FACTS]), part("b", 1, new byte[1]))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(digest(2).toString())
                .hasMessageContaining("lower the analyzer's limit");
    }

    @Test
    void oneTarUnderTwoCompressedDigestsIsKeptOnce() {
        facts.save(claim(1), digest(1), digest(9), 1, List.of(part("a", 1, bytes(10))));
        facts.save(claim(2), digest(2), digest(9), 1, List.of(part("a", 1, bytes(10))));

        assertThat(facts.nameOf(digest(1))).contains(digest(9));
        assertThat(facts.nameOf(digest(2))).contains(digest(9));
        assertThat(store.mongo().getCollection("layers").countDocuments()).isEqualTo(1);
    }

    @Test
    void whoeverWritesTheSameTarAtOnceLeavesItWhole() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        ExecutorService writers = Executors.newFixedThreadPool(4);
        try {
            for (int round = 0; round < 15; round++) {
                int name = 1000 + round;
                List<Future<Boolean>> saves = new ArrayList<>();
                for (int writer = 0; writer < 4; writer++) {
                    int layer = 100 * round + writer + 5000;
                    int version = 1 + random.nextInt(2);
                    saves.add(writers.submit(() -> facts.save(
                            claim(layer),
                            digest(layer),
                            digest(name),
                            1,
                            List.of(part("a", version, bytes(600_000 + version)), part("b" + version, 1, bytes(7))))));
                }
                for (Future<Boolean> save : saves) {
                    assertThat(save.get()).isTrue();
                }
                assertThat(there(name)).as("seed %d round %d", seed, round).anyMatch(part -> part.startsWith("a/"));
                for (Part part : facts.find(digest(name))) {
                    assertThat(part.bytes()).isEqualTo(bytes(part.bytes().length));
                }
            }
        } finally {
            writers.shutdownNow();
        }
    }

    @Test
    void onlyOneClaimsALayerUntilItLetsGo() {
        Claim first = facts.claim(digest(1), "one", LEASE).orElseThrow();
        assertThat(facts.claim(digest(1), "two", LEASE)).isEmpty();
        assertThat(facts.claim(digest(2), "two", LEASE)).as("another layer").isPresent();

        facts.release(first);
        assertThat(facts.claim(digest(1), "two", LEASE).orElseThrow().token()).isGreaterThan(first.token());
    }

    @Test
    void aLeaseEndsUnlessItIsRenewed() {
        Claim first = facts.claim(digest(1), "one", LEASE).orElseThrow();
        clock.pass(Duration.ofSeconds(50));
        assertThat(facts.renew(first, LEASE)).isTrue();
        clock.pass(Duration.ofSeconds(50));
        assertThat(facts.claim(digest(1), "two", LEASE)).isEmpty();
        clock.pass(Duration.ofSeconds(10));

        Claim second = facts.claim(digest(1), "two", LEASE).orElseThrow();
        assertThat(facts.renew(first, LEASE)).isFalse();
        facts.release(first);
        assertThat(facts.claim(digest(1), "three", LEASE))
                .as("the second still holds it")
                .isEmpty();
        assertThat(facts.renew(second, LEASE)).isTrue();
    }

    @Test
    void whoLostTheClaimWritesNothing() {
        Claim first = claim(1);
        clock.pass(LEASE);
        Claim second = facts.claim(digest(1), "two", LEASE).orElseThrow();

        assertThat(facts.save(first, digest(1), digest(2), 1, List.of(part("a", 1, bytes(3 * LayerFactsStore.CHUNK)))))
                .isFalse();
        assertThat(facts.find(digest(2))).isEmpty();
        assertThat(chunks()).isZero();
        assertThat(facts.save(second, digest(1), digest(2), 1, List.of(part("a", 1, bytes(3)))))
                .isTrue();
    }

    @Test
    void chunksOfAnUploadThatWasCutShortAreNotFoundAndGoWithTheNextOne() {
        store.mongo()
                .getCollection("layer_chunks")
                .insertOne(new Document("_id", digest(2) + "|a|" + digest(1) + "|0|0")
                        .append("layer", digest(2).toString())
                        .append("kind", "a")
                        .append("upload", digest(1) + "|0"));
        assertThat(facts.find(digest(2))).isEmpty();

        byte[] large = bytes(2 * LayerFactsStore.CHUNK);
        facts.save(claim(1), digest(1), digest(2), 1, List.of(part("a", 1, large)));

        assertThat(chunks()).isEqualTo(2);
        assertThat(facts.find(digest(2)).get(0).bytes()).isEqualTo(large);
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
                            () -> facts.claim(digest(n), owner, LEASE).isPresent()));
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
