package io.basewatch.fingerprint;

import io.basewatch.fingerprint.distro.DistroDetector;
import io.basewatch.fingerprint.libc.LibcDetector;
import io.basewatch.fingerprint.packages.PackagesDetector;
import java.util.List;

/** The list of all detectors. */
public final class Detectors {

    private Detectors() {}

    /** In the order in which they run: later ones read what earlier ones found (packages, then distro, then libc, then runtimes). */
    public static List<Detector> all() {
        return List.of(new PackagesDetector(), new DistroDetector(), new LibcDetector());
    }
}
