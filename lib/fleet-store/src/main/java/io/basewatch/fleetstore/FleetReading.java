package io.basewatch.fleetstore;

import static org.springframework.data.mongodb.core.query.Criteria.where;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lineage.Former;
import io.basewatch.lineage.Member;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.bson.Document;
import org.jspecify.annotations.Nullable;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.Criteria;

/**
 * The fleet, read repository by repository, and again whatever has changed: for whoever keeps something of it in memory. It remembers what it has read, so each reader has one of its own.
 * Not thread-safe.
 *
 * <p>What changes a tag or an image makes its repositories be counted anew (see {@link RepositorySummaries}), and each count has a new number: a repository whose number is the one that was
 * there before it was read is as it was read. One that was read while it changed is read again.
 */
public final class FleetReading {

    private static final List<String> LINE = List.of(
            "platform",
            "status",
            "distro",
            "version",
            "codename",
            "variant",
            "libc",
            "created",
            JudgementArchive.CAVEATS,
            LineageLine.FIELD,
            LineageLine.LABELS,
            LineageLine.EFFORT);

    private static final List<String> TAG = List.of("tag", "digest", "images", "removed", Formers.FIELD);

    private final MongoTemplate patient;
    private final RepositorySummaries summaries;
    private final Map<String, Long> read = new HashMap<>();

    FleetReading(MongoTemplate template) {
        this.patient = FleetDatabase.patient(template);
        this.summaries = new RepositorySummaries(template);
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
     * returns.
     *
     * @return how many there were
     * @throws RuntimeException whatever the store or the taker throws; what was taken before is not read again
     */
    public int readChanges(Taker taker) throws InterruptedException {
        summaries.bringUpToDate();
        Map<String, Long> changed = new TreeMap<>();
        summaries.forEachTurn((repository, turn) -> {
            if (!turn.equals(read.get(repository))) {
                changed.put(repository, turn);
            }
        });
        int left = changed.size();
        for (Map.Entry<String, Long> each : changed.entrySet()) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            taker.take(content(each.getKey()), --left);
            read.put(each.getKey(), each.getValue());
        }
        return changed.size();
    }

    private Content content(String repository) {
        Map<String, TreeSet<String>> tags = new HashMap<>();
        Map<String, TreeSet<Digest>> indexes = new HashMap<>();
        List<Former> formers = new ArrayList<>();
        FleetDatabase.forEach(patient, FleetDatabase.TAGS, where("repository").is(repository), TAG, tag -> {
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
        });
        List<Member> members = new ArrayList<>();
        Criteria here = where("in.r").is(repository);
        FleetDatabase.forEach(patient, FleetDatabase.IMAGES, here, LINE, image -> {
            String digest = image.getString("_id");
            members.add(member(
                    image,
                    List.copyOf(tags.getOrDefault(digest, new TreeSet<>())),
                    List.copyOf(indexes.getOrDefault(digest, new TreeSet<>()))));
        });
        return new Content(Repository.parse(repository), members, formers);
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
                known.getString(LineageLine.EFFORT));
    }

    private static @Nullable List<Member.CaveatKey> caveats(Document image) {
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
