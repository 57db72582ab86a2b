package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.NOON;
import static io.basewatch.fleetstore.Fleet.OTHER;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.complete;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.distro;
import static io.basewatch.fleetstore.Fleet.failed;
import static io.basewatch.fleetstore.Fleet.moved;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.StaleImages.StaleImage;
import io.basewatch.fleetstore.StaleImages.UnreadImage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class StaleImagesContract extends StoreUnderTest {

    private static final String OLD = "1[apk/1,elf/1]";
    private static final String NEW = "1[apk/2,elf/1]";
    private static final DerivationBasis BASIS = new DerivationBasis(
            1,
            new ImageInputs(List.of("/bin/app"), List.of(), List.of("PATH=/bin"), Map.of("a.b/$c", "d")),
            List.of(new Reason(Reason.Code.CONFIG_INVALID, "two diffIDs for one layer")));

    FleetStore store;
    ImageArchive archive;
    StaleImages stale;

    @BeforeEach
    void openStore() {
        store = open();
        archive = store.imageArchive();
        stale = store.staleImages();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static ImageAnalysis by(String version, int image) {
        return complete(digest(image), distro("alpine", "3.20", null), Libc.Family.MUSL, version, NOON);
    }

    private void tagged(int image, ImageAnalysis analysis, DerivationBasis basis) {
        archive.apply(pushed(SHOP, "t" + image, digest(image), 1));
        if (analysis != null) {
            archive.save(analysis, basis);
        }
    }

    private List<Digest> stale(String version) {
        return stale.page(version, null, 100).stream().map(StaleImage::digest).toList();
    }

    @Test
    void findsWhatAnOlderVersionSaidAndWhatNobodySaidButNothingElse() {
        tagged(1, by(OLD, 1), null);
        tagged(2, by(NEW, 2), null);
        tagged(3, null, null);
        archive.save(by(OLD, 4));
        tagged(5, failed(digest(5), Reason.Code.LAYER_CORRUPT, OLD, NOON), null);

        assertThat(stale(NEW)).containsExactly(digest(1), digest(3), digest(5));
        assertThat(stale(OLD))
                .as("a newer result is not stale for an older version")
                .containsExactly(digest(3));
    }

    @Test
    void givesEverythingThatDerivingAgainNeeds() {
        tagged(1, by(OLD, 1), BASIS);
        tagged(2, by(OLD, 2), null);
        tagged(3, null, null);

        List<StaleImage> images = stale.page(NEW, null, 100);

        assertThat(images.get(0).analysis()).isEqualTo(by(OLD, 1));
        assertThat(images.get(0).basis()).isEqualTo(BASIS);
        assertThat(images.get(0).push().id())
                .isEqualTo(pushed(SHOP, "t1", digest(1), 1).id());
        assertThat(images.get(0).push().revision()).isEqualTo(1);
        assertThat(images.get(1).basis()).isNull();
        assertThat(images.get(2).analysis()).isNull();
        assertThat(images.get(2).push()).isNotNull();
    }

    @Test
    void theBasisGoesWithTheAnalysisItIsOf() {
        tagged(1, by(OLD, 1), BASIS);
        archive.save(by(NEW, 1));
        archive.save(by(OLD, 1), BASIS);

        assertThat(stale.page("1[apk/3,elf/1]", null, 10))
                .singleElement()
                .satisfies(image -> assertThat(image.basis()).isNull());
    }

    @Test
    void thePushHasTheTagsPresentRevision() {
        archive.apply(pushed(SHOP, "latest", digest(1), 1));
        archive.apply(pushed(SHOP, "latest", digest(2), 2));
        archive.apply(moved(SHOP, "latest", digest(1), digest(2), 2));
        archive.apply(pushed(SHOP, "latest", digest(1), 7));

        assertThat(stale.page(NEW, null, 10)).singleElement().satisfies(image -> {
            assertThat(image.digest()).isEqualTo(digest(1));
            assertThat(image.push().revision()).isEqualTo(7);
        });
    }

    @Test
    void pagesFollowEachOtherWhileImagesLeaveTheList() {
        List<Digest> all = new ArrayList<>();
        for (int image = 1; image <= 10; image++) {
            tagged(image, by(OLD, image), null);
            all.add(digest(image));
        }
        List<Digest> seen = new ArrayList<>();
        List<StaleImage> page = stale.page(NEW, null, 3);
        while (!page.isEmpty()) {
            for (StaleImage image : page) {
                seen.add(image.digest());
                archive.save(complete(image.digest(), null, Libc.Family.MUSL, NEW, NOON));
            }
            page = stale.page(NEW, page.get(page.size() - 1).digest(), 3);
        }
        assertThat(seen).isEqualTo(all);
        assertThat(stale(NEW)).isEmpty();
    }

    @Test
    void remembersWhatWasAskedForByThisVersionOnly() {
        tagged(1, by(OLD, 1), null);
        stale.asked(stale.page(NEW, null, 1).get(0), NEW);
        clock.pass(Duration.ofHours(1));
        stale.asked(stale.page(NEW, null, 1).get(0), NEW);

        StaleImage asked = stale.page(NEW, null, 1).get(0);
        assertThat(asked.asks()).isEqualTo(2);
        assertThat(asked.askedAt()).isEqualTo(clock.instant());
        StaleImage byNext = stale.page("1[apk/3,elf/1]", null, 1).get(0);
        assertThat(byNext.asks()).isZero();
        assertThat(byNext.askedAt()).isNull();
    }

    /** Two versions of which neither text says that it is older, as when a detector was renamed: the one that came later wins for good. */
    @Test
    void aRollingDeploymentOfTwoVersionsDoesNotGoBackAndForth() {
        String before = "1[apk/1,old/1]";
        String after = "1[apk/1,renamed/1]";
        tagged(1, by(before, 1), null);
        assertThat(stale(after)).containsExactly(digest(1));
        archive.save(by(after, 1));

        // Every process has its own view of the store, and those of the version before are started again, too.
        ImageArchive restarted = store.imageArchive();
        assertThat(store.staleImages().page(before, null, 10)).isEmpty();
        assertThat(restarted.isAnalyzed(digest(1), before)).isTrue();
        restarted.save(complete(digest(1), null, Libc.Family.MUSL, before, NOON.plusSeconds(60)));
        assertThat(archive.find(digest(1))).contains(by(after, 1));
        assertThat(stale(after)).isEmpty();
    }

    @Test
    void anOldVersionThatComesLateToThisStoreIsStillOlder() {
        tagged(1, by(NEW, 1), null);

        assertThat(stale(OLD)).isEmpty();
        assertThat(archive.isAnalyzed(digest(1), OLD)).isTrue();
        archive.save(by(OLD, 1));
        assertThat(archive.find(digest(1))).contains(by(NEW, 1));
    }

    @Test
    void allProcessesSeeOneOrderWhoeverTellsAVersionFirst() throws Exception {
        List<String> all = new ArrayList<>();
        for (int n = 1; n <= 6; n++) {
            all.add("1[apk/" + n + ",x" + (n % 3) + "/1]");
        }
        List<VersionOrder> orders = new ArrayList<>();
        List<Future<?>> work = new ArrayList<>();
        ExecutorService processes = Executors.newFixedThreadPool(4);
        try {
            for (int process = 0; process < 4; process++) {
                VersionOrder order = new VersionOrder(FleetDatabase.durable(store.mongo()));
                Random random = new Random(process);
                orders.add(order);
                work.add(processes.submit(() -> {
                    for (int n = 0; n < 20; n++) {
                        order.compare(all.get(random.nextInt(6)), all.get(random.nextInt(6)));
                    }
                }));
            }
            for (Future<?> each : work) {
                each.get();
            }
        } finally {
            processes.shutdownNow();
        }
        for (String one : all) {
            for (String other : all) {
                int answer = orders.get(0).compare(one, other);
                assertThat(answer == 0).isEqualTo(one.equals(other));
                for (VersionOrder order : orders) {
                    assertThat(order.compare(one, other)).isEqualTo(answer);
                    assertThat(order.compare(other, one)).isEqualTo(-answer);
                }
                if (AnalyzerVersion.parse(one).isSurelyOlderThan(AnalyzerVersion.parse(other))) {
                    assertThat(answer).as("%s against %s", one, other).isNegative();
                }
            }
        }
    }

    private List<UnreadImage> unread(Instant due) {
        return stale.unread(List.of(SHOP.registry()), due, null, 100);
    }

    private void failing(int image, Reason.Code code) {
        tagged(image, failed(digest(image), code, NEW, clock.instant()), null);
    }

    @Test
    void findsEveryImageThatTimeMayHealAndNoOther() {
        int image = 0;
        List<Digest> mayPass = new ArrayList<>();
        for (Reason.Code code : Reason.Code.values()) {
            failing(++image, code);
            if (code.mayPass()) {
                mayPass.add(digest(image));
            }
        }
        tagged(100, by(NEW, 100), null);
        archive.save(failed(digest(101), Reason.Code.BLOB_MISSING, NEW, NOON));

        assertThat(unread(clock.instant())).extracting(UnreadImage::digest).containsExactlyElementsOf(mayPass);
        assertThat(stale.unread(List.of("other.example.com"), null, null, 100))
                .as("nobody could read those of a registry that is not configured")
                .isEmpty();
        for (Digest each : mayPass) {
            assertThat(archive.isAnalyzed(each, NEW)).as("%s", each).isFalse();
        }
    }

    @Test
    void anImageIsDueAgainWhenItsTimeHasComeHoweverItFailedMeanwhile() {
        failing(1, Reason.Code.MANIFEST_MISSING);
        UnreadImage first = unread(clock.instant()).get(0);
        assertThat(first.looks()).isZero();
        assertThat(first.lookAgainAt()).isNull();
        stale.lookAgain(first, clock.instant().plusSeconds(60));
        clock.pass(Duration.ofSeconds(30));
        archive.save(failed(digest(1), Reason.Code.BLOB_MISSING, NEW, clock.instant()));

        assertThat(unread(clock.instant())).isEmpty();
        clock.pass(Duration.ofSeconds(30));
        UnreadImage second = unread(clock.instant()).get(0);
        assertThat(second.looks()).isEqualTo(1);
        assertThat(second.lookedAt()).isEqualTo(clock.instant().minusSeconds(60));

        stale.reschedule(second, clock.instant().plusSeconds(5));
        assertThat(unread(clock.instant())).isEmpty();
        assertThat(unread(null)).singleElement().satisfies(image -> {
            assertThat(image.looks()).isEqualTo(1);
            assertThat(image.lookAgainAt()).isEqualTo(clock.instant().plusSeconds(5));
        });
    }

    @Test
    void anImageThatHasHealedIsNotLookedAtAgainAndOneThatFailsLaterBeginsAnew() {
        failing(1, Reason.Code.REGISTRY_UNAVAILABLE);
        UnreadImage seen = unread(clock.instant()).get(0);
        stale.lookAgain(seen, clock.instant());
        archive.save(by(NEW, 1));
        stale.lookAgain(seen, clock.instant());

        assertThat(unread(null)).isEmpty();
        assertThat(archive.find(digest(1))).contains(by(NEW, 1));
        assertThat(store.mongo().getCollection("images").find().first().keySet())
                .doesNotContain("heals", "looks", "lookedAt", "lookAgainAt");
    }

    @Test
    void anImageThatNoTagLeadsToIsNotLookedAtUntilOneDoes() {
        failing(1, Reason.Code.MANIFEST_MISSING);
        archive.apply(removed(SHOP, "t1", digest(1), 2));
        assertThat(unread(null)).isEmpty();

        archive.apply(pushed(SHOP, "t1", digest(1), 3));
        UnreadImage again = unread(null).get(0);
        assertThat(stale.push(again, List.of(SHOP.registry())).orElseThrow().revision())
                .isEqualTo(3);
    }

    @Test
    void whatOneRepositoryHasLostIsLookedForInTheNext() {
        failing(1, Reason.Code.BLOB_MISSING);
        archive.apply(pushed(CART, "x", digest(1), 1));
        archive.apply(pushed(OTHER, "x", digest(1), 1));
        List<Repository> asked = new ArrayList<>();
        for (int look = 0; look < 4; look++) {
            UnreadImage image = unread(null).get(0);
            asked.add(stale.push(image, List.of(SHOP.registry())).orElseThrow().repository());
            stale.lookAgain(image, clock.instant());
        }
        assertThat(asked).containsExactly(CART, SHOP, CART, SHOP);
    }

    @Test
    void aFailureThatAnOlderReleaseTookForFinalIsAnalyzedWhenItIsToldAgain() {
        failing(1, Reason.Code.MANIFEST_MISSING);
        store.mongo()
                .getCollection("images")
                .updateMany(
                        new org.bson.Document(),
                        new org.bson.Document("$set", new org.bson.Document("final", true))
                                .append("$unset", new org.bson.Document("settled", "").append("heals", "")));
        assertThat(archive.isAnalyzed(digest(1), NEW)).isFalse();
    }

    @Test
    void whatWasToldByAClockThatWasAheadIsDueAsSoonAsTheClockIsRight() {
        clock.pass(Duration.ofDays(4 * 365));
        failing(1, Reason.Code.MANIFEST_MISSING);
        failing(2, Reason.Code.MANIFEST_MISSING);
        UnreadImage looked = unread(clock.instant()).get(0);
        stale.lookAgain(looked, clock.instant().plusSeconds(60));
        stale.reschedule(unread(clock.instant()).get(0), clock.instant().plusSeconds(60));
        tagged(3, by(OLD, 3), null);
        stale.asked(stale.page(NEW, null, 1).get(0), NEW);
        clock.pass(Duration.ofDays(-4 * 365));

        List<UnreadImage> due = unread(clock.instant());
        assertThat(due).extracting(UnreadImage::digest).containsExactly(digest(1), digest(2));
        assertThat(due).extracting(UnreadImage::lookedAt).containsOnly(Instant.EPOCH);
        assertThat(stale.page(NEW, null, 1).get(0).askedAt()).isNull();
        for (UnreadImage image : due) {
            stale.lookAgain(image, clock.instant().plusSeconds(60));
        }
        assertThat(unread(clock.instant())).isEmpty();
        clock.pass(Duration.ofSeconds(60));
        assertThat(unread(clock.instant())).hasSize(2);
    }
}
