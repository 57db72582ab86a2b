package io.basewatch.fleetmodel;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What has to be carried or changed when an image is moved to another base, as far as its files tell. What of it the base brought, the base's own facts tell. All lists
 * are sorted and hold at most {@value #MAX_NAMES} names, each once.
 *
 * @param packages that somebody asked for by name, without the distribution's own; apk's {@code world}. Empty too where no list of them is kept
 * @param pinned those of them that are tied to a version or a repository
 * @param muslBuilt folders with the image's own objects that are built for musl
 * @param glibcBuilt the same of glibc
 * @param glibcNeeded the newest version of glibc that one of its own objects needs: {@code 2.34}; null when none does
 * @param runtimes by name, with the version where it is known: {@code python 3.11.4}, {@code java}
 * @param packagesLayers the layers from which the databases of packages are as they are, as evidence names layers: who built the image above none of them installed nothing
 * @param shellisms what start scripts for {@code /bin/sh} do that BusyBox's shell takes and Debian's does not: {@code usr/local/bin/start: [[}
 * @param startsByScript whether it is started through a script, for which there must be a shell
 * @param collated servers whose data is sorted by the C library: they must be dumped and restored: {@code postgresql}
 */
public record MoveFacts(
        List<String> packages,
        List<String> pinned,
        List<String> muslBuilt,
        List<String> glibcBuilt,
        @Nullable String glibcNeeded,
        List<String> runtimes,
        List<Digest> packagesLayers,
        List<String> shellisms,
        boolean startsByScript,
        List<String> collated) {

    public static final int MAX_NAMES = 100;

    public MoveFacts {
        packages = bounded(packages);
        pinned = bounded(pinned);
        muslBuilt = bounded(muslBuilt);
        glibcBuilt = bounded(glibcBuilt);
        runtimes = bounded(runtimes);
        packagesLayers =
                packagesLayers.stream().distinct().sorted().limit(MAX_NAMES).toList();
        shellisms = bounded(shellisms);
        collated = bounded(collated);
    }

    /**
     * As {@link ModelJson} wrote them.
     *
     * @return null for null, and for what another version wrote: it is as if nobody had said anything
     */
    public static @Nullable MoveFacts readOrNull(@Nullable String json) {
        try {
            return json == null ? null : ModelJson.read(json, MoveFacts.class);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** The packages that the base did not bring; all where nothing is known of it. */
    public List<String> packagesBeside(@Nullable MoveFacts base) {
        return without(packages, base == null ? List.of() : base.packages);
    }

    /** Likewise. */
    public List<String> pinnedBeside(@Nullable MoveFacts base) {
        return without(pinned, base == null ? List.of() : base.pinned);
    }

    /** Likewise. */
    public List<String> muslBuiltBeside(@Nullable MoveFacts base) {
        return without(muslBuilt, base == null ? List.of() : base.muslBuilt);
    }

    private static List<String> without(List<String> all, List<String> others) {
        Set<String> left = new HashSet<>(others);
        return all.stream().filter(one -> !left.contains(one)).toList();
    }

    private static List<String> bounded(List<String> names) {
        return names.stream().distinct().sorted().limit(MAX_NAMES).toList();
    }
}
