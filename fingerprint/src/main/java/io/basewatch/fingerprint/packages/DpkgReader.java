package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Want;
import io.basewatch.fleetmodel.Evidence;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * dpkg's status file, and the status.d directory that distroless images have instead: one control file for each package, which is installed because it is
 * there. The lists of owned files (info/*.list) are many small files and not read. Source: dpkg, deb822(5), dpkg-query(1) "Package states";
 * GoogleContainerTools/distroless.
 */
final class DpkgReader implements PackageReader {

    private static final String STATUS = "var/lib/dpkg/status";
    private static final String STATUS_DIRECTORY = "var/lib/dpkg/status.d";
    private static final int MAX_STATUS_BYTES = 24 << 20;
    private static final int MAX_ENTRY_BYTES = 256 << 10;

    @Override
    public Want wants(FileEntry file) {
        if (file.path().equals(STATUS)) {
            return Want.content(MAX_STATUS_BYTES);
        }
        return isEntryOfStatusDirectory(file) ? Want.content(MAX_ENTRY_BYTES) : Want.NOTHING;
    }

    private static boolean isEntryOfStatusDirectory(FileEntry file) {
        String path = file.path();
        return path.startsWith(STATUS_DIRECTORY + "/")
                && path.indexOf('/', STATUS_DIRECTORY.length() + 1) < 0
                && !path.endsWith(".md5sums");
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        PackageList packages = new PackageList();
        List<Evidence> evidence = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        image.find(STATUS).ifPresent(file -> {
            if (readFile(file, packages, seen, true, findings)) {
                evidence.add(PackagesDetector.evidence(file, packages.size() + " packages"));
            }
        });
        int before = packages.size();
        List<ImageFile> entries = image.list(STATUS_DIRECTORY)
                .filter(file -> isEntryOfStatusDirectory(file.entry()))
                .filter(file -> readFile(file, packages, seen, false, findings))
                .toList();
        if (!entries.isEmpty()) {
            evidence.add(PackagesDetector.evidence(entries.get(0), packages.size() - before + " packages in status.d"));
        }
        if (evidence.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                new Database("dpkg", packages.isIncomplete() ? null : packages.size(), packages.packages(), evidence));
    }

    private static boolean readFile(
            ImageFile file, PackageList packages, Set<String> seen, boolean needsStatus, Findings findings) {
        byte[] content = file.content();
        if (content == null) {
            return false;
        }
        Optional<String> problem = parse(content, packages, seen, needsStatus);
        problem.ifPresent(text -> findings.invalid(file.entry().path(), text));
        if (file.isCut()) {
            packages.markIncomplete();
            findings.invalid(file.entry().path(), "longer than " + content.length + " bytes: not read to its end");
        }
        return true;
    }

    /**
     * @param seen names and architectures already listed, so that a package in both places counts once
     * @param needsStatus whether an entry counts only when its Status says installed
     */
    static Optional<String> parse(byte[] content, PackageList packages, Set<String> seen, boolean needsStatus) {
        Optional<String> problem = ControlFile.read(content, stanza -> {
            String name = stanza.get("package");
            String version = stanza.get("version");
            if (name != null
                    && version != null
                    && isInstalled(stanza.get("status"), needsStatus)
                    && seen.add(name + ":" + stanza.get("architecture"))) {
                packages.add(installed(name, version, stanza));
            }
        });
        return packages.isIncomplete() ? Optional.of("more than " + PackageList.MAX_PACKAGES + " packages") : problem;
    }

    /** A status is three words: what is wanted, an error flag, and the state. */
    private static boolean isInstalled(@org.jspecify.annotations.Nullable String status, boolean needsStatus) {
        if (status == null) {
            return !needsStatus;
        }
        return status.endsWith(" installed");
    }

    private static InstalledPackage installed(String name, String version, Map<String, String> stanza) {
        String source = stanza.get("source");
        if (source == null) {
            source = name;
        } else if (source.indexOf(' ') > 0) {
            // "glibc (2.36-9)": the source's version where it differs.
            source = source.substring(0, source.indexOf(' '));
        }
        return new InstalledPackage(
                "dpkg",
                name,
                version,
                stanza.get("architecture"),
                source,
                stanza.get("maintainer"),
                null,
                Numbers.parseCount(stanza.get("installed-size")) * 1024,
                List.of());
    }
}
