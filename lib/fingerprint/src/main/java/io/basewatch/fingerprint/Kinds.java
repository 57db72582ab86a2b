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

/**
 * The list of all kinds of facts that layers are read for. Whoever wants more of a layer than before raises the version of that kind alone: then layers are read
 * again for it, and only those that have something for it.
 */
public final class Kinds {

    private static final List<FactsKind> ALL = List.of(
            new FactsKind("releases", 1, 1, List.of(new DistroDetector())),
            new FactsKind("packages", 1, 1, List.of(new PackagesDetector())),
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
                            new ToolchainDetector())),
            Settings.KIND,
            Scripts.KIND);

    private Kinds() {}

    public static List<FactsKind> all() {
        return ALL;
    }
}
