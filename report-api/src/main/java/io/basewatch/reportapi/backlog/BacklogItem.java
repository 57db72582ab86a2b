package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Cause;
import io.basewatch.backlog.Effort;
import io.basewatch.backlog.Entry;
import io.basewatch.backlog.Points;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.BacklogJournal.Line;
import io.basewatch.fleetstore.Waivers.Waiver;
import io.basewatch.lineage.Member;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One line of the backlog.
 *
 * @param rank from 1, among all entries
 * @param score benefit over 4 and effort
 * @param openedAt since when it stands; absent when that was not noted yet
 * @param reopened how often it came back
 * @param waiver the decision to leave it for a while; absent where there is none that counts
 * @param causes what such a decision has to be given for
 * @param unread images that are not read wholly, of which more may be said
 * @param owners images by owner
 * @param findings the first few
 * @param targets what its Dockerfiles are best moved to, by how many first
 * @param change the repositories whose Dockerfile has to be changed, the first few; {@code changeCount} all of them
 * @param rebuilt repositories that only have to be built again
 * @param plan where all of it is
 */
public record BacklogItem(
        int rank,
        double score,
        String id,
        String name,
        List<String> names,
        @Nullable Instant openedAt,
        long reopened,
        @Nullable WaivedBy waiver,
        Member.@Nullable Ground standsOn,
        Libc.Family libc,
        Support support,
        Set<Entry.Why> why,
        List<Cause> causes,
        long images,
        long unread,
        long tags,
        long repositories,
        Map<String, Long> owners,
        Benefit benefit,
        Effort effort,
        List<Entry.Finding> findings,
        List<Entry.Aim> targets,
        List<Entry.Change> change,
        long changeCount,
        long rebuilt,
        String plan) {

    private static final int FIRST = 5;

    /**
     * @param total sum of the parts
     */
    public record Benefit(double total, double ended, double certain, double risk) {
        static Benefit of(Points points) {
            return new Benefit(Points.round(points.total()), points.ended(), points.certain(), points.risk());
        }
    }

    /** @param until its last day */
    record WaivedBy(String id, String author, String reason, LocalDate until) {
        static @Nullable WaivedBy of(@Nullable Waiver waiver) {
            return waiver == null
                    ? null
                    : new WaivedBy(
                            waiver.id(),
                            waiver.decision().author(),
                            waiver.decision().reason(),
                            waiver.decision().until());
        }
    }

    static BacklogItem of(Entry entry, int rank, @Nullable Line noted, @Nullable Waiver waiver) {
        return new BacklogItem(
                rank,
                entry.score(),
                entry.id(),
                entry.name(),
                entry.names(),
                noted == null ? null : noted.openedAt(),
                noted == null ? 0 : noted.reopened(),
                WaivedBy.of(waiver),
                entry.ground(),
                entry.libc(),
                entry.support(),
                entry.why(),
                entry.causes(),
                entry.images(),
                entry.unread(),
                entry.tags(),
                entry.repositories(),
                entry.owners(),
                Benefit.of(entry.benefit()),
                entry.effort(),
                entry.findings().stream().limit(FIRST).toList(),
                entry.targets(),
                entry.changes().stream().limit(FIRST).toList(),
                entry.changeCount(),
                entry.rebuilt(),
                "/api/v1/backlog/" + entry.id());
    }
}
