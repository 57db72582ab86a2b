package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The fleet in a few numbers. Only images that a tag leads to are counted, each once, however many tags lead to it.
 *
 * @param registries with at least one tag
 * @param repositories with at least one tag
 * @param repositoriesByRegistry the same, by host[:port]
 * @param images by digest; the sum of {@code pending} and {@code byStatus}
 * @param pending images that are known, but not analysed yet
 * @param byDistro analysed images by distribution id; {@value #UNKNOWN} for those whose files do not say
 * @param byRelease analysed images by distribution and release: {@code debian 12}; {@value #UNKNOWN} likewise
 * @param byLibc analysed images by the system's libc
 * @param compressedBytes of all these images; a layer that several share is counted with each of them
 * @param firstAnalyzedAt the oldest analysis that still stands; null when there is none
 * @param lastAnalyzedAt the newest one; null when there is none
 */
public record FleetSummary(
        long registries,
        long repositories,
        Map<String, Long> repositoriesByRegistry,
        long tags,
        long images,
        long pending,
        Map<AnalysisStatus, Long> byStatus,
        Map<String, Long> byDistro,
        Map<String, Long> byRelease,
        Map<Libc.Family, Long> byLibc,
        long compressedBytes,
        @Nullable Instant firstAnalyzedAt,
        @Nullable Instant lastAnalyzedAt) {

    public static final String UNKNOWN = "unknown";

    public FleetSummary {
        repositoriesByRegistry = Collections.unmodifiableMap(new TreeMap<>(repositoriesByRegistry));
        byStatus = Collections.unmodifiableMap(new TreeMap<>(byStatus));
        byDistro = Collections.unmodifiableMap(new TreeMap<>(byDistro));
        byRelease = Collections.unmodifiableMap(new TreeMap<>(byRelease));
        byLibc = Collections.unmodifiableMap(new TreeMap<>(byLibc));
    }
}
