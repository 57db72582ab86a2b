package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.Former;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/** What tags led to before, as their documents keep it: the layers of the last few images, which may be gone. */
final class Formers {

    /** Field of a tag: the oldest first. */
    static final String FIELD = "formers";

    /** How often it was written. */
    private static final String TURN = "formerTurn";

    /** Of one tag: one that moves each night, on four platforms, has those of the last four nights. */
    private static final int KEPT = 16;

    private final MongoTemplate mongo;

    Formers(MongoTemplate mongo) {
        this.mongo = mongo;
    }

    /**
     * A tag leads no longer to an image, whose document says so already: from now on the tag only remembers.
     *
     * @param revision of the tag as of which the image's document was brought to say so; once the tag is newer it may have led there and away again meanwhile, and who made it so sees to it
     */
    void leave(String tag, String image, long revision) {
        Query query = new Query(where("_id").is(image));
        query.fields().include("platform", "status", LineageLine.FIELD);
        Document line = mongo.findOne(query, Document.class, FleetDatabase.IMAGES);
        Document former = line == null ? null : former(line);
        while (true) {
            Document there = mongo.findById(tag, Document.class, FleetDatabase.TAGS);
            if (there == null
                    || FleetDatabase.number(there, "revision") != revision
                    || there.getList("images", String.class, List.of()).contains(image)
                    || !there.getList("led", String.class, List.of()).contains(image)) {
                return;
            }
            // The image no longer names the repository, so the tag does.
            Update update = RepositorySummaries.mark(new Update()).pull("led", image);
            if (former != null) {
                update.set(FIELD, with(there, former)).inc(TURN, 1L);
            }
            Query unchanged = new Query(where("_id")
                    .is(tag)
                    .and("revision")
                    .is(revision)
                    .and("images")
                    .ne(image)
                    .and(TURN)
                    .is(there.get(TURN)));
            if (mongo.updateFirst(unchanged, update, FleetDatabase.TAGS).getMatchedCount() > 0) {
                return;
            }
        }
    }

    /** Null for an image of which no layers are known, or not all of them. */
    private static @Nullable Document former(Document line) {
        ImageAnalysis.Chain chain = FleetDatabase.PENDING.equals(line.getString("status"))
                ? null
                : LineageLine.of(line).orElse(LineageLine.NONE).chain();
        if (chain == null) {
            return null;
        }
        Document former = new Document("image", line.getString("_id"))
                .append("chain", chain.id().toString());
        if (chain.claimed()) {
            former.append("claimed", true);
        }
        return line.getString("platform") == null ? former : former.append("platform", line.getString("platform"));
    }

    private static List<Document> with(Document tag, Document former) {
        List<Document> formers = new ArrayList<>(tag.getList(FIELD, Document.class, List.of()));
        formers.removeIf(each -> Objects.equals(each.getString("image"), former.getString("image")));
        formers.add(former.append("until", tag.get("changed")));
        return formers.subList(Math.max(0, formers.size() - KEPT), formers.size());
    }

    static List<Former> of(Document tag) {
        List<Former> formers = new ArrayList<>();
        for (Document former : tag.getList(FIELD, Document.class, List.of())) {
            String platform = former.getString("platform");
            formers.add(new Former(
                    tag.getString("tag"),
                    Digest.parse(former.getString("image")),
                    Digest.parse(former.getString("chain")),
                    former.getBoolean("claimed", false),
                    platform == null ? null : Platform.parse(platform),
                    FleetDatabase.instant(former, "until")));
        }
        return formers;
    }
}
