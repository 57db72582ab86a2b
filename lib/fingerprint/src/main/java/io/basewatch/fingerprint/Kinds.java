package io.basewatch.fingerprint;

import io.basewatch.elf.ElfKinds;
import io.basewatch.fingerprint.distro.DistroDetector;
import io.basewatch.fingerprint.packages.PackagesDetector;
import io.basewatch.fingerprint.runtime.JavaDetector;
import io.basewatch.fingerprint.runtime.LibraryDetector;
import io.basewatch.fingerprint.runtime.NodeDetector;
import io.basewatch.fingerprint.runtime.PythonDetector;
import io.basewatch.fingerprint.runtime.ServersDetector;
import io.basewatch.fingerprint.runtime.ToolchainDetector;
import io.basewatch.fingerprint.settings.Scripts;
import io.basewatch.fingerprint.settings.Settings;
import io.basewatch.layerfacts.FactsKind;
import java.util.List;
import java.util.stream.Stream;

/**
 * The list of all kinds of facts that layers are read for. Whoever wants more of a layer than before raises the version of that kind alone: then layers are read
 * again for it, and only those that have something for it.
 */
public final class Kinds {

    /** What detectors read: of these, what was wanted and not kept makes a fingerprint partial. */
    private static final List<FactsKind> OF_DETECTORS = List.of(
            new FactsKind("releases", 1, 1, List.of(new DistroDetector())),
            new FactsKind("packages", 1, 1, PackagesDetector.interests()),
            ElfKinds.ELF,
            ElfKinds.ARCHIVES,
            new FactsKind(
                    "runtimes",
                    1,
                    1,
                    List.of(
                            new PythonDetector(),
                            new NodeDetector(),
                            new JavaDetector(),
                            new LibraryDetector(),
                            new ServersDetector(),
                            new ToolchainDetector())));

    private static final List<FactsKind> ALL = Stream.concat(
                    OF_DETECTORS.stream(), Stream.of(Settings.KIND, Scripts.KIND))
            .toList();

    private Kinds() {}

    static List<FactsKind> ofDetectors() {
        return OF_DETECTORS;
    }

    public static List<FactsKind> all() {
        return ALL;
    }
}
