package io.basewatch.fleetstore;

import static io.basewatch.fleetstore.Fleet.CART;
import static io.basewatch.fleetstore.Fleet.NOON;
import static io.basewatch.fleetstore.Fleet.OTHER;
import static io.basewatch.fleetstore.Fleet.SHOP;
import static io.basewatch.fleetstore.Fleet.alpine;
import static io.basewatch.fleetstore.Fleet.debian;
import static io.basewatch.fleetstore.Fleet.digest;
import static io.basewatch.fleetstore.Fleet.failed;
import static io.basewatch.fleetstore.Fleet.pushed;
import static io.basewatch.fleetstore.Fleet.removed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.RepositoryPage.RepositorySummary;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class FleetQueriesContract extends StoreUnderTest {

    FleetStore store;
    ImageArchive archive;
    FleetQueries queries;

    @BeforeEach
    void openStore() {
        store = open();
        archive = store.imageArchive();
        queries = store.queries();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    /** 1: alpine in two repositories; 2: debian; 3: debian elsewhere; 4: broken; 5: not analysed; 6: alpine, but no tag leads to it. */
    private void fill() {
        archive.apply(pushed(SHOP, "1.0", digest(1), 1));
        archive.apply(pushed(SHOP, "latest", digest(1), 1));
        archive.apply(pushed(CART, "1.0", digest(1), 1));
        archive.save(alpine(digest(1)));
        archive.apply(pushed(SHOP, "2.0", digest(2), 1));
        archive.save(debian(digest(2)));
        archive.apply(pushed(OTHER, "1.0", digest(3), 1));
        archive.save(debian(digest(3)));
        archive.apply(pushed(OTHER, "broken", digest(4), 1));
        archive.save(failed(digest(4), Reason.Code.LAYER_CORRUPT, Fleet.V1, NOON));
        archive.apply(pushed(CART, "new", digest(5), 1));
        archive.apply(pushed(CART, "old", digest(6), 1));
        archive.save(alpine(digest(6)));
        archive.apply(removed(CART, "old", digest(6), 2));
    }

    @Test
    void anEmptyFleetHasAnEmptySummary() {
        FleetSummary summary = queries.count(clock).summary();
        assertThat(summary.images()).isZero();
        assertThat(summary.tags()).isZero();
        assertThat(summary.byStatus()).isEmpty();
        assertThat(summary.firstAnalyzedAt()).isNull();
        assertThat(queries.count(clock).standsOn()).isEmpty();
        assertThat(queries.images(ImageFilter.all(), null, 10)).isEqualTo(new ImagePage(List.of(), null));
        assertThat(queries.tags(TagFilter.all(), null, 10)).isEqualTo(new TagPage(List.of(), null));
        assertThat(queries.repositories(null, null, 10)).isEqualTo(new RepositoryPage(List.of(), null));
        assertThat(queries.image(digest(1))).isEmpty();
    }

    @Test
    void theSummaryCountsImagesThatATagLeadsToOnceEach() {
        fill();
        assertThat(queries.count(clock).summary())
                .isEqualTo(new FleetSummary(
                        2,
                        3,
                        Map.of(SHOP.registry(), 2L, OTHER.registry(), 1L),
                        7,
                        5,
                        1,
                        Map.of(AnalysisStatus.COMPLETE, 3L, AnalysisStatus.UNSCANNABLE, 1L),
                        Map.of("alpine", 1L, "debian", 2L, "unknown", 1L),
                        Map.of("alpine 3.18.9", 1L, "debian 12", 2L, "unknown", 1L),
                        Map.of(Libc.Family.MUSL, 1L, Libc.Family.GLIBC, 2L, Libc.Family.UNKNOWN, 1L),
                        3000,
                        Instant.ofEpochMilli(NOON.toEpochMilli()),
                        Instant.ofEpochMilli(NOON.toEpochMilli())));
    }

    @Test
    void groupsWhatTheFleetStandsOn() {
        fill();
        Instant created = Instant.parse("2025-01-02T03:04:05Z");
        assertThat(queries.count(clock).standsOn())
                .containsExactly(
                        new StandsOn(
                                "debian",
                                "12",
                                "bookworm",
                                null,
                                Libc.Family.GLIBC,
                                AnalysisStatus.COMPLETE,
                                2,
                                List.of(OTHER, SHOP),
                                2,
                                2000,
                                created,
                                created),
                        new StandsOn(
                                "alpine",
                                "3.18.9",
                                null,
                                null,
                                Libc.Family.MUSL,
                                AnalysisStatus.COMPLETE,
                                1,
                                List.of(CART, SHOP),
                                2,
                                1000,
                                created,
                                created),
                        new StandsOn(
                                null,
                                null,
                                null,
                                null,
                                Libc.Family.UNKNOWN,
                                AnalysisStatus.UNSCANNABLE,
                                1,
                                List.of(OTHER),
                                1,
                                0,
                                null,
                                null));
    }

    @Test
    void imagesThatShareSomeOfTheirRepositoriesLoseNone() {
        // By repository: {other, cart, shop}, {cart}, {other}, {cart, shop}, {shop}; and one of another ground.
        push(1, OTHER, CART, SHOP);
        push(2, CART);
        push(3, OTHER);
        push(4, CART, SHOP);
        push(5, SHOP);
        archive.apply(pushed(CART, "debian", digest(6), 1));
        archive.save(debian(digest(6)));
        archive.apply(pushed(OTHER, "new", digest(7), 1));

        FleetCount count = queries.count(clock);

        assertThat(count.summary().images()).isEqualTo(7);
        assertThat(count.summary().pending()).isEqualTo(1);
        assertThat(count.summary().compressedBytes()).isEqualTo(6000);
        assertThat(count.standsOn()).hasSize(2);
        StandsOn alpine = count.standsOn().get(0);
        assertThat(alpine.images()).isEqualTo(5);
        assertThat(alpine.compressedBytes()).isEqualTo(5000);
        assertThat(alpine.repositories()).containsExactly(OTHER, CART, SHOP);
        assertThat(alpine.repositoryCount()).isEqualTo(3);
        StandsOn debian = count.standsOn().get(1);
        assertThat(debian.images()).isEqualTo(1);
        assertThat(debian.repositories()).containsExactly(CART);
    }

    private void push(int image, Repository... repositories) {
        for (Repository repository : repositories) {
            archive.apply(pushed(repository, "i" + image, digest(image), 1));
        }
        archive.save(alpine(digest(image)));
    }

    @Test
    void aGroundInManyRepositoriesNamesTheFirstAndCountsAll() {
        int repositories = StandsOn.MAX_REPOSITORIES + 7;
        for (int n = repositories; n > 0; n--) {
            push(1, Repository.parse(String.format("registry.example.com/team%03d", n)));
        }
        StandsOn group = queries.count(clock).standsOn().get(0);
        assertThat(group.images()).isEqualTo(1);
        assertThat(group.compressedBytes()).isEqualTo(1000);
        assertThat(group.repositoryCount()).isEqualTo(repositories);
        assertThat(group.repositories()).hasSize(StandsOn.MAX_REPOSITORIES);
        assertThat(group.repositories().get(0)).hasToString("registry.example.com/team001");
        assertThat(group.repositories().get(99)).hasToString("registry.example.com/team100");
    }

    @Test
    void tagsOfAnImageAreInTheirNamesOrderWhateverOrderTheyCameIn() {
        List<String> names = List.of(CART + ":1.0", SHOP + ":1.0", SHOP + ":1.0-rc", SHOP + ":a", SHOP + ":b");
        for (int order = 0; order < 2; order++) {
            Digest image = digest(order + 1);
            List<String> arriving = new ArrayList<>(names);
            if (order == 0) {
                Collections.reverse(arriving);
            }
            for (String name : arriving) {
                int colon = name.lastIndexOf(':');
                archive.apply(pushed(
                        Repository.parse(name.substring(0, colon)), name.substring(colon + 1), image, order + 1));
            }
            assertThat(queries.images(ImageFilter.all(), null, 10).images().stream()
                            .filter(each -> each.digest().equals(image))
                            .findFirst()
                            .orElseThrow()
                            .tags())
                    .extracting(Object::toString)
                    .containsExactlyElementsOf(names);
            assertThat(queries.image(image).orElseThrow().tags())
                    .extracting(Object::toString)
                    .containsExactlyElementsOf(names);
        }
    }

    @Test
    void platformsOfAnIndexHaveAllTheirTagsWhereverTheyStandOnAPage() {
        archive.apply(pushed(SHOP, "alone", digest(1), 1));
        // One tag leads to the first and to the last image of the page.
        archive.apply(pushed(SHOP, "both", digest(900), digest(1), Fleet.AMD64, 1));
        archive.apply(pushed(SHOP, "both", digest(900), digest(60), Fleet.ARM64, 1));
        for (int n = 2; n < 60; n++) {
            archive.apply(pushed(CART, "t" + n, digest(n), 1));
        }

        List<ImageSummary> page = queries.images(ImageFilter.all(), null, 100).images();
        assertThat(page).hasSize(60);
        assertThat(page.get(0).tags().stream().map(ImageReference::tag)).containsExactly("alone", "both");
        assertThat(page.get(0).tagCount()).isEqualTo(2);
        assertThat(page.get(59).tagCount()).isEqualTo(1);
    }

    @Test
    void anImageWithMoreTagsThanAreShownCountsThemAllAndPagesThroughThem() {
        int tags = StoredImage.MAX_TAGS + 5;
        for (int n = 0; n < tags; n++) {
            archive.apply(pushed(SHOP, String.format("c%05d", n), digest(1), 1));
        }
        archive.apply(pushed(CART, "1", digest(2), 1));
        StoredImage image = queries.image(digest(1)).orElseThrow();
        assertThat(image.tagCount()).isEqualTo(tags);
        assertThat(image.tags()).hasSize(StoredImage.MAX_TAGS);
        assertThat(image.tags().get(0)).hasToString(SHOP + ":c00000");
        List<ImageSummary> page = queries.images(ImageFilter.all(), null, 10).images();
        assertThat(page.get(0).tagCount()).isEqualTo(tags);
        assertThat(page.get(0).tags()).hasSize(ImageSummary.MAX_TAGS);
        assertThat(page.get(0).tags().get(0)).hasToString(SHOP + ":c00000");
        assertThat(page.get(1).tags()).extracting(Object::toString).containsExactly(CART + ":1");

        List<String> all = new ArrayList<>();
        String after = null;
        do {
            TagPage some = queries.tags(new TagFilter(null, null, digest(1)), after, 300);
            some.tags().forEach(tag -> all.add(tag.tag()));
            after = some.next();
        } while (after != null);
        assertThat(all).hasSize(tags).isSorted().doesNotHaveDuplicates();
    }

    private List<Digest> images(ImageFilter filter) {
        List<Digest> all = new ArrayList<>();
        String after = null;
        do {
            ImagePage page = queries.images(filter, after, 2);
            assertThat(page.images()).hasSizeLessThanOrEqualTo(2);
            page.images().forEach(image -> all.add(image.digest()));
            after = page.next();
        } while (after != null);
        return all;
    }

    @Test
    void filtersImages() {
        fill();
        assertThat(images(ImageFilter.all())).containsExactly(digest(1), digest(2), digest(3), digest(4), digest(5));
        assertThat(images(new ImageFilter("other.example.com", null, null, null, null, null)))
                .containsExactly(digest(3), digest(4));
        assertThat(images(new ImageFilter(null, SHOP, null, null, null, null))).containsExactly(digest(1), digest(2));
        assertThat(images(new ImageFilter(null, null, "debian", null, null, null)))
                .containsExactly(digest(2), digest(3));
        assertThat(images(new ImageFilter(null, SHOP, "debian", "12", null, null)))
                .containsExactly(digest(2));
        assertThat(images(new ImageFilter(null, null, "debian", "11", null, null)))
                .isEmpty();
        assertThat(images(new ImageFilter(null, null, null, null, Libc.Family.MUSL, null)))
                .containsExactly(digest(1));
        assertThat(images(new ImageFilter(null, null, null, null, null, ImageFilter.State.PENDING)))
                .containsExactly(digest(5));
        assertThat(images(new ImageFilter(null, null, null, null, null, ImageFilter.State.UNSCANNABLE)))
                .containsExactly(digest(4));
        assertThat(images(new ImageFilter("registry.example.com:5000", OTHER, null, null, null, null)))
                .isEmpty();
    }

    @Test
    void imagesOfNoKnownDistributionAreThoseThatAreCountedSo() {
        fill();
        ImageFilter unknown = new ImageFilter(null, null, FleetSummary.UNKNOWN, null, null, null);
        assertThat(images(unknown)).containsExactly(digest(4));
        assertThat(queries.count(clock).summary().byDistro()).containsEntry(FleetSummary.UNKNOWN, 1L);
        assertThat(images(new ImageFilter(OTHER.registry(), null, FleetSummary.UNKNOWN, null, null, null)))
                .containsExactly(digest(4));
        assertThat(images(new ImageFilter(SHOP.registry(), null, FleetSummary.UNKNOWN, null, null, null)))
                .isEmpty();
        assertThat(images(new ImageFilter(null, null, FleetSummary.UNKNOWN, null, null, ImageFilter.State.COMPLETE)))
                .isEmpty();
        assertThat(queries.images(unknown, digest(4).toString(), 10).images()).isEmpty();
    }

    @Test
    void aLineOfTheListHasWhatATableNeeds() {
        fill();
        ImageSummary image = queries.images(ImageFilter.all(), null, 1).images().get(0);
        assertThat(image.status()).isEqualTo(AnalysisStatus.COMPLETE);
        assertThat(image.platform()).isEqualTo(Fleet.AMD64);
        assertThat(image.libc()).isEqualTo(Libc.Family.MUSL);
        assertThat(image.tagCount()).isEqualTo(3);
        assertThat(image.tags()).hasSize(3);
        assertThat(image.compressedBytes()).isEqualTo(1000);

        ImageSummary pending = queries.images(ImageFilter.all(), digest(4).toString(), 1)
                .images()
                .get(0);
        assertThat(pending.status()).isNull();
        assertThat(pending.libc()).isNull();
        assertThat(pending.compressedBytes()).isNull();
    }

    @Test
    void showsAnImageWithItsAnalysisAndTags() {
        fill();
        StoredImage image = queries.image(digest(1)).orElseThrow();
        assertThat(image.analysis()).isEqualTo(alpine(digest(1)));
        assertThat(image.tags())
                .hasToString("[registry.example.com:5000/team/cart:1.0,"
                        + " registry.example.com:5000/team/shop:1.0, registry.example.com:5000/team/shop:latest]");
        assertThat(queries.image(digest(6)).orElseThrow().tags()).isEmpty();
    }

    @Test
    void pagesThroughTags() {
        fill();
        List<String> names = new ArrayList<>();
        String after = null;
        do {
            TagPage page = queries.tags(TagFilter.all(), after, 4);
            page.tags().forEach(tag -> names.add(tag.repository() + ":" + tag.tag()));
            after = page.next();
        } while (after != null);
        assertThat(names)
                .containsExactly(
                        "other.example.com/shop:1.0",
                        "other.example.com/shop:broken",
                        "registry.example.com:5000/team/cart:1.0",
                        "registry.example.com:5000/team/cart:new",
                        "registry.example.com:5000/team/shop:1.0",
                        "registry.example.com:5000/team/shop:2.0",
                        "registry.example.com:5000/team/shop:latest");
        assertThat(queries.tags(new TagFilter(null, CART), null, 10).tags()).hasSize(2);
        assertThat(queries.tags(new TagFilter("other.example.com", null), null, 10)
                        .tags())
                .hasSize(2);
    }

    @Test
    void countsTagsAndImagesOfRepositories() {
        fill();
        RepositoryPage first = queries.repositories(null, null, 2);
        assertThat(first.repositories())
                .containsExactly(new RepositorySummary(OTHER, 2, 2), new RepositorySummary(CART, 2, 2));
        RepositoryPage second = queries.repositories(null, first.next(), 2);
        assertThat(second.repositories()).containsExactly(new RepositorySummary(SHOP, 3, 2));
        assertThat(second.next()).isNull();
        assertThat(queries.repositories("other.example.com", null, 10).repositories())
                .hasSize(1);
    }

    @Test
    void aLimitIsAtLeastOneAndIsCutAtTheTop() {
        fill();
        assertThatThrownBy(() -> queries.images(ImageFilter.all(), null, 0)).hasMessage("limit 0 is less than 1");
        assertThat(queries.images(ImageFilter.all(), null, Integer.MAX_VALUE).images())
                .hasSize(5);
    }
}
