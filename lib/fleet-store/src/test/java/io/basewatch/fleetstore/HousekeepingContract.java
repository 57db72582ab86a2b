package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.V1;
import static io.basewatch.fleetstore.Fleet.alpine;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetstore.Housekeeping.Removed;
import io.basewatch.fleetstore.LayerFactsStore.Claim;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.fleetstore.TagLedger.Pending;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is removed when, and what never is. */
abstract class HousekeepingContract extends StoreUnderTest {

    private static final Duration RETENTION = Duration.ofDays(10);
    private static final Removed NOTHING = new Removed(0, 0, 0);

    private FleetStore store;
    private ImageArchive archive;
    private Housekeeping housekeeping;

    @BeforeEach
    void openStore() {
        store = open();
        archive = store.imageArchive();
        housekeeping = store.housekeeping();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private Removed tidyAfter(Duration time) throws Exception {
        clock.pass(time);
        return housekeeping.removeUnused(RETENTION);
    }

    private long documents(String collection) {
        return store.mongo().getCollection(collection).countDocuments();
    }

    @Test
    void anImageGoesWithItsAnalysisWhenNoTagHasLedToItForLong() throws Exception {
        archive.apply(pushed(SHOP, "1", digest(1), 1));
        archive.save(alpine(digest(1)));
        archive.apply(pushed(SHOP, "2", digest(2), 1));
        archive.save(alpine(digest(2)));
        archive.apply(removed(SHOP, "1", digest(1), 2));

        assertThat(tidyAfter(Duration.ZERO)).isEqualTo(NOTHING);
        assertThat(tidyAfter(RETENTION.minusSeconds(1))).isEqualTo(NOTHING);
        assertThat(archive.find(digest(1))).isPresent();
        assertThat(tidyAfter(Duration.ofSeconds(1)).images()).isEqualTo(1);
        assertThat(archive.find(digest(1))).isEmpty();
        assertThat(store.queries().image(digest(1))).isEmpty();
        assertThat(archive.find(digest(2))).isPresent();
        assertThat(documents(FleetDatabase.ANALYSES)).isEqualTo(1);
    }

    @Test
    void anImageThatComesBackIsAnalyzedAgain() throws Exception {
        archive.apply(pushed(SHOP, "1", digest(1), 1));
        archive.save(alpine(digest(1)));
        archive.apply(removed(SHOP, "1", digest(1), 2));
        tidyAfter(Duration.ZERO);
        tidyAfter(RETENTION);

        archive.apply(pushed(SHOP, "1", digest(1), 3));

        assertThat(archive.isAnalyzed(digest(1), V1)).isFalse();
        archive.save(alpine(digest(1)));
        assertThat(archive.isAnalyzed(digest(1), V1)).isTrue();
        assertThat(archive.find(digest(1))).contains(alpine(digest(1)));
        assertThat(tidyAfter(RETENTION).images()).isZero();
    }

    @Test
    void anImageThatGetsATagInTimeStaysAndItsTimeBeginsAnew() throws Exception {
        archive.apply(pushed(SHOP, "1", digest(1), 1));
        archive.save(alpine(digest(1)));
        archive.apply(removed(SHOP, "1", digest(1), 2));
        tidyAfter(Duration.ZERO);
        archive.apply(pushed(SHOP, "back", digest(1), 1));

        assertThat(tidyAfter(RETENTION).images()).isZero();
        assertThat(archive.isAnalyzed(digest(1), V1)).isTrue();

        archive.apply(removed(SHOP, "back", digest(1), 2));
        assertThat(tidyAfter(Duration.ofDays(1)).images()).isZero();
        assertThat(tidyAfter(RETENTION.minusSeconds(1)).images()).isZero();
        assertThat(tidyAfter(Duration.ofSeconds(1)).images()).isEqualTo(1);
    }

    @Test
    void aPassThatWasCutShortIsEndedByTheNext() throws Exception {
        archive.save(alpine(digest(1)));
        tidyAfter(Duration.ZERO);
        // As after a crash between the first and the second step.
        store.mongo()
                .getCollection(FleetDatabase.IMAGES)
                .updateOne(
                        new org.bson.Document("_id", digest(1).toString()),
                        new org.bson.Document("$unset", new org.bson.Document("analyzerVersion", "")));

        assertThat(tidyAfter(RETENTION).images()).isEqualTo(1);
        assertThat(documents(FleetDatabase.ANALYSES)).isZero();
        assertThat(documents(FleetDatabase.IMAGES)).isZero();
    }

    @Test
    void manyImagesGoInPages() throws Exception {
        for (int n = 1; n <= 1001; n++) {
            store.mongo()
                    .getCollection(FleetDatabase.IMAGES)
                    .insertOne(new org.bson.Document("_id", digest(n).toString()));
        }
        tidyAfter(Duration.ZERO);
        assertThat(tidyAfter(RETENTION).images()).isEqualTo(1001);
    }

    @Test
    void aTagThatIsGoneIsRememberedForAMonthWhateverTheRetention() throws Exception {
        ImagePushed first = pushed(SHOP, "1", digest(1), 1);
        TagRemoved gone = removed(SHOP, "1", digest(1), 2);
        archive.apply(first);
        archive.apply(gone);
        TagLedger ledger = store.tagLedger();
        ledger.remember(SHOP, Map.of(), Map.of("1", 2L));

        assertThat(tidyAfter(RETENTION).tags()).isZero();
        archive.apply(first);
        assertThat(store.queries().tags(TagFilter.all(), null, 10).tags())
                .as("a late event")
                .isEmpty();
        assertThat(ledger.removedTags(SHOP)).containsEntry("1", 2L);

        assertThat(tidyAfter(Duration.ofDays(21)).tags()).isEqualTo(1);
        assertThat(ledger.removedTags(SHOP)).isEmpty();
        assertThat(archive.apply(first)).as("an event later than that").isFalse();
        assertThat(archive.apply(gone)).isFalse();
        assertThat(store.queries().tags(TagFilter.all(), null, 10).tags()).isEmpty();
        assertThat(store.queries().image(digest(1))).isEmpty();
        assertThat(archive.apply(new ImagePushed(SHOP, "1", digest(2), digest(2), null, 1, clock.instant())))
                .isTrue();
        assertThat(store.queries().tags(TagFilter.all(), null, 10).tags()).hasSize(1);
    }

    @Test
    void anEventIsTooLateForAnUnknownTagFromTheMomentThatTagsWereForgottenToAndNotAMillisecondEarlier()
            throws Exception {
        Instant removedAt = clock.instant();
        archive.apply(new TagRemoved(SHOP, "1", digest(1), 2, removedAt));
        Instant forgottenTo = removedAt.plus(Duration.ofDays(3));
        assertThat(archive.apply(new ImagePushed(SHOP, "before", digest(3), digest(3), null, 1, removedAt)))
                .as("nothing is forgotten yet")
                .isTrue();

        assertThat(tidyAfter(Duration.ofDays(33)).tags()).isEqualTo(1);

        ImagePushed justInTime = new ImagePushed(SHOP, "2", digest(4), digest(4), null, 1, forgottenTo.plusMillis(1));
        ImagePushed tooLate = new ImagePushed(SHOP, "3", digest(5), digest(5), null, 1, forgottenTo.plusNanos(999_999));
        assertThat(archive.apply(tooLate)).isFalse();
        assertThat(archive.apply(justInTime)).isTrue();
        assertThat(archive.apply(new TagMoved(SHOP, "before", digest(3), digest(6), 2, removedAt)))
                .as("of a tag that is known")
                .isTrue();
        assertThat(store.queries().tags(TagFilter.all(), null, 10).tags())
                .extracting(StoredTag::tag)
                .containsExactly("2", "before");
        assertThat(store.queries().image(digest(5))).isEmpty();
    }

    @Test
    void whatAClockThatWasAheadForgotKeepsNothingOutWhenTheClockIsRight() throws Exception {
        archive.apply(pushed(SHOP, "1", digest(1), 1));
        archive.apply(removed(SHOP, "1", digest(1), 2));
        archive.save(alpine(digest(7)));
        assertThat(tidyAfter(Duration.ofDays(4 * 365)).tags()).isEqualTo(1);
        archive.save(alpine(digest(8)));
        tidyAfter(Duration.ZERO);
        clock.pass(Duration.ofDays(-4 * 365));

        Instant right = clock.instant();
        assertThat(archive.apply(new ImagePushed(SHOP, "2", digest(2), digest(2), null, 1, right)))
                .isTrue();
        archive.apply(new TagRemoved(SHOP, "2", digest(2), 2, right));
        tidyAfter(Duration.ZERO);
        assertThat(tidyAfter(Duration.ofDays(33)).images())
                .as("an image is without a tag since the clock is right")
                .isEqualTo(4);
        assertThat(archive.apply(new ImagePushed(SHOP, "3", digest(3), digest(3), null, 1, right)))
                .as("what is forgotten by a clock that is right keeps older events out again")
                .isFalse();
    }

    @Test
    void whatIsBeingToldAgainOfATagThatWasGoneIsNotForgotten() throws Exception {
        TagLedger ledger = store.tagLedger();
        ledger.remember(SHOP, Map.of(), Map.of("1", 7L));
        ledger.intend(SHOP, Map.of("1", new Intent(digest(1), false, 8)));

        tidyAfter(Duration.ofDays(60));

        assertThat(ledger.entries(SHOP).get("1").pending()).isEqualTo(new Pending(digest(1), false, false));
    }

    @Test
    void theWatcherRemembersATagAsLongAsTheAnalyzerDoes() throws Exception {
        TagLedger ledger = store.tagLedger();
        ledger.remember(SHOP, Map.of("kept", new SeenTag(digest(1), 1)), Map.of("1", 7L));
        clock.pass(Duration.ofDays(60));
        // The analyzer comes to it only now.
        archive.apply(new TagRemoved(SHOP, "1", digest(1), 7, clock.instant()));

        tidyAfter(Duration.ZERO);
        assertThat(ledger.removedTags(SHOP)).containsEntry("1", 7L);
        tidyAfter(Duration.ofDays(31));
        assertThat(ledger.removedTags(SHOP)).isEmpty();
        assertThat(ledger.tags(SHOP)).containsOnlyKeys("kept");
    }

    @Test
    void claimsGoADayAfterTheirEndAndTheOthersHold() throws Exception {
        LayerFactsStore facts = store.layerFacts();
        Claim over = facts.claim(digest(1), "me", Duration.ofMinutes(1)).orElseThrow();
        facts.release(over);
        Claim held = facts.claim(digest(2), "me", Duration.ofDays(3)).orElseThrow();

        assertThat(tidyAfter(Duration.ofHours(22)).claims()).isZero();
        assertThat(tidyAfter(Duration.ofHours(2)).claims()).isEqualTo(1);
        assertThat(facts.renew(held, Duration.ofDays(1))).isTrue();
        assertThat(facts.claim(digest(2), "other", Duration.ofMinutes(1))).isEmpty();
        assertThat(facts.claim(digest(1), "other", Duration.ofMinutes(1))).isPresent();
    }
}
