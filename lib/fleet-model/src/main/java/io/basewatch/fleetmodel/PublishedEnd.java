package io.basewatch.fleetmodel;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;

/**
 * When an image's publisher ends it, as an artifact says that refers to its manifest or its index. It is about this very image: a newer build of the same release may well be supported, and so
 * it is told beside the release's own dates and never takes their place.
 */
public final class PublishedEnd {

    private static final String ARTIFACT_TYPE = "application/vnd.microsoft.artifact.lifecycle";

    private static final String ANNOTATION = "vnd.microsoft.artifact.lifecycle.end-of-life.date";

    /** Longer texts are no days. */
    private static final int MAX_TEXT = 64;

    private PublishedEnd() {}

    /**
     * The day from which on what an artifact refers to has ended, in UTC.
     *
     * @param artifactType the artifact's
     * @param annotations the artifact's
     * @return empty where it says no day
     */
    public static Optional<LocalDate> of(String artifactType, Map<String, String> annotations) {
        String text = artifactType.equals(ARTIFACT_TYPE)
                ? annotations.getOrDefault(ANNOTATION, "").strip()
                : "";
        if (text.isEmpty() || text.length() > MAX_TEXT) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    text.indexOf('T') < 0
                            ? LocalDate.parse(text)
                            : OffsetDateTime.parse(text)
                                    .withOffsetSameInstant(ZoneOffset.UTC)
                                    .toLocalDate());
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
