package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.FileSketch;
import io.basewatch.fleetmodel.PackageSketch;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How much of a base is in an image that may have been built on it.
 *
 * @param by what was compared
 * @param percent of what was compared of the base, rounded down; null where nothing could be compared but the release
 * @param of how many packages or files the base has; null as well then
 */
public record Likeness(
        By by, @Nullable Integer percent, @Nullable Integer of) {

    /** What was compared. */
    public enum By {
        /** Packages by name and version: all of the base's are there. */
        PACKAGES,
        /** Files of the system by path and size: nearly all of the base's are there. */
        FILES,
        /** The release alone: neither the packages nor the files of both are known. */
        RELEASE;

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final Likeness OF_RELEASE = new Likeness(By.RELEASE, null, null);

    /** What packages say before what files do; of these, as many as can be found; then those of the base that has most: it is nearest. */
    static final Comparator<Likeness> BEST_FIRST = Comparator.comparing(Likeness::by)
            .thenComparing(likeness -> likeness.percent() == null ? 0 : -likeness.percent())
            .thenComparing(likeness -> likeness.of() == null ? 0 : -likeness.of());

    /** So many packages of the same name and version, and none that is missing, say something; of bases that have fewer, all. */
    private static final int ENOUGH = 4;

    /** Packages say little where they are fewer: then the files must be there as well. */
    private static final int FEW = 10;

    /** So many files of a base must be comparable: of fewer, one that is the same by chance counts too much. */
    private static final int ENOUGH_FILES = 8;

    /** Of a base's files, in per cent: whoever builds on it changes some, and its next release nearly always more. */
    private static final int MOST_FILES = 96;

    /** What is concluded of an image from the program alone that most of its commands are: which distribution laid it there is not known. */
    private static final String BUSYBOX = "busybox";

    /** Whether releases speak against it: one that tells none, or only which series it is of, may have lost it; one of another has not. */
    static boolean mayBe(@Nullable String distro, @Nullable String version, Member.@Nullable Ground base) {
        if (distro == null || base == null) {
            return true;
        }
        return distro.equals(base.distro())
                ? version == null || base.version() == null || (base.version() + ".").startsWith(version + ".")
                : distro.equals(BUSYBOX);
    }

    /**
     * What a set of packages and one of files say of a base; each null where it is not known.
     *
     * @return null where they speak against it, or say nothing
     */
    static @Nullable Likeness between(
            @Nullable PackageSketch packages,
            @Nullable FileSketch files,
            @Nullable PackageSketch itsPackages,
            @Nullable FileSketch itsFiles) {
        Likeness byFiles = files == null || itsFiles == null ? null : byFiles(files, itsFiles);
        if (packages == null || itsPackages == null) {
            return byFiles;
        }
        int compared = packages.holds(itsPackages);
        boolean isEnough = compared > 0 && compared >= Math.min(ENOUGH, itsPackages.count());
        boolean doFilesAgree = itsPackages.count() >= FEW || files == null || itsFiles == null || byFiles != null;
        return isEnough && doFilesAgree ? new Likeness(By.PACKAGES, 100, itsPackages.count()) : null;
    }

    private static @Nullable Likeness byFiles(FileSketch files, FileSketch itsFiles) {
        FileSketch.Share share = files.shareOf(itsFiles);
        return share.compared() >= ENOUGH_FILES && share.percent() >= MOST_FILES
                ? new Likeness(By.FILES, share.percent(), itsFiles.count())
                : null;
    }
}
