package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.AMD64;
import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagHistory.Change;
import io.basewatch.fleetstore.TagHistory.Kind;
import io.basewatch.fleetstore.TagHistory.Place;
import io.basewatch.fleetstore.TagHistory.Stay;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class TagHistoryContract extends StoreUnderTest {

    private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private FleetStore store;
    private ImageArchive archive;
    private TagHistory history;

    @BeforeEach
    void openStore() {
        store = open();
        archive = store.imageArchive();
        history = store.tagHistory();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static Instant hour(int n) {
        return START.plus(Duration.ofHours(n));
    }

    private static ImagePushed pushed(Repository repository, String tag, Digest index, Digest image, int revision) {
        return new ImagePushed(repository, tag, index, image, AMD64, revision, hour(revision));
    }

    private List<Change> changes() {
        return history.page(START, hour(10_000), ALL, null, 1000);
    }

    @Test
    void aTagThatComesMovesAndGoesIsToldWithFromAndTo() {
        archive.apply(pushed(SHOP, "1", digest(10), digest(1), 1));
        archive.apply(pushed(SHOP, "1", digest(10), digest(2), 1));
        archive.apply(pushed(SHOP, "1", digest(20), digest(3), 2));
        archive.apply(new TagMoved(SHOP, "1", digest(10), digest(20), 2, hour(2)));
        archive.apply(new TagRemoved(SHOP, "1", digest(20), 3, hour(3)));

        assertThat(changes())
                .extracting(
                        Change::at, Change::kind, Change::from, Change::to, Change::images, Change::before, Change::tag)
                .containsExactly(
                        tuple(hour(1), Kind.CAME, null, digest(10), List.of(digest(1), digest(2)), List.of(), "1"),
                        tuple(
                                hour(2),
                                Kind.MOVED,
                                digest(10),
                                digest(20),
                                List.of(digest(3)),
                                List.of(digest(1), digest(2)),
                                "1"),
                        tuple(hour(3), Kind.WENT, digest(20), null, List.of(), List.of(digest(3)), "1"));
        assertThat(history.first()).isEqualTo(hour(1));
        assertThat(history.page(START, hour(10), EnumSet.of(Kind.WENT), null, 10))
                .hasSize(1);
    }

    @Test
    void whatIsToldAgainOrLateIsNoChange() {
        archive.apply(pushed(SHOP, "1", digest(10), digest(1), 5));
        archive.apply(pushed(SHOP, "1", digest(10), digest(1), 5));
        archive.apply(pushed(SHOP, "1", digest(10), digest(1), 7));
        archive.apply(pushed(SHOP, "1", digest(10), digest(2), 7));
        archive.apply(pushed(SHOP, "1", digest(30), digest(4), 6));
        archive.apply(new TagRemoved(SHOP, "2", digest(1), 3, hour(3)));

        assertThat(changes()).extracting(Change::kind).containsExactly(Kind.CAME);
        assertThat(changes().get(0).images()).containsExactlyInAnyOrder(digest(1), digest(2));
    }

    @Test
    void ofATagOfBeforeHistoryWasKeptItIsSaidSinceWhenItIsKnown() {
        archive.apply(pushed(SHOP, "1", digest(10), digest(1), 1));
        archive.apply(pushed(CART, "1", digest(10), digest(1), 2));
        store.mongo().getCollection(TagHistory.COLLECTION).deleteMany(new Document());
        archive.apply(pushed(SHOP, "1", digest(20), digest(2), 4));

        Map<Repository, List<Stay>> stays = new HashMap<>();
        Map<Repository, Instant> known = new HashMap<>();
        history.forEachTag((since, all) -> {
            stays.put(all.get(0).repository(), all);
            known.put(all.get(0).repository(), since);
        });
        assertThat(known).containsEntry(SHOP, hour(1)).containsEntry(CART, hour(2));
        assertThat(stays.get(SHOP))
                .containsExactly(
                        new Stay(SHOP, List.of(digest(1)), hour(1), hour(4)),
                        new Stay(SHOP, List.of(digest(2)), hour(4), null));
        assertThat(stays.get(CART)).containsExactly(new Stay(CART, List.of(digest(1)), hour(2), null));
    }

    @Test
    void whateverHappensAndIsToldTwiceIsToldOnceInPages() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Digest> model = new HashMap<>();
        List<String> expected = new ArrayList<>();
        List<ImageEvent> told = new ArrayList<>();
        int rounds = Integer.getInteger("basewatch.history.rounds", 120);
        for (int n = 1; n <= rounds; n++) {
            Repository repository = random.nextBoolean() ? SHOP : CART;
            String tag = "t" + random.nextInt(4);
            String id = FleetDatabase.tagId(repository, tag);
            Digest before = model.get(id);
            ImageEvent event;
            if (before != null && random.nextInt(3) == 0) {
                event = new TagRemoved(repository, tag, before, n, hour(n / 7));
                model.remove(id);
                expected.add(id + " went " + before + " null");
            } else {
                Digest now = digest(1 + random.nextInt(5));
                event = new ImagePushed(repository, tag, now, now, AMD64, n, hour(n / 7));
                if (!now.equals(before)) {
                    expected.add(id + (before == null ? " came " : " moved ") + before + " " + now);
                }
                model.put(id, now);
            }
            archive.apply(event);
            told.add(event);
            archive.apply(told.get(random.nextInt(told.size())));
        }
        List<String> pages = new ArrayList<>();
        List<Change> all = new ArrayList<>();
        Place after = null;
        while (true) {
            List<Change> page = history.page(START, hour(10_000), ALL, after, 1 + random.nextInt(9));
            if (page.isEmpty()) {
                break;
            }
            all.addAll(page);
            Change last = page.get(page.size() - 1);
            after = new Place(last.at(), last.key());
        }
        all.forEach(change -> pages.add(FleetDatabase.tagId(change.repository(), change.tag()) + " " + change.kind()
                + " " + change.from() + " " + change.to()));
        assertThat(all)
                .as("seed %d", seed)
                .isSortedAccordingTo(Comparator.comparing(Change::at).thenComparing(Change::key));
        assertThat(pages).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(expected);
        Set<String> now = new HashSet<>();
        history.forEachTag((known, stays) -> {
            assertThat(known).as("seed %d", seed).isNull();
            stays.stream()
                    .filter(stay -> stay.until() == null)
                    .forEach(stay -> now.add(stay.repository() + " " + stay.images()));
        });
        Set<String> wanted = new HashSet<>();
        model.forEach((id, image) -> wanted.add(id.substring(0, id.lastIndexOf(':')) + " " + List.of(image)));
        assertThat(now).as("seed %d", seed).isEqualTo(wanted);
    }
}
