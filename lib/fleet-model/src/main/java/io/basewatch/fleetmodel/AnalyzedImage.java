package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What is told of an image whose analysis was stored, for others to act on: CloudEvents 1.0 over Kafka in binary mode ("Kafka Protocol Binding", §3.2), so that the value is the data
 * alone. No longer than {@value #MAX_BYTES} bytes, whatever an image says of itself. A newer version may add fields; it never takes one away or changes what one means.
 *
 * @param distro for people, such as {@code alpine 3.20}; null when the files do not say
 * @param libc family of the system's
 * @param distribution with {@code release} what support is looked up by; null when the files do not say
 * @param release null where the distribution has none (rolling), and when the files do not say
 * @param variant of the distribution; null for the ordinary one
 * @param libcVersion null when nothing says it
 * @param reasons why it is not complete, each code once; empty only when it is
 * @param caveats what is known of its traps
 */
public record AnalyzedImage(
        String digest,
        String status,
        @Nullable String distro,
        String libc,
        String analyzerVersion,
        @Nullable String platform,
        @Nullable String distribution,
        @Nullable String release,
        @Nullable String codename,
        @Nullable String variant,
        @Nullable String libcVersion,
        List<String> reasons,
        Instant analyzedAt,
        Caveats caveats) {

    public static final int SCHEMA_VERSION = 1;

    public static final int MAX_BYTES = 4 * 1024;

    public static final String TYPE = "io.basewatch.image.analyzed";

    public static final String SOURCE = "/basewatch/layer-analyzer";

    /** Of what an image says of itself. */
    private static final int MAX_TEXT = 64;

    private static final int MAX_REASONS = 20;

    /**
     * How many traps of each kind are known, and the worst.
     *
     * @param known {@code whole}, or {@code partial}: there may be others, or {@code none}: nobody has looked, and zeros mean nothing
     * @param catalogueVersion by which they were looked for; null when nobody has
     * @param worst null when none is known
     */
    public record Caveats(
            String known,
            @Nullable String catalogueVersion,
            int certain,
            int risk,
            int info,
            @Nullable Worst worst) {}

    /** The worst of the surest. */
    public record Worst(String id, String kind, String severity) {}

    /**
     * @param judgement of this analysis; null when there is none
     */
    public static AnalyzedImage of(ImageAnalysis analysis, @Nullable Judgement judgement) {
        Distro distro = analysis.fingerprint().distro();
        Libc libc = analysis.fingerprint().systemLibc();
        return new AnalyzedImage(
                analysis.digest().toString(),
                analysis.status().toString(),
                distro == null ? null : text(distro.id() + (distro.version() == null ? "" : " " + distro.version())),
                libc.family().toString(),
                analysis.analyzerVersion(),
                analysis.platform() == null ? null : text(analysis.platform().toString()),
                distro == null ? null : text(distro.id()),
                distro == null ? null : text(distro.version()),
                distro == null ? null : text(distro.codename()),
                distro == null ? null : text(distro.variant()),
                text(libc.version()),
                analysis.reasons().stream()
                        .map(reason -> reason.code().toString())
                        .distinct()
                        .limit(MAX_REASONS)
                        .toList(),
                analysis.analyzedAt(),
                caveats(analysis, judgement));
    }

    private static Caveats caveats(ImageAnalysis analysis, @Nullable Judgement judgement) {
        if (judgement == null || !judgement.isOf(analysis)) {
            return new Caveats("none", null, 0, 0, 0, null);
        }
        boolean whole = judgement.whole() && analysis.status() == AnalysisStatus.COMPLETE;
        return new Caveats(
                whole ? "whole" : "partial",
                judgement.catalogueVersion(),
                count(judgement, Caveat.Kind.CERTAIN),
                count(judgement, Caveat.Kind.RISK),
                count(judgement, Caveat.Kind.INFO),
                judgement.caveats().stream()
                        .min(Caveat.WORST_FIRST)
                        .map(worst -> new Worst(
                                worst.id(),
                                worst.kind().toString(),
                                worst.severity().toString()))
                        .orElse(null));
    }

    private static int count(Judgement judgement, Caveat.Kind kind) {
        return (int) judgement.caveats().stream()
                .filter(caveat -> caveat.kind() == kind)
                .count();
    }

    private static @Nullable String text(@Nullable String said) {
        if (said == null) {
            return null;
        }
        String printable = said.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= MAX_TEXT ? printable : printable.substring(0, MAX_TEXT - 1) + "…";
    }

    /** The record's key. */
    @JsonIgnore
    public byte[] key() {
        return digest.getBytes(StandardCharsets.UTF_8);
    }

    /** The record's value. */
    public byte[] encode() {
        return ModelJson.writeBytes(this);
    }

    /** The record's headers, by name. */
    public Map<String, String> headers() {
        String named = String.join(
                "\n",
                "analyzed",
                digest,
                analyzerVersion,
                analyzedAt.toString(),
                String.valueOf(caveats.catalogueVersion()));
        Map<String, String> headers = new TreeMap<>();
        headers.put("content-type", "application/json");
        headers.put("ce_specversion", "1.0");
        // The same when it is told again, so that who has it knows.
        headers.put(
                "ce_id",
                UUID.nameUUIDFromBytes(named.getBytes(StandardCharsets.UTF_8)).toString());
        headers.put("ce_source", SOURCE);
        headers.put("ce_type", TYPE);
        headers.put("ce_subject", digest);
        headers.put("ce_time", analyzedAt.toString());
        headers.put("ce_schemaversion", Integer.toString(SCHEMA_VERSION));
        return headers;
    }
}
