package io.basewatch.reportapi.fleet;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetSummary;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fleet in a few numbers. The maps have an entry for each value that occurs.
 *
 * @param asOf when the fleet was counted
 * @param day the support phases are those of this day
 * @param images that a tag leads to
 * @param pending of them, those not analysed yet: they are in none of the maps
 * @param pastSupport of them, those on a release without free fixes (extended or ended)
 * @param compressedBytes of these images; a layer that several share is counted with each of them
 * @param lifecycleGenerated when the dataset of support dates was put together
 */
public record FleetAnswer(
        Instant asOf,
        LocalDate day,
        long registries,
        long repositories,
        long tags,
        long images,
        long pending,
        long pastSupport,
        Map<AnalysisStatus, Long> byStatus,
        Map<String, Long> byDistro,
        Map<String, Long> byRelease,
        Map<Libc.Family, Long> byLibc,
        Map<SupportPhase, Long> bySupportPhase,
        long compressedBytes,
        @Nullable Instant firstAnalyzedAt,
        @Nullable Instant lastAnalyzedAt,
        LocalDate lifecycleGenerated) {

    static FleetAnswer of(
            LocalDate day,
            FleetCount count,
            Map<SupportPhase, Long> byPhase,
            long pastSupport,
            LocalDate lifecycleGenerated) {
        FleetSummary summary = count.summary();
        return new FleetAnswer(
                count.asOf(),
                day,
                summary.registries(),
                summary.repositories(),
                summary.tags(),
                summary.images(),
                summary.pending(),
                pastSupport,
                summary.byStatus(),
                summary.byDistro(),
                summary.byRelease(),
                summary.byLibc(),
                byPhase,
                summary.compressedBytes(),
                summary.firstAnalyzedAt(),
                summary.lastAnalyzedAt(),
                lifecycleGenerated);
    }
}
