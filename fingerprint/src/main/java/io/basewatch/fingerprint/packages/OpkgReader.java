package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.FileEntry;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.ImageFile;
import io.basewatch.fingerprint.ImageView;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Want;
import java.util.List;
import java.util.Optional;

/** opkg's status file, as OpenWrt and Yocto images have it: dpkg's format with an Installed-Time. Source: opkg-lede and opkg, libopkg/opkg_conf.c. */
final class OpkgReader implements PackageReader {

    private static final List<String> PATHS = List.of(
            "usr/lib/opkg/status", "var/lib/opkg/status", "lib/opkg/status", "opt/lib/opkg/status", "etc/opkg/status");
    private static final int MAX_BYTES = 8 << 20;

    @Override
    public Want wants(FileEntry file) {
        return PATHS.contains(file.path()) ? Want.content(MAX_BYTES) : Want.NOTHING;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        for (ImageFile file : PackagesDetector.keptFiles(image, PATHS)) {
            byte[] content = file.content();
            if (content != null) {
                PackageList packages = new PackageList();
                Optional<String> problem = parse(content, packages);
                problem.ifPresent(text -> findings.invalid(file.entry().path(), text));
                if (file.isCut()) {
                    packages.markIncomplete();
                    findings.invalid(file.entry().path(), "longer than " + MAX_BYTES + " bytes: not read to its end");
                }
                return Optional.of(new Database(
                        "opkg",
                        packages.isIncomplete() ? null : packages.size(),
                        packages.packages(),
                        List.of(PackagesDetector.evidence(file, packages.size() + " packages"))));
            }
        }
        return Optional.empty();
    }

    static Optional<String> parse(byte[] content, PackageList packages) {
        Optional<String> problem = ControlFile.read(content, stanza -> {
            String name = stanza.get("package");
            String version = stanza.get("version");
            String status = stanza.get("status");
            if (name != null && version != null && (status == null || status.endsWith(" installed"))) {
                packages.add(new InstalledPackage(
                        "opkg",
                        name,
                        version,
                        stanza.get("architecture"),
                        stanza.get("source"),
                        stanza.get("maintainer"),
                        Numbers.time(Numbers.parseCount(stanza.get("installed-time"))),
                        Numbers.parseCount(stanza.get("installed-size")),
                        List.of()));
            }
        });
        return packages.isIncomplete() ? Optional.of("more than " + PackageList.MAX_PACKAGES + " packages") : problem;
    }
}
