package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import com.mongodb.client.model.InsertManyOptions;
import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Repository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bson.BsonDocument;
import org.bson.Document;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An image that every build tags anew. */
class ManyTagsTest {

    private static final Repository SHOP =
            Repository.parse("registry.example.com:5000/" + "teams-with-many-builds/".repeat(10) + "shop");

    /** With names as long as these no document could hold them all: 16 MiB are the most. */
    private static final int TAGS = 50_000;

    private static final String IMAGE = Fleet.digest(1).toString();

    @TempDir
    Path folder;

    private static String tag(int n) {
        return String.format("build-%06d-%s", n, "0123456789abcdef".repeat(7));
    }

    private static void insertTags(FleetStore store, int from, int to) {
        List<Document> tags = new ArrayList<>();
        for (int n = from; n < to; n++) {
            tags.add(new Document("_id", SHOP + ":" + tag(n))
                    .append("registry", SHOP.registry())
                    .append("repository", SHOP.toString())
                    .append("tag", tag(n))
                    .append("digest", IMAGE)
                    .append("images", List.of(IMAGE))
                    .append("led", List.of(IMAGE))
                    .append("revision", 1L)
                    .append("changed", Date.from(Fleet.NOON))
                    .append("removed", false));
        }
        store.mongo().getCollection("tags").insertMany(tags, new InsertManyOptions().ordered(false));
    }

    /** Of twenty times: a busy machine makes some of them slow, not all. */
    private static Duration fastest(int from, IntConsumer tag) {
        return IntStream.range(from, from + 20)
                .mapToObj(n -> {
                    long start = System.nanoTime();
                    tag.accept(n);
                    return Duration.ofNanos(System.nanoTime() - start);
                })
                .min(Comparator.naturalOrder())
                .orElseThrow();
    }

    @Test
    void anImageWithMoreTagsThanADocumentHoldsIsAsSmallAndAsFastAsAnyOther() {
        try (EmbeddedStore engine = EmbeddedStore.start(folder.resolve("store"));
                FleetStore store = FleetStore.connect(engine.connectionString())) {
            ImageArchive archive = store.imageArchive();
            Duration asFastAsAnyOther =
                    fastest(0, n -> archive.apply(Fleet.pushed(Fleet.CART, tag(n), Fleet.digest(2), 1)));
            for (int n = 0; n < 20; n++) {
                archive.apply(Fleet.removed(Fleet.CART, tag(n), Fleet.digest(2), 2));
            }
            archive.apply(Fleet.pushed(SHOP, tag(0), Fleet.digest(1), 1));
            for (int from = 1; from < TAGS - 20; from += 2000) {
                insertTags(store, from, Math.min(from + 2000, TAGS - 20));
            }

            assertThat(fastest(TAGS - 20, n -> archive.apply(Fleet.pushed(SHOP, tag(n), Fleet.digest(1), 1))))
                    .isLessThan(asFastAsAnyOther.multipliedBy(20));
            BsonDocument image = store.mongo()
                    .getCollection("images")
                    .find(new Document("_id", IMAGE), BsonDocument.class)
                    .first();
            assertThat(image.toJson().length()).isLessThan(1000);

            StoredImage stored = store.queries().image(Fleet.digest(1)).orElseThrow();
            assertThat(stored.tagCount()).isEqualTo(TAGS);
            assertThat(stored.tags()).hasSize(StoredImage.MAX_TAGS);
            int seen = 0;
            String last = "";
            String after = null;
            do {
                TagPage page = store.queries().tags(new TagFilter(null, null, Fleet.digest(1)), after, 1000);
                for (StoredTag tag : page.tags()) {
                    assertThat(tag.tag()).isGreaterThan(last);
                    last = tag.tag();
                    seen++;
                }
                after = page.next();
            } while (after != null);
            assertThat(seen).isEqualTo(TAGS);

            // All are removed; the last three by events.
            for (int from = 0; from < TAGS - 3; from += 20_000) {
                int to = Math.min(from + 20_000, TAGS - 3);
                FleetDatabase.patient(store.mongo())
                        .getCollection("tags")
                        .updateMany(
                                new Document(
                                        "_id",
                                        new Document("$gte", SHOP + ":" + tag(from))
                                                .append("$lt", SHOP + ":" + tag(to))),
                                new Document("$set", new Document("images", List.of()).append("removed", true)));
            }
            for (int n = TAGS - 3; n < TAGS; n++) {
                assertThat(store.queries().images(ImageFilter.all(), null, 10).images())
                        .hasSize(1);
                archive.apply(Fleet.removed(SHOP, tag(n), Fleet.digest(1), 2));
            }
            assertThat(store.queries().images(ImageFilter.all(), null, 10).images())
                    .isEmpty();
            assertThat(store.queries().image(Fleet.digest(1)).orElseThrow().tagCount())
                    .isZero();
        }
    }
}
