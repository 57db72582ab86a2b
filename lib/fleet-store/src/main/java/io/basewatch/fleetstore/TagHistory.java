package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagMoved;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * What became of each tag and when: one document for each time that one came, went or was moved, told to {@link ImageArchive}. What happened before this was kept is known as far as
 * the tag's own document says it.
 */
public final class TagHistory {

    static final String COLLECTION = "tag_changes";

    private static final String AT = "at";
    private static final String IMAGES = "images";

    /** Field of a tag: the key of its last change. */
    static final String CHANGE = "change";

    private static final int PAGE = 1000;

    private static final List<String> TAG = List.of("digest", IMAGES, "removed", "revision", "changed", CHANGE);

    private final MongoTemplate mongo;
    private final MongoTemplate patient;

    TagHistory(MongoTemplate template) {
        this.mongo = FleetDatabase.durable(template);
        this.patient = FleetDatabase.patient(template);
    }

    /** What became of a tag. */
    public enum Kind {
        /** It is there, and was not before. */
        CAME,
        /** It points at another digest than before. */
        MOVED,
        WENT;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * One change of one tag.
     *
     * @param key the same for the same change; in the order of it and {@code at} come changes of one moment
     * @param at when the watcher saw it
     * @param from what the tag pointed at before; null when it was not there
     * @param to what it points at since; null when it is gone
     * @param images that it leads to since, one for each platform
     * @param before images that it led to before
     */
    public record Change(
            String key,
            Instant at,
            Repository repository,
            String tag,
            Kind kind,
            @Nullable Digest from,
            @Nullable Digest to,
            List<Digest> images,
            List<Digest> before) {

        public Change {
            images = List.copyOf(images);
            before = List.copyOf(before);
        }
    }

    /** The place behind a change, in the order of changes. */
    public record Place(Instant at, String key) {}

    /**
     * Keeps what an event changes, before it is taken in: so that it is known from what. An event that changes nothing, or is older than what is known, keeps nothing.
     *
     * @param id of the tag
     * @return the key of what was kept, to be told to the tag with the event itself; null for nothing
     */
    @Nullable
    String note(String id, ImageEvent event) {
        Query tag = new Query(where("_id").is(id));
        tag.fields().include(TAG.toArray(String[]::new));
        Document before = mongo.findOne(tag, Document.class, FleetDatabase.TAGS);
        long known = before == null ? -1 : FleetDatabase.number(before, "revision");
        if (event.revision() < known) {
            return null;
        }
        boolean wasThere = before != null && !before.getBoolean("removed", false);
        Digest to = to(event);
        boolean isNews = event.revision() > known
                && (to == null
                        ? wasThere
                        : !wasThere
                                || !to.toString()
                                        .equals(Objects.requireNonNull(before).getString("digest")));
        if (isNews) {
            return insert(id, event, before, wasThere, to);
        }
        String last = before == null ? null : before.getString(CHANGE);
        if (last != null && event instanceof ImagePushed pushed) {
            // Another platform of the same, or the same again by somebody who was cut short before.
            mongo.updateFirst(
                    new Query(where("_id")
                            .is(last)
                            .and("to")
                            .is(pushed.tagDigest().toString())),
                    new Update().addToSet(IMAGES, pushed.digest().toString()),
                    COLLECTION);
        }
        return null;
    }

    private static @Nullable Digest to(ImageEvent event) {
        if (event instanceof ImagePushed pushed) {
            return pushed.tagDigest();
        }
        return event instanceof TagMoved moved ? moved.to() : null;
    }

    private String insert(
            String id, ImageEvent event, @Nullable Document before, boolean wasThere, @Nullable Digest to) {
        Kind kind = event instanceof TagRemoved ? Kind.WENT : wasThere ? Kind.MOVED : Kind.CAME;
        Update update =
                new Update().setOnInsert(AT, FleetDatabase.date(event.time())).setOnInsert("kind", kind.toString());
        if (to != null) {
            update.setOnInsert("to", to.toString());
        }
        if (before != null) {
            // Since when it was as it was before; of one that is back, since when it was gone.
            update.setOnInsert("since", before.get("changed"));
            if (wasThere) {
                update.setOnInsert("from", before.getString("digest")).setOnInsert("before", before.get(IMAGES));
            }
        }
        if (event instanceof ImagePushed pushed) {
            update.addToSet(IMAGES, pushed.digest().toString());
        }
        String key = key(id, event.revision());
        Query same = new Query(where("_id").is(key));
        try {
            mongo.upsert(same, update, COLLECTION);
        } catch (DuplicateKeyException e) {
            mongo.updateFirst(same, update, COLLECTION);
        }
        return key;
    }

    private static String key(String tagId, long revision) {
        return tagId + "#" + String.format(Locale.ROOT, "%016x", revision);
    }

    /**
     * Changes in the order of time, and of their keys.
     *
     * @param to exclusive
     * @param kinds that are wanted
     * @param after the last change seen; null to begin
     */
    public List<Change> page(Instant from, Instant to, Set<Kind> kinds, @Nullable Place after, int limit) {
        List<Change> page = new ArrayList<>();
        Instant behind = from;
        if (after != null && !after.at().isBefore(from)) {
            read(
                    new Criteria()
                            .andOperator(
                                    of(kinds),
                                    where(AT)
                                            .is(FleetDatabase.date(after.at()))
                                            .and("_id")
                                            .gt(after.key())),
                    limit,
                    page::add);
            behind = after.at().plusMillis(1);
        }
        if (page.size() < limit && behind.isBefore(to)) {
            Criteria rest = where(AT).gte(Date.from(behind)).lt(Date.from(to));
            read(new Criteria().andOperator(of(kinds), rest), limit - page.size(), page::add);
        }
        return page;
    }

