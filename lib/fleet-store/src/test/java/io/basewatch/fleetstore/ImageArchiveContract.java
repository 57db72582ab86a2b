package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.AMD64;
import static io.basewatch.fleetstore.Fleet.ARM64;
import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.NOON;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.V1;
import static io.basewatch.fleetstore.Fleet.V2;
import static io.basewatch.fleetstore.Fleet.alpine;
import static io.basewatch.fleetstore.Fleet.debian;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.failed;
import static io.basewatch.fleetstore.Fleet.moved;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class ImageArchiveContract extends StoreUnderTest {

    FleetStore store;
    ImageArchive archive;

    @BeforeEach
    void openStore() {
        store = open();
        archive = store.imageArchive();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private List<String> tagsOf(Digest image) {
        return store.queries().image(image).map(StoredImage::tags).orElse(List.of()).stream()
                .map(ImageReference::toString)
                .toList();
    }

    private List<Digest> imagesOf(String tag) {
        return store.queries().tags(new TagFilter(null, SHOP), null, 100).tags().stream()
                .filter(each -> each.tag().equals(tag))
                .findFirst()
                .map(StoredTag::images)
                .orElse(List.of());
    }

    @Test
    void aPushedImageIsThereBeforeItIsAnalyzed() {
        archive.apply(pushed(SHOP, "1.0", digest(1), 1));

        StoredImage image = store.queries().image(digest(1)).orElseThrow();
        assertThat(image.analysis()).isNull();
        assertThat(image.platform()).isEqualTo(AMD64);
        assertThat(tagsOf(digest(1))).containsExactly("registry.example.com:5000/team/shop:1.0");
        assertThat(archive.find(digest(1))).isEmpty();
        assertThat(archive.isAnalyzed(digest(1), V1)).isFalse();
    }

    @Test
    void anIndexLeadsToAllItsImages() {
        archive.apply(pushed(SHOP, "1.0", digest(10), digest(1), AMD64, 1));
        archive.apply(pushed(SHOP, "1.0", digest(10), digest(2), ARM64, 1));

        assertThat(imagesOf("1.0")).containsExactlyInAnyOrder(digest(1), digest(2));
        assertThat(store.queries().image(digest(2)).orElseThrow().platform()).isEqualTo(ARM64);
    }

    @Test
    void aMovedTagLeavesItsOldImage() {
        archive.apply(pushed(SHOP, "latest", digest(1), 1));
        archive.apply(pushed(SHOP, "1.0", digest(1), 1));
        archive.apply(pushed(SHOP, "latest", digest(2), 2));
        archive.apply(moved(SHOP, "latest", digest(1), digest(2), 2));

        assertThat(tagsOf(digest(1))).containsExactly("registry.example.com:5000/team/shop:1.0");
        assertThat(tagsOf(digest(2))).containsExactly("registry.example.com:5000/team/shop:latest");
        assertThat(imagesOf("latest")).containsExactly(digest(2));
    }

    @Test
    void aTagThatMovesToNothingRunnableLeadsToNothing() {
        archive.apply(pushed(SHOP, "latest", digest(1), 1));
        archive.apply(moved(SHOP, "latest", digest(1), digest(2), 2));

        assertThat(tagsOf(digest(1))).isEmpty();
        assertThat(imagesOf("latest")).isEmpty();
        assertThat(store.queries().tags(TagFilter.all(), null, 10).tags())
                .singleElement()
                .satisfies(tag -> assertThat(tag.digest()).isEqualTo(digest(2)));
    }

    @Test
    void aRemovedTagIsGoneAndAnOldPushDoesNotBringItBack() {
        archive.apply(pushed(SHOP, "latest", digest(1), 1));
        archive.apply(removed(SHOP, "latest", digest(1), 2));
        archive.apply(pushed(SHOP, "latest", digest(1), 1));

        assertThat(tagsOf(digest(1))).isEmpty();
        assertThat(store.queries().tags(TagFilter.all(), null, 10).tags()).isEmpty();

        archive.apply(pushed(SHOP, "latest", digest(1), 3));
        assertThat(imagesOf("latest")).containsExactly(digest(1));
    }

    @Test
    void anyOrderWithAnyRepeatsEndsInTheNewestState() {
        List<ImageEvent> events = List.of(
                pushed(SHOP, "latest", digest(10), digest(1), AMD64, 1),
                pushed(SHOP, "latest", digest(10), digest(2), ARM64, 1),
                pushed(SHOP, "latest", digest(20), digest(3), AMD64, 2),
                pushed(SHOP, "latest", digest(20), digest(2), ARM64, 2),
                moved(SHOP, "latest", digest(10), digest(20), 2),
                removed(SHOP, "latest", digest(20), 3),
                pushed(SHOP, "latest", digest(30), digest(4), AMD64, 4),
                pushed(SHOP, "latest", digest(30), digest(2), ARM64, 4));
        Random random = new Random(42);
        for (int round = 0; round < 15; round++) {
            List<ImageEvent> delivered = new ArrayList<>(events);
            delivered.addAll(events.subList(0, random.nextInt(events.size())));
            Collections.shuffle(delivered, random);
            try (FleetStore fresh = open()) {
                for (ImageEvent event : delivered) {
                    fresh.imageArchive().apply(event);
                }
                assertThat(fresh.queries().tags(TagFilter.all(), null, 10).tags())
                        .singleElement()
                        .satisfies(tag -> assertThat(tag.images()).containsExactlyInAnyOrder(digest(4), digest(2)));
                for (int image : new int[] {1, 3}) {
                    assertThat(fresh.queries()
                                    .image(digest(image))
                                    .map(StoredImage::tags)
                                    .orElse(List.of()))
                            .as("tags of image %d after %s", image, delivered)
                            .isEmpty();
                }
                for (int image : new int[] {2, 4}) {
                    assertThat(fresh.queries()
                                    .image(digest(image))
                                    .orElseThrow()
                                    .tags())
                            .as("tags of image %d after %s", image, delivered)
                            .hasSize(1);
                }
            }
        }
    }

    @Test
    void aRepeatEndsWhatACrashLeftHalfDone() {
        archive.apply(pushed(SHOP, "latest", digest(1), 1));
        // As if the process had died after the tag's document and before the images'.
        store.mongo()
                .getCollection("tags")
                .updateOne(
                        new org.bson.Document("_id", SHOP + ":latest"),
                        new org.bson.Document(
                                        "$set",
                                        new org.bson.Document("revision", 2L)
                                                .append("digest", digest(2).toString())
                                                .append(
                                                        "images",
                                                        List.of(digest(2).toString())))
                                .append(
                                        "$addToSet",
                                        new org.bson.Document("led", digest(2).toString())));
        assertThat(imagesIn(SHOP)).containsExactly(digest(1));

        archive.apply(pushed(SHOP, "latest", digest(2), 2));

        assertThat(tagsOf(digest(1))).isEmpty();
        assertThat(tagsOf(digest(2))).hasSize(1);
        assertThat(imagesIn(SHOP)).containsExactly(digest(2));
    }

    private List<Digest> imagesIn(Repository repository) {
        return store
                .queries()
                .images(new ImageFilter(null, repository, null, null, null, null), null, 1000)
                .images()
                .stream()
                .map(ImageSummary::digest)
                .toList();
    }

    @Test
    void anImageStaysInARepositoryUntilTheLastOfItsTagsThereHasGone() {
        archive.apply(pushed(SHOP, "1", digest(1), 1));
        archive.apply(pushed(SHOP, "2", digest(1), 1));
        archive.apply(pushed(CART, "1", digest(1), 1));
        archive.apply(removed(SHOP, "1", digest(1), 2));
        assertThat(imagesIn(SHOP)).containsExactly(digest(1));
        archive.apply(pushed(SHOP, "2", digest(2), 2));
        assertThat(imagesIn(SHOP)).containsExactly(digest(2));
        assertThat(imagesIn(CART)).containsExactly(digest(1));
        archive.apply(removed(CART, "1", digest(1), 2));
        assertThat(imagesIn(CART)).isEmpty();
        assertThat(store.queries().images(ImageFilter.all(), null, 10).images())
                .extracting(ImageSummary::digest)
                .containsExactly(digest(2));
    }

    @Test
    void aRepositoryWhoseNameBeginsLikeAnothersIsAnotherOne() {
        Repository longer = Repository.parse(SHOP + "-old");
        Repository deeper = Repository.parse(SHOP + "/old");
        archive.apply(pushed(SHOP, "1", digest(1), 1));
        archive.apply(pushed(longer, "1", digest(1), 1));
        archive.apply(pushed(deeper, "1", digest(1), 1));
        archive.apply(removed(SHOP, "1", digest(1), 2));
        assertThat(imagesIn(SHOP)).isEmpty();
        assertThat(imagesIn(longer)).containsExactly(digest(1));
        assertThat(imagesIn(deeper)).containsExactly(digest(1));
    }

    @Test
    void imagesAndTagsAgreeHoweverManyAnalyzersMoveTagsAtOnce() throws Exception {
        ExecutorService analyzers = Executors.newFixedThreadPool(4);
        try {
            for (int round = 1; round <= 5; round++) {
                List<Future<?>> work = new ArrayList<>();
                for (int analyzer = 0; analyzer < 4; analyzer++) {
                    Random random = new Random(1000L * round + analyzer);
                    int first = round * 100;
                    work.add(analyzers.submit(() -> {
                        for (int n = 0; n < 12; n++) {
                            String tag = "t" + random.nextInt(3);
                            int revision = first + random.nextInt(30);
                            // The same revision always says the same, whoever tells it.
                            Digest image = digest(1 + revision % 3);
                            archive.apply(
                                    revision % 5 == 0
                                            ? removed(SHOP, tag, image, revision)
                                            : pushed(SHOP, tag, image, revision));
                        }
                        return null;
                    }));
                }
                for (Future<?> each : work) {
                    each.get();
                }
                Set<Digest> led = new TreeSet<>(Comparator.comparing(Digest::toString));
                store.queries()
                        .tags(new TagFilter(null, SHOP), null, 100)
                        .tags()
                        .forEach(tag -> led.addAll(tag.images()));
                assertThat(imagesIn(SHOP)).as("round %d", round).containsExactlyElementsOf(led);
            }
        } finally {
            analyzers.shutdownNow();
        }
    }

    @Test
    void twoAnalyzersOnOneTagAgreeInTheEnd() throws Exception {
        ExecutorService analyzers = Executors.newFixedThreadPool(2);
        try {
            for (int round = 0; round < 10; round++) {
                String tag = "t" + round;
                List<Future<?>> work = new ArrayList<>();
                for (int analyzer = 0; analyzer < 2; analyzer++) {
                    int first = analyzer;
                    work.add(analyzers.submit(() -> {
                        for (int revision = 1 + first; revision <= 6; revision += 2) {
                            archive.apply(pushed(SHOP, tag, digest(100 + revision), revision));
                        }
                    }));
                }
                for (Future<?> each : work) {
                    each.get();
                }
                assertThat(imagesOf(tag)).containsExactly(digest(106));
                for (int revision = 1; revision < 6; revision++) {
                    assertThat(tagsOf(digest(100 + revision))).doesNotContain(SHOP + ":" + tag);
                }
                assertThat(tagsOf(digest(106))).contains(SHOP + ":" + tag);
            }
        } finally {
            analyzers.shutdownNow();
        }
    }

    @Test
    void givesAnAnalysisBackAsItWas() {
        ImageAnalysis analysis = alpine(digest(1));
        archive.save(analysis);

        assertThat(archive.find(digest(1))).contains(analysis);
        assertThat(archive.isAnalyzed(digest(1), V1)).isTrue();
    }

    @Test
    void analysisAndTagsMayComeInAnyOrder() {
        archive.save(alpine(digest(1)));
        archive.apply(pushed(SHOP, "1.0", digest(1), 1));
        archive.apply(pushed(SHOP, "1.0", digest(2), 2));
        archive.save(debian(digest(2)));

        assertThat(tagsOf(digest(1))).isEmpty();
        assertThat(tagsOf(digest(2))).hasSize(1);
        assertThat(store.queries().images(ImageFilter.all(), null, 10).images())
                .singleElement()
                .satisfies(image -> assertThat(image.distro()).isEqualTo("debian"));
    }

    @Test
    void anOlderVersionDoesNotReplaceANewerResult() {
        ImageAnalysis newer =
                Fleet.complete(digest(1), Fleet.distro("alpine", "3.20", null), Libc.Family.MUSL, V2, NOON);
        archive.save(newer);
        archive.save(Fleet.complete(
                digest(1), Fleet.distro("alpine", "3.18", null), Libc.Family.MUSL, V1, NOON.plusSeconds(60)));

        assertThat(archive.find(digest(1))).contains(newer);
        assertThat(archive.isAnalyzed(digest(1), V1)).isTrue();
        assertThat(archive.isAnalyzed(digest(1), V2)).isTrue();
        assertThat(archive.isAnalyzed(digest(1), "3.2026-01-01")).isFalse();
    }

    @Test
    void aFailureDoesNotReplaceACompleteResultButACompleteOneReplacesAFailure() {
        ImageAnalysis failure = failed(digest(1), Reason.Code.LAYER_CORRUPT, V1, NOON);
        archive.save(failure);
        assertThat(archive.find(digest(1))).contains(failure);
        assertThat(archive.isAnalyzed(digest(1), V1)).isTrue();

        archive.save(alpine(digest(1)));
        archive.save(failed(digest(1), Reason.Code.LAYER_CORRUPT, V1, NOON.plusSeconds(9)));

        assertThat(archive.find(digest(1))).contains(alpine(digest(1)));
    }

    @Test
    void whatMayPassIsTriedAgainAndNeverReplacesAResult() {
        archive.save(failed(digest(1), Reason.Code.REGISTRY_UNAVAILABLE, V1, NOON));
        assertThat(archive.isAnalyzed(digest(1), V1)).isFalse();

        archive.save(alpine(digest(1)));
        archive.save(failed(digest(1), Reason.Code.REGISTRY_UNAVAILABLE, V2, NOON.plusSeconds(9)));

        assertThat(archive.find(digest(1))).contains(alpine(digest(1)));
        assertThat(archive.isAnalyzed(digest(1), V1)).isTrue();
        assertThat(archive.isAnalyzed(digest(1), V2)).isFalse();
    }

    @Test
    void theOrderOfSavingDoesNotMatter() {
        List<ImageAnalysis> results = List.of(
                failed(digest(1), Reason.Code.TIMEOUT, V2, NOON.plusSeconds(5)),
                failed(digest(1), Reason.Code.LAYER_CORRUPT, V1, NOON.plusSeconds(4)),
                alpine(digest(1)),
                failed(digest(1), Reason.Code.LIMIT_EXCEEDED, V2, NOON.plusSeconds(1)),
                Fleet.complete(digest(1), null, Libc.Family.MUSL, V2, NOON));
        Random random = new Random(7);
        for (int round = 0; round < 10; round++) {
            List<ImageAnalysis> saved = new ArrayList<>(results);
            Collections.shuffle(saved, random);
            try (FleetStore fresh = open()) {
                saved.forEach(fresh.imageArchive()::save);
                assertThat(fresh.imageArchive().find(digest(1))).contains(results.get(4));
                assertThat(fresh.queries().image(digest(1)).orElseThrow().analysis())
                        .isEqualTo(results.get(4));
            }
        }
    }
}
