package io.basewatch.fingerprint;

import io.basewatch.fingerprint.distro.DistroDetector;
import io.basewatch.fingerprint.libc.LibcDetector;
import io.basewatch.fingerprint.packages.PackagesDetector;
import io.basewatch.fingerprint.runtime.ArchivesDetector;
import io.basewatch.fingerprint.runtime.JavaDetector;
import io.basewatch.fingerprint.runtime.LibraryDetector;
import io.basewatch.fingerprint.runtime.NodeDetector;
import io.basewatch.fingerprint.runtime.ProgramsDetector;
import io.basewatch.fingerprint.runtime.PythonDetector;
import io.basewatch.fingerprint.runtime.ServersDetector;
import io.basewatch.fingerprint.runtime.ToolchainDetector;
import java.util.List;

/** The list of all detectors. */
public final class Detectors {

    private Detectors() {}

    /** In the order in which they run: later ones read what earlier ones found (packages, then distro, then libc, then runtimes). */
    public static List<Detector> all() {
        return List.of(
                new PackagesDetector(),
                new DistroDetector(),
                new LibcDetector(),
                new PythonDetector(),
                new NodeDetector(),
                new JavaDetector(),
                new LibraryDetector(),
                new ProgramsDetector(),
                new ServersDetector(),
                new ToolchainDetector(),
                new ArchivesDetector());
    }
}