    private static Criteria of(Set<Kind> kinds) {
        return where("kind").in(kinds.stream().map(Kind::toString).toList());
    }

    /** Since when changes are kept, to the first of those that are; null while there is none. */
    public @Nullable Instant first() {
        // Said so that the index of it is used.
        Query all = new Query(where(AT).gte(Date.from(Instant.EPOCH)));
        Document first = mongo.findOne(all.with(Sort.by(AT, "_id")).limit(1), Document.class, COLLECTION);
        return first == null ? null : FleetDatabase.instant(first, AT);
    }

    private void read(Criteria criteria, int limit, Consumer<Change> taker) {
        patient.find(new Query(criteria).with(Sort.by(AT, "_id")).limit(limit), Document.class, COLLECTION)
                .forEach(change -> taker.accept(change(change)));
    }

    private static Change change(Document change) {
        String key = change.getString("_id");
        String id = key.substring(0, key.lastIndexOf('#'));
        int colon = id.lastIndexOf(':');
        String from = change.getString("from");
        String to = change.getString("to");
        return new Change(
                key,
                Objects.requireNonNullElse(FleetDatabase.instant(change, AT), Instant.EPOCH),
                Repository.parse(id.substring(0, colon)),
                id.substring(colon + 1),
                Kind.valueOf(change.getString("kind").toUpperCase(Locale.ROOT)),
                from == null ? null : Digest.parse(from),
                to == null ? null : Digest.parse(to),
                FleetDatabase.digests(change, IMAGES),
                FleetDatabase.digests(change, "before"));
    }

    /**
     * A tag led to these images from one moment on until another.
     *
     * @param since null when it always did as far as is known
     * @param until null when it still does
     */
    public record Stay(
            Repository repository,
            List<Digest> images,
            @Nullable Instant since,
            @Nullable Instant until) {

        public Stay {
            images = List.copyOf(images);
        }
    }

    /** Takes what is known of all tags, one after the other. */
    public interface Taker {
        /**
         * @param known since when all of this tag's past is known; null when that is all there ever was
         * @param stays in the order of time
         */
        void take(@Nullable Instant known, List<Stay> stays);
    }

    /** The whole past of all tags, as far as it is known; both collections are gone through once, in the order of tags. */
    public void forEachTag(Taker taker) {
        Rows tags = new Rows(FleetDatabase.TAGS);
        Rows changes = new Rows(COLLECTION);
        while (tags.peek() != null || changes.peek() != null) {
            String tag = tags.peek() == null ? null : id(tags.peek());
            String changed = changes.peek() == null ? null : tagOf(id(changes.peek()));
            String next = tag == null || (changed != null && changed.compareTo(tag) < 0) ? changed : tag;
            String now = Objects.requireNonNull(next);
            Document there = now.equals(tag) ? tags.take() : null;
            List<Document> all = new ArrayList<>();
            // A tag's name has nothing that comes before '#': so its changes are one after the other, in the order of
            // revisions.
            while (changes.peek() != null && tagOf(id(changes.peek())).equals(now)) {
                all.add(changes.take());
            }
            ofTag(Repository.parse(now.substring(0, now.lastIndexOf(':'))), there, all, taker);
        }
    }

    private static String id(Document document) {
        return document.getString("_id");
    }

    private static String tagOf(String key) {
        return key.substring(0, key.lastIndexOf('#'));
    }

    /** All documents of a collection in the order of their ids, of which few are held at a time. */
    private final class Rows {

        private final String collection;
        private List<Document> page = List.of();
        private int at;
        private @Nullable String after = "";

        Rows(String collection) {
            this.collection = collection;
        }

        /** The next one; null at the end. */
        @Nullable
        Document peek() {
            if (at == page.size() && after != null) {
                page = patient.find(
                        new Query(where("_id").gt(after)).with(Sort.by("_id")).limit(PAGE), Document.class, collection);
                at = 0;
                after = page.size() < PAGE ? null : id(page.get(PAGE - 1));
            }
            return at < page.size() ? page.get(at) : null;
        }

        Document take() {
            Document next = Objects.requireNonNull(peek());
            at++;
            return next;
        }
    }

    private static void ofTag(Repository place, @Nullable Document tag, List<Document> changes, Taker taker) {
        List<Stay> stays = new ArrayList<>();
        if (changes.isEmpty()) {
            Document now = Objects.requireNonNull(tag);
            Instant changed = FleetDatabase.instant(now, "changed");
            if (!now.getBoolean("removed", false)) {
                stays.add(new Stay(place, FleetDatabase.digests(now, IMAGES), changed, null));
            }
            taker.take(changed == null ? Instant.MAX : changed, stays);
            return;
        }
        Document first = changes.get(0);
        Instant known = FleetDatabase.instant(first, "since");
        if (first.get("from") != null) {
            stays.add(new Stay(place, FleetDatabase.digests(first, "before"), known, FleetDatabase.instant(first, AT)));
        }
        for (int n = 0; n < changes.size(); n++) {
            Document change = changes.get(n);
            if (change.get("to") != null) {
                stays.add(new Stay(
                        place,
                        FleetDatabase.digests(change, IMAGES),
                        FleetDatabase.instant(change, AT),
                        n + 1 < changes.size() ? FleetDatabase.instant(changes.get(n + 1), AT) : null));
            }
        }
        taker.take(known, stays);
    }

    /** Forgets what is older; of each tag the rest still says how it was from its first change on. */
    long removeBefore(Instant time) {
        return patient.remove(new Query(where(AT).lt(Date.from(time))), COLLECTION)
                .getDeletedCount();
    }
}
