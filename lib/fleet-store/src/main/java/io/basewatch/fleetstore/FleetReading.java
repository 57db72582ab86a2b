package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.RepositorySummaries.Turned;
import io.basewatch.lineage.Former;
import io.basewatch.lineage.Member;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoTemplate;

/**
 * The fleet, read repository by repository, and again whatever has changed: for whoever keeps something of it in memory. It remembers what it has read, so each reader has one of its own.
 * Not thread-safe.
 *
 * <p>What changes a tag or an image makes its repositories be counted anew (see {@link RepositorySummaries}), and each count has a new number: a repository whose number is the one that was
 * there before it was read is as it was read. One that was read while it changed is read again.
 */
public final class FleetReading {

    private static final Duration REVIEWED_EVERY = Duration.ofSeconds(30);

    private static final int MAX_TOGETHER = 16;
    private static final int MAX_TAGS_TOGETHER = 5_000;

    private static final List<String> LINE = List.of(
            "in",
            "platform",
            "status",
            "distro",
            "version",
            "codename",
            "variant",
            "libc",
            "created",
            "analyzedAt",
            "bytes",
            JudgementArchive.CAVEATS,
            LineageLine.FIELD,
            LineageLine.LABELS,
            LineageLine.EFFORT,
            RepositorySummaries.MARKS);

    private static final List<String> TAG = List.of("repository", "tag", "digest", "images", "removed", Formers.FIELD);

    private final MongoTemplate patient;
    private final RepositorySummaries summaries;
    private final Map<String, Long> read = new HashMap<>();
    private final long pauseNanos;
    private long reviewedNanos;
    private volatile @Nullable AsOf asOf;

    FleetReading(MongoTemplate template) {
        this(template, REVIEWED_EVERY);
    }

    /** @param pause so long nothing that says that it has not changed is looked at */
    FleetReading(MongoTemplate template, Duration pause) {
        this.patient = FleetDatabase.patient(template);
        this.summaries = new RepositorySummaries(template);
        this.pauseNanos = pause.toNanos();
    }

    /**
     * What a repository holds.
     *
     * @param members by digest; empty where no tag leads to an image any more
     * @param formers what its tags led to before
     */
    public record Content(Repository repository, List<Member> members, List<Former> formers) {

        public Content {
            members = List.copyOf(members);
            formers = List.copyOf(formers);
        }
    }

    /** Takes what is read. */
    public interface Taker {
        /**
         * @param left how many more repositories are to be read now
         */
        void take(Content content, int left) throws InterruptedException;
    }

