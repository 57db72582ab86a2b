package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.lineage.FleetSight;
import io.basewatch.lineage.Member;
import io.basewatch.lineage.Member.CaveatKey;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which images are asked for: those that a tag leads to and that meet every condition that is not null.
 *
 * @param registry host[:port] a tag that leads to the image is in
 * @param repository a tag that leads to the image is in
 * @param distro id, as {@link io.basewatch.fleetmodel.Distro#id()} spells it; {@link FleetSummary#UNKNOWN}: the files of an image that was analysed do not say
 * @param release version, or the codename of a release that has none
 * @param libc the system's
 * @param state pending, or the analysis' status
 * @param caveat that was found in the analysis that is kept
 */
public record ImageFilter(
        @Nullable String registry,
        @Nullable Repository repository,
        @Nullable String distro,
        @Nullable String release,
        Libc.@Nullable Family libc,
        @Nullable State state,
        @Nullable OfCaveat caveat) {

    /**
     * One caveat has to meet all that is not null.
     *
     * @param id of a rule
     */
    public record OfCaveat(@Nullable String id, Caveat.@Nullable Kind kind, Caveat.@Nullable Severity severity) {

        /** Null where nothing is asked. */
        public static @Nullable OfCaveat orNull(
                @Nullable String id, Caveat.@Nullable Kind kind, Caveat.@Nullable Severity severity) {
            return id == null && kind == null && severity == null ? null : new OfCaveat(id, kind, severity);
        }

        private boolean isMetBy(@Nullable List<CaveatKey> caveats) {
            // By hand: asked of all images of a fleet.
            for (int i = 0; caveats != null && i < caveats.size(); i++) {
                CaveatKey each = caveats.get(i);
                if ((kind == null || kind == each.kind())
                        && (severity == null || severity == each.severity())
                        && (id == null || id.equals(each.id()))) {
                    return true;
                }
            }
            return false;
        }
    }

    /** Of images with whatever caveats. */
    public ImageFilter(
            @Nullable String registry,
            @Nullable Repository repository,
            @Nullable String distro,
            @Nullable String release,
            Libc.@Nullable Family libc,
            @Nullable State state) {
        this(registry, repository, distro, release, libc, state, null);
    }

    /** How far the store knows an image: one more than {@link AnalysisStatus}. */
    public enum State {
        PENDING,
        COMPLETE,
        PARTIAL,
        UNSCANNABLE,
        SKIPPED;

        public static State of(@Nullable AnalysisStatus status) {
            return status == null ? PENDING : valueOf(status.name());
        }
    }

    /** As {@link FleetQueries#images} asks the store, of an image that is in the repository where one is asked for: the tree finds those by themselves. */
    boolean isMetBy(FleetSight image) {
        return (state == null || state == State.of(image.status()))
                && (libc == null || (image.status() != null && libc == image.libc()))
                && isMetBy(image.status(), image.ground())
                && (caveat == null || caveat.isMetBy(image.caveats()))
                && (registry == null || image.isIn(registry));
    }

    private boolean isMetBy(@Nullable AnalysisStatus status, Member.@Nullable Ground ground) {
        if (distro == null && release == null) {
            return true;
        }
        String id = ground == null ? FleetSummary.UNKNOWN : ground.distro();
        String named = ground == null ? null : Ground.release(ground.version(), ground.codename());
        return status != null && (distro == null || distro.equals(id)) && (release == null || release.equals(named));
    }

    /** No condition. */
    public static ImageFilter all() {
        return new ImageFilter(null, null, null, null, null, null);
    }
}
