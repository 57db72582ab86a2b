package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Libc;
import java.util.List;
import org.bson.Document;
import org.jspecify.annotations.Nullable;

/**
 * What images are counted by; null as in {@link StandsOn}.
 *
 * @param status as an image's line has it, so that there is one for those not analysed yet
 */
record Ground(
        @Nullable String distro,
        @Nullable String version,
        @Nullable String codename,
        @Nullable String variant,
        @Nullable String libc,
        @Nullable String status) {

    static final List<String> FIELDS = List.of("distro", "version", "codename", "variant", "libc", "status");

    /**
     * @param document with these fields, where they are not null
     */
    static Ground of(Document document) {
        return new Ground(
                document.getString("distro"),
                document.getString("version"),
                document.getString("codename"),
                document.getString("variant"),
                document.getString("libc"),
                document.getString("status"));
    }

    /** The inverse of {@link #of}. */
    Document write() {
        Document document = new Document();
        put(document, "distro", distro);
        put(document, "version", version);
        put(document, "codename", codename);
        put(document, "variant", variant);
        put(document, "libc", libc);
        put(document, "status", status);
        return document;
    }

    private static void put(Document document, String field, @Nullable String value) {
        if (value != null) {
            document.append(field, value);
        }
    }

    /** Null while it is not analysed. */
    @Nullable
    AnalysisStatus analysisStatus() {
        return status(status);
    }

    static @Nullable AnalysisStatus status(@Nullable String status) {
        return status == null || status.equals(FleetDatabase.PENDING) ? null : AnalysisStatus.parse(status);
    }

    Libc.Family libcFamily() {
        return libc(libc);
    }

    static Libc.Family libc(@Nullable String libc) {
        return libc == null ? Libc.Family.UNKNOWN : Libc.Family.parse(libc);
    }

    /** By what images of a release are asked for: its version, or the codename of one that has none. */
    static @Nullable String release(@Nullable String version, @Nullable String codename) {
        return version != null ? version : codename;
    }

    String release() {
        if (distro == null) {
            return FleetSummary.UNKNOWN;
        }
        return distro + (version != null ? " " + version : codename != null ? " (" + codename + ")" : "");
    }
}
