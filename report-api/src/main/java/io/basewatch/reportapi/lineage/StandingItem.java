package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.FleetImage;
import io.basewatch.lineage.Member;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An image that stands on a base.
 *
 * @param reference the first tag that leads to it; its digest where none does
 * @param references tags that lead to it, at most {@value #MAX_REFERENCES}
 * @param referenceCount all of them
 * @param distro absent where its files do not say
 */
public record StandingItem(
        String reference,
        List<String> references,
        long referenceCount,
        Digest digest,
        @Nullable Platform platform,
        @Nullable AnalysisStatus status,
        @Nullable Release distro) {

    static final int MAX_REFERENCES = 20;

    static StandingItem of(FleetImage image) {
        List<String> references = image.places().stream()
                .flatMap(place -> place.tags().stream().map(tag -> place.repository() + ":" + tag))
                .limit(MAX_REFERENCES)
                .toList();
        Member member = image.image();
        return new StandingItem(
                Stream.concat(references.stream(), Stream.of(member.digest().toString()))
                        .findFirst()
                        .orElseThrow(),
                references,
                image.tagCount(),
                member.digest(),
                member.platform(),
                member.status(),
                Release.of(member.ground()));
    }
}
