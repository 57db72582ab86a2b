package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** Compilers and development packages left in a final image, with the bytes they take. */
public final class ToolchainDetector implements Detector, Interest {

    private static final String ID = "toolchain/1";
    private static final int MAX_EVIDENCE = 5;

    private static final Pattern COMPILER = Pattern.compile(
            "(gcc|g\\+\\+|cpp|gfortran|gnat|gdc)(-[0-9.]+)?(-[a-z0-9_-]+-linux-gnu.*)?|gcc-c\\+\\+|clang[0-9]*(-[0-9.]+)?|llvm[0-9]*(-[0-9.]+)?|"
                    + "binutils(-[a-z0-9_-]+)?|make|cmake|build-base|build-essential|rust|rustc|cargo|go|golang(-go|-[0-9.]+(-go)?)?|base-devel");
    private static final Pattern DEVELOPMENT = Pattern.compile(".*-(dev|devel|headers)|musl-dev|libc6?-dev");
    /** Ends like a development package, and is none. */
    private static final Pattern NEITHER =
            Pattern.compile("makedev|udev|eudev|mdev|libudev.*|gcc-\\d+-base|cpp-common|binutils-common");

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Hints hints() {
        return Hints.NONE;
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        return Want.NOTHING;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        List<InstalledPackage> compilers = matching(findings, COMPILER);
        List<InstalledPackage> development = findings.packages().stream()
                .filter(installed -> DEVELOPMENT.matcher(installed.name()).matches()
                        && !NEITHER.matcher(installed.name()).matches()
                        && !COMPILER.matcher(installed.name()).matches())
                .toList();
        tell(findings, "compilers", compilers);
        tell(findings, "dev-packages", development);
    }

    private static List<InstalledPackage> matching(Findings findings, Pattern pattern) {
        return findings.packages().stream()
                .filter(installed -> pattern.matcher(installed.name()).matches()
                        && !NEITHER.matcher(installed.name()).matches())
                .toList();
    }

    private static void tell(Findings findings, String name, List<InstalledPackage> packages) {
        if (packages.isEmpty()) {
            return;
        }
        Installed installed = new Installed(findings, ID);
        List<Evidence> evidence = packages.stream()
                .sorted(Comparator.comparingLong(InstalledPackage::installedBytes)
                        .reversed()
                        .thenComparing(InstalledPackage::name))
                .limit(MAX_EVIDENCE)
                .map(installed::evidence)
                .toList();
        Map<String, String> details = new TreeMap<>();
        details.put("packages", Integer.toString(packages.size()));
        details.put(
                "bytes",
                Long.toString(packages.stream()
                        .mapToLong(InstalledPackage::installedBytes)
                        .filter(bytes -> bytes > 0)
                        .sum()));
        findings.runtime(new LanguageRuntime(name, null, details, evidence));
    }
}
