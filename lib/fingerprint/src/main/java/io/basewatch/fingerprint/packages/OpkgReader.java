package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import java.util.List;

/** opkg's status file, as OpenWrt and Yocto images have it: dpkg's format with an Installed-Time. Source: opkg-lede and opkg, libopkg/opkg_conf.c. */
final class OpkgReader extends OneFileReader {

    private static final List<String> PATHS = List.of(
            "usr/lib/opkg/status", "var/lib/opkg/status", "lib/opkg/status", "opt/lib/opkg/status", "etc/opkg/status");
    private static final int MAX_BYTES = 8 << 20;

    OpkgReader() {
        super("opkg", MAX_BYTES, PATHS);
    }

    /** Nothing tells it from another control file. */
    @Override
    boolean isTarget(FileEntry file, byte[] head) {
        return false;
    }

    @Override
    void parse(byte[] content, ImageView image, PackageList packages) {
        parse(content, packages);
    }

    static void parse(byte[] content, PackageList packages) {
        ControlFile.read(content, stanza -> addPackage(stanza, packages), packages);
        if (!Lines.breakOff(content) && !Lines.endBlank(content)) {
            packages.doubt("does not end with a blank line, as opkg writes it: packages may be missing");
        }
    }

    private static void addPackage(ControlFile.Stanza stanza, PackageList packages) {
        String name = stanza.name();
        String version = stanza.version();
        String status = stanza.status();
        if (name == null || status == null) {
            packages.lost("a package has no " + (name == null ? "name" : "status"));
        } else if (status.endsWith(" installed")) {
            if (version == null) {
                packages.lost("package " + name + " has no version");
                return;
            }
            packages.add(new InstalledPackage(
                    "opkg",
                    name,
                    version,
                    stanza.architecture(),
                    stanza.source(),
                    stanza.maintainer(),
                    Numbers.time(Numbers.parseCount(stanza.installedTime())),
                    Numbers.parseCount(stanza.installedSize()),
                    List.of()));
        }
    }
}