    /**
     * Reads all repositories that may have changed since they were read last, one after the other; all of them the first time. Whatever was stored before this was called is read when it
     * returns. While nothing changes it asks for three small documents; every half minute it looks nevertheless which repositories have been counted, and counts a few without a reason: a count
     * that is wrong by whatever accident is found so.
     *
     * @return how many there were
     * @throws RuntimeException whatever the store or the taker throws; what was taken before is not read again
     */
    public int readChanges(Taker taker) throws InterruptedException {
        AsOf before = asOf;
        long now = System.nanoTime();
        boolean isDue = before == null || now - reviewedNanos >= pauseNanos;
        if (before != null && !isDue && summaries.isStill(before)) {
            return 0;
        }
        if (isDue) {
            summaries.bringUpToDate();
        } else {
            summaries.catchUp();
        }
        // Nothing is left to count then unless it is marked right now: as long as it is not, this stays as of now.
        AsOf begun = summaries.settle();
        List<Turned> changed = new ArrayList<>();
        summaries.forEachTurn(turned -> {
            if (!Objects.equals(turned.turn(), read.get(turned.repository()))) {
                changed.add(turned);
            }
        });
        int left = changed.size();
        for (List<Turned> together : together(changed)) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            Map<String, Content> contents =
                    contents(together.stream().map(Turned::repository).toList());
            for (Turned each : together) {
                taker.take(Objects.requireNonNull(contents.get(each.repository())), --left);
                read.put(each.repository(), each.turn());
            }
        }
        asOf = begun;
        reviewedNanos = isDue ? now : reviewedNanos;
        return changed.size();
    }

    /**
     * A state of the fleet that was read wholly. Of a repository none of whose tags is marked as not counted, and whose tags were counted in no later count than this, it is the one of now: where
     * its tags lead.
     *
     * @param begun how many counts had begun
     * @param untold how many of them do not say what they counted: as an older version of this program does; with another number nothing is known of now
     * @param passes how often what was counted was marked as counted: as long as that is all, and nothing else is marked, all of the fleet is as it was then
     */
    public record AsOf(long begun, long untold, long passes) {}

    /** As of when all that was taken is whole; what was taken may be newer. Null before all was read once. Any thread may ask. */
    public @Nullable AsOf asOf() {
        return asOf;
    }

    /** Small repositories are asked for together: each question has its price. */
    private static List<List<Turned>> together(List<Turned> all) {
        List<List<Turned>> groups = new ArrayList<>();
        List<Turned> group = new ArrayList<>();
        long tags = 0;
        for (Turned each : all) {
            if (!group.isEmpty() && (group.size() == MAX_TOGETHER || tags + each.tags() > MAX_TAGS_TOGETHER)) {
                groups.add(group);
                group = new ArrayList<>();
                tags = 0;
            }
            group.add(each);
            tags += each.tags();
        }
        if (!group.isEmpty()) {
            groups.add(group);
        }
        return groups;
    }

    /** What one repository is read into. */
    private static final class Reading {
        private final Map<String, TreeSet<String>> tags = new HashMap<>();
        private final Map<String, TreeSet<Digest>> indexes = new HashMap<>();
        private final List<Former> formers = new ArrayList<>();
        private final List<Member> members = new ArrayList<>();

        void tag(Document tag) {
            formers.addAll(Formers.of(tag));
            if (tag.getBoolean("removed", false)) {
                return;
            }
            String digest = tag.getString("digest");
            for (String image : tag.getList("images", String.class, List.of())) {
                tags.computeIfAbsent(image, any -> new TreeSet<>()).add(tag.getString("tag"));
                if (!image.equals(digest)) {
                    indexes.computeIfAbsent(image, any -> new TreeSet<>()).add(Digest.parse(digest));
                }
            }
        }

        void image(Document image) {
            String digest = image.getString("_id");
            members.add(member(
                    image,
                    List.copyOf(tags.getOrDefault(digest, new TreeSet<>())),
                    List.copyOf(indexes.getOrDefault(digest, new TreeSet<>()))));
        }
    }

    private Map<String, Content> contents(List<String> repositories) {
        Map<String, Reading> readings = new HashMap<>();
        repositories.forEach(repository -> readings.put(repository, new Reading()));
        FleetDatabase.forEach(patient, FleetDatabase.TAGS, where("repository").in(repositories), TAG, tag -> {
            Reading reading = readings.get(tag.getString("repository"));
            if (reading != null) {
                reading.tag(tag);
            }
        });
        FleetDatabase.forEach(patient, FleetDatabase.IMAGES, where("in.r").in(repositories), LINE, image -> {
            for (Document place : image.getList("in", Document.class, List.of())) {
                Reading reading = readings.get(place.getString("r"));
                if (reading != null) {
                    reading.image(image);
                }
            }
        });
        Map<String, Content> contents = new HashMap<>();
        readings.forEach((repository, reading) ->
                contents.put(repository, new Content(Repository.parse(repository), reading.members, reading.formers)));
        return contents;
    }

    private static Member member(Document image, List<String> tags, List<Digest> indexes) {
        AnalysisStatus status = Ground.status(image.getString("status"));
        String platform = image.getString("platform");
        // What is left of an analysis that was forgotten says nothing.
        Document known = status == null ? new Document() : image;
        LineageLine line = LineageLine.of(known).orElse(LineageLine.NONE);
        String distro = known.getString("distro");
        return new Member(
                Digest.parse(image.getString("_id")),
                platform == null ? null : Platform.parse(platform),
                status,
                line.layers(),
                line.history(),
                distro == null
                        ? null
                        : new Member.Ground(
                                distro,
                                known.getString("version"),
                                known.getString("codename"),
                                known.getString("variant")),
                known.getString("libc") == null ? Libc.Family.UNKNOWN : Ground.libc(known.getString("libc")),
                FleetDatabase.instant(known, "created"),
                caveats(known),
                line.claim(),
                tags,
                indexes,
                LineageLine.labels(known),
                known.getString(LineageLine.EFFORT),
                line.packages(),
                line.files(),
                new Member.Kept(
                        FleetDatabase.number(image, RepositorySummaries.MARKS),
                        FleetDatabase.instant(known, "analyzedAt"),
                        FleetDatabase.numberOrNull(known, "bytes")));
    }

    static @Nullable List<Member.CaveatKey> caveats(Document image) {
        List<Document> keys = image.getList(JudgementArchive.CAVEATS, Document.class);
        return keys == null
                ? null
                : keys.stream()
                        .map(key -> new Member.CaveatKey(
                                key.getString("id"),
                                Caveat.Kind.parse(key.getString("kind")),
                                Caveat.Severity.parse(key.getString("severity"))))
                        .toList();
    }
}
