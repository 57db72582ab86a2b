package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Sort;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.mongodb.core.query.Query;
import org.springframework.data.mongodb.core.query.Update;

/**
 * Removes what nothing leads to any more: images without a tag, their analyses and judgements, tags that are gone, claims that are over. Each removal looks once more at what it removes, in
 * one step, so that what came back meanwhile stays; may be cut short at any point, and done by several at once.
 *
 * <p>Layer facts stay: an image that comes back, and each newer analyzer, are served from them without asking the registry.
 */
final class Housekeeping {

    /**
     * A tag that is gone is remembered so long at least, whatever the retention: its revision is what keeps out an older event that comes late, and Kafka keeps events for a week
     * unless it is told otherwise.
     */
    private static final Duration TAGS_REMEMBERED = Duration.ofDays(30);

    /** Far longer than any lease. */
    private static final Duration CLAIMS_KEPT = Duration.ofDays(1);

    /** What became of tags is told so far back at least. */
    private static final Duration CHANGES_KEPT = Duration.ofDays(3 * 366);

    private static final int PAGE = 500;

    private static final String UNTAGGED_AT = "untaggedAt";

    private final MongoTemplate mongo;
    private final Clock clock;

    Housekeeping(MongoTemplate template, Clock clock) {
        this.mongo = FleetDatabase.patient(template);
        this.clock = clock;
    }

    /** How many of each were removed. */
    record Removed(long images, long tags, long claims) {

        boolean isNothing() {
            return images + tags + claims == 0;
        }
    }

    /**
     * @param retention how long an image that no tag leads to is kept, from when this first saw it so
     */
    Removed removeUnused(Duration retention) throws InterruptedException {
        Instant now = clock.instant();
        new TagHistory(mongo).removeBefore(now.minus(CHANGES_KEPT));
        return new Removed(images(now, retention), tags(now, retention), claims(now));
    }

    private long images(Instant now, Duration retention) throws InterruptedException {
        mongo.updateMulti(
                new Query(where(FleetDatabase.LED_TO)
                        .exists(false)
                        .orOperator(
                                where(UNTAGGED_AT).exists(false),
                                where(UNTAGGED_AT).gt(Clocks.latest(clock)))),
                new Update().set(UNTAGGED_AT, FleetDatabase.date(now)),
                FleetDatabase.IMAGES);
        mongo.updateMulti(
                new Query(where(FleetDatabase.LED_TO)
                        .exists(true)
                        .and(UNTAGGED_AT)
                        .exists(true)),
                new Update().unset(UNTAGGED_AT),
                FleetDatabase.IMAGES);
        Instant before = now.minus(retention);
        long removed = 0;
        for (List<String> page = page(null, unused(before), FleetDatabase.IMAGES);
                !page.isEmpty();
                page = page(page.get(page.size() - 1), unused(before), FleetDatabase.IMAGES)) {
            for (String image : page) {
                removed += forget(image, before) ? 1 : 0;
            }
        }
        return removed;
    }

    private static Criteria unused(Instant before) {
        return new Criteria()
                .andOperator(
                        where(FleetDatabase.LED_TO).exists(false),
                        where(UNTAGGED_AT).lte(Date.from(before)));
    }

    /**
     * First the image is no longer said to be analysed, then its analysis and its judgement go, then itself: a tag that comes to lead here in between finds an image that has to be analysed, and
     * whatever is cut short is found again by the next pass.
     */
    private boolean forget(String image, Instant before) {
        Document analysis = mongo.findById(image, Document.class, FleetDatabase.ANALYSES);
        Document judgement = mongo.findById(image, Document.class, FleetDatabase.JUDGEMENTS);
        Query unused = new Query(where("_id").is(image)).addCriteria(unused(before));
        Update unanalyzed = new Update()
                .set("status", FleetDatabase.PENDING)
                .unset("analyzerVersion")
                .unset("rank")
                .unset("final")
                .unset("decidedAt")
                .unset(JudgementArchive.JUDGED)
                .unset(JudgementArchive.CAVEATS)
                .inc("turn", 1L);
        if (mongo.updateFirst(unused, unanalyzed, FleetDatabase.IMAGES).getMatchedCount() == 0) {
            return false;
        }
        if (analysis != null) {
            // Only the one that was there before: a newer one belongs to an image that came back.
            mongo.remove(
                    new Query(where("_id").is(image).and("turn").is(analysis.get("turn"))), FleetDatabase.ANALYSES);
        }
        if (judgement != null) {
            JudgementArchive.remove(mongo, image, judgement);
        }
        Query stillUnused =
                new Query(where("_id").is(image).and("analyzerVersion").exists(false)).addCriteria(unused(before));
        return mongo.remove(stillUnused, FleetDatabase.IMAGES).getDeletedCount() > 0;
    }

    /**
     * What the analyzer knows of a tag first, and only then what the watcher does, which begins anew at revision 1: nothing may be left that knows a higher one. Before a tag is
     * forgotten it is said up to when: an older event that comes still later is not believed of a tag that nobody knows.
     */
    private long tags(Instant now, Duration retention) throws InterruptedException {
        Instant before = now.minus(retention.compareTo(TAGS_REMEMBERED) > 0 ? retention : TAGS_REMEMBERED);
        Criteria gone = where("removed").is(true).and("changed").lte(Date.from(before));
        long removed = 0;
        for (List<String> page = page(null, gone, FleetDatabase.TAGS);
                !page.isEmpty();
                page = page(page.get(page.size() - 1), gone, FleetDatabase.TAGS)) {
            TagHorizon.raise(mongo, before, clock);
            removed += remove(page, gone, FleetDatabase.TAGS);
        }
        Criteria told = where("removed")
                .is(true)
                .and("removedAt")
                .lte(Date.from(before))
                .and("pending")
                .exists(false);
        for (List<String> page = page(null, told, FleetDatabase.WATCH_TAGS);
                !page.isEmpty();
                page = page(page.get(page.size() - 1), told, FleetDatabase.WATCH_TAGS)) {
            Set<String> known = new HashSet<>(ids(new Query(where("_id").in(page)), FleetDatabase.TAGS));
            remove(page.stream().filter(tag -> !known.contains(tag)).toList(), told, FleetDatabase.WATCH_TAGS);
        }
        return removed;
    }

    private long claims(Instant now) throws InterruptedException {
        Criteria over = where("until").lte(Date.from(now.minus(CLAIMS_KEPT)));
        long removed = 0;
        for (List<String> page = page(null, over, FleetDatabase.LAYER_CLAIMS);
                !page.isEmpty();
                page = page(page.get(page.size() - 1), over, FleetDatabase.LAYER_CLAIMS)) {
            removed += remove(page, over, FleetDatabase.LAYER_CLAIMS);
        }
        return removed;
    }

    private long remove(List<String> ids, Criteria still, String collection) {
        return mongo.remove(new Query(new Criteria().andOperator(where("_id").in(ids), still)), collection)
                .getDeletedCount();
    }

    /** The ids after the last one of the page before, of those that match; small pages, so that others get their turn in between. */
    private List<String> page(@Nullable String after, Criteria matching, String collection)
            throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        Query query = new Query(new Criteria().andOperator(where("_id").gt(after == null ? "" : after), matching))
                .with(Sort.by("_id"))
                .limit(PAGE);
        return ids(query, collection);
    }

    private List<String> ids(Query query, String collection) {
        query.fields().include("_id");
        List<String> ids = new ArrayList<>();
        for (Document found : mongo.find(query, Document.class, collection)) {
            ids.add(found.getString("_id"));
        }
        return ids;
    }
}
