package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Digest;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What refers to what a tag leads to: signatures, attestations, SBOMs. Listed by the registry, neither read nor verified.
 *
 * @param asOf when the registry was asked: what came later is not here
 * @param complete whether these are all that there were then
 */
public record TagReferrers(Instant asOf, boolean complete, List<Referrer> found) {

    /** Of one tag. */
    public static final int MAX = 100;

    static final String FIELD = "referrers";

    public TagReferrers {
        found = List.copyOf(found);
    }

    /**
     * @param subject to which it refers: what the tag points at, or an image that it leads to
     * @param ends from which day on the subject's publisher ends it, as the referrer says; null where it does not
     */
    public record Referrer(
            Digest subject,
            Digest digest,
            String artifactType,
            @Nullable LocalDate ends) {}

    Document document() {
        return new Document("asOf", FleetDatabase.date(asOf))
                .append("complete", complete)
                .append(
                        "found",
                        found.stream()
                                .map(each -> new Document(
                                                "subject", each.subject().toString())
                                        .append("digest", each.digest().toString())
                                        .append("type", each.artifactType())
                                        .append(
                                                "ends",
                                                each.ends() == null
                                                        ? null
                                                        : each.ends().toString()))
                                .toList());
    }

    /** Those of a tag of the ledger; null where nobody asked. */
    static @Nullable TagReferrers of(Document tag) {
        Document kept = tag.get(FIELD, Document.class);
        Instant asOf = kept == null ? null : FleetDatabase.instant(kept, "asOf");
        if (kept == null || asOf == null) {
            return null;
        }
        List<Referrer> found = kept.getList("found", Document.class, List.of()).stream()
                .map(each -> new Referrer(
                        Digest.parse(each.getString("subject")),
                        Digest.parse(each.getString("digest")),
                        each.getString("type"),
                        each.getString("ends") == null ? null : LocalDate.parse(each.getString("ends"))))
                .toList();
        return new TagReferrers(asOf, kept.getBoolean("complete", false), found);
    }
}
