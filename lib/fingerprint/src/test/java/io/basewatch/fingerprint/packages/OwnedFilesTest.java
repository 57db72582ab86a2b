package io.basewatch.fingerprint.packages;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.Scores;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What each database lists of its packages' files, and who owns a path. */
@ExtendWith(Scores.class)
class OwnedFilesTest {

    private static final String STATUS = """
            Package: libc6
            Status: install ok installed
            Architecture: amd64
            Multi-Arch: same
            Version: 2.36-9

            Package: libc6
            Status: install ok installed
            Architecture: i386
            Multi-Arch: same
            Version: 2.36-9

            Package: bash
            Status: install ok installed
            Architecture: amd64
            Version: 5.2.15-2

            """;

    private static final String BASH_LIST =
            "/.\n/bin\n/bin/bash\n/etc\n/etc/skel\n/etc/skel/.bashrc\n/usr\n/usr/share\n"
                    + "/usr/share/doc\n/usr/share/doc/bash\n/usr/share/doc/bash/copyright\n";

    private static MemoryImage dpkg() {
        return new MemoryImage(new PackagesDetector())
                .file("var/lib/dpkg/status", STATUS)
                .file("var/lib/dpkg/info/bash.list", BASH_LIST)
                .file(
                        "var/lib/dpkg/info/libc6:amd64.list",
                        "/.\n/lib\n/lib/x86_64-linux-gnu\n/lib/x86_64-linux-gnu/libc.so.6\n")
                .file(
                        "var/lib/dpkg/info/libc6:i386.list",
                        "/.\n/lib\n/lib/i386-linux-gnu\n/lib/i386-linux-gnu/libc.so.6\n")
                .file("var/lib/dpkg/info/bash.md5sums", "");
    }

    private static List<String> files(Findings findings, String name) {
        return findings.packages().stream()
                .filter(installed -> installed.name().equals(name))
                .flatMap(installed -> installed.files().paths().stream())
                .toList();
    }

    @Test
    void readsDpkgsListsWithoutTheirDirectories() {
        Findings findings = dpkg().detect();
        assertThat(files(findings, "bash"))
                .containsExactly("bin/bash", "etc/skel/.bashrc", "usr/share/doc/bash/copyright");
        assertThat(findings.packages())
                .filteredOn(installed -> installed.name().equals("libc6"))
                .extracting(installed ->
                        installed.architecture() + " " + installed.files().paths())
                .containsExactly("amd64 [lib/x86_64-linux-gnu/libc.so.6]", "i386 [lib/i386-linux-gnu/libc.so.6]");
        assertThat(findings.databases().get(0).count()).isEqualTo(3);
        assertThat(findings.reasons()).isEmpty();
    }

    @Test
    void namesTheOwnerOfAFileAlsoWhereLibBecameALink() {
        MemoryImage image =
                dpkg().file("usr/lib/x86_64-linux-gnu/libc.so.6", "").link("lib", "usr/lib");
        Findings findings = image.detect();
        assertThat(findings.ownerOf("usr/lib/x86_64-linux-gnu/libc.so.6", image)
                        .orElseThrow()
                        .architecture())
                .isEqualTo("amd64");
        assertThat(findings.ownerOf("etc/skel/.bashrc", image).orElseThrow().name())
                .isEqualTo("bash");
        assertThat(findings.ownerOf("usr/local/bin/tool", image)).isEmpty();
        assertThat(findings.ownerOf("usr/bin", image)).isEmpty();
    }

    @Test
    void aFileBelowUsrIsNotTheOneBesideIt() {
        MemoryImage image = dpkg().file("usr/bin/bash", "").file("bin/bash", "");
        assertThat(image.detect().ownerOf("usr/bin/bash", image)).isEmpty();
    }

    @Test
    void readsTheSumsOfDistroless() {
        Findings findings = new MemoryImage(new PackagesDetector())
                .file("var/lib/dpkg/status.d/tzdata", "Package: tzdata\nVersion: 2024a\nArchitecture: all\n")
                .file(
                        "var/lib/dpkg/status.d/tzdata.md5sums",
                        "d41d8cd98f00b204e9800998ecf8427e  usr/share/zoneinfo/UTC\n"
                                + "d41d8cd98f00b204e9800998ecf8427e  usr/share/doc/tzdata/copy right\n")
                .detect();
        assertThat(findings.databases().get(0).count()).isEqualTo(1);
        assertThat(files(findings, "tzdata"))
                .containsExactly("usr/share/zoneinfo/UTC", "usr/share/doc/tzdata/copy right");
    }

    @Test
    void readsPacmansFiles() {
        Findings findings = new MemoryImage(new PackagesDetector())
                .file("var/lib/pacman/local/a-1-1/desc", "%NAME%\na\n\n%VERSION%\n1-1\n\n")
                .file(
                        "var/lib/pacman/local/a-1-1/files",
                        "%FILES%\netc/\netc/a.conf\nusr/bin/a\n\n%BACKUP%\netc/a.conf\td4\n\n")
                .detect();
        assertThat(files(findings, "a")).containsExactly("etc/a.conf", "usr/bin/a");
    }

    @Test
    void readsXbpsFiles() {
        Findings findings = new MemoryImage(new PackagesDetector())
                .file("var/db/xbps/pkgdb-0.38.plist", HostileDatabasesTest.sample("xbps-pkgdb.plist"))
                .file("var/db/xbps/.musl-files.plist", """
                        <plist version="1.0">
                        <dict>
                        	<key>dirs</key>
                        	<array>
                        		<dict>
                        			<key>file</key>
                        			<string>/usr/lib</string>
                        		</dict>
                        	</array>
                        	<key>files</key>
                        	<array>
                        		<dict>
                        			<key>file</key>
                        			<string>/usr/lib/libc.so</string>
                        			<key>sha256</key>
                        			<string>00</string>
                        		</dict>
                        	</array>
                        	<key>links</key>
                        	<array>
                        		<dict>
                        			<key>file</key>
                        			<string>/usr/bin/a&amp;b</string>
                        			<key>target</key>
                        			<string>/usr/lib/libc.so</string>
                        		</dict>
                        	</array>
                        </dict>
                        </plist>
                        """)
                .detect();
        assertThat(files(findings, "musl")).containsExactly("usr/lib/libc.so", "usr/bin/a&b");
        assertThat(files(findings, "base-files")).isEmpty();
    }

    @Test
    void readsWhatApkRpmChiselAndSlackwareList() {
        MemoryImage image = new MemoryImage(new PackagesDetector())
                .file("lib/apk/db/installed", HostileDatabasesTest.sample("apk-installed"))
                .file("var/lib/rpm/rpmdb.sqlite", HostileDatabasesTest.sample("rpmdb.sqlite"))
                .file("var/lib/chisel/manifest.wall", HostileDatabasesTest.sample("chisel-manifest.wall"))
                .file("var/lib/pkgtools/packages/a-1-noarch-2", "PACKAGE NAME: a\nFILE LIST:\n./\nbin/\nbin/a\n");
        Findings findings = image.detect();
        assertThat(findings.ownerOf("etc/motd", image).orElseThrow().name()).isEqualTo("alpine-baselayout");
        assertThat(findings.ownerOf("usr/bin/kernel-5.15", image).orElseThrow().version())
                .isEqualTo("5.15-2.el9");
        assertThat(findings.ownerOf("etc/os-release", image).orElseThrow().name())
                .isEqualTo("base-files");
        assertThat(findings.ownerOf("bin/a", image).orElseThrow().version()).isEqualTo("1-2");
    }

    @Test
    void aCutOrChangedListGivesNoPathThatItDoesNotHave() {
        List<String> lines = BASH_LIST.lines().map(line -> line.substring(1)).toList();
        byte[] list = BASH_LIST.getBytes(StandardCharsets.UTF_8);
        Hostile.cutAtEveryByte("dpkg list", list, cut -> {
            Findings findings = dpkg().file("var/lib/dpkg/info/bash.list", cut).detect();
            assertThat(files(findings, "bash")).isSubsetOf(lines);
        });
        Hostile.change("dpkg list", list, 10_000, changed -> {
            Findings findings =
                    dpkg().file("var/lib/dpkg/info/bash.list", changed).detect();
            assertThat(files(findings, "bash")).noneMatch(path -> path.startsWith("/") || path.isEmpty());
        });
    }

    @Test
    void aListWhosePackageIsGoneFromTheStatusMakesTheCountUnknown() {
        Findings findings = dpkg().file("var/lib/dpkg/info/tzdata.list", "/.\n").detect();
        assertThat(findings.databases().get(0).count()).isNull();
        assertThat(findings.toFingerprint().contradictions())
                .extracting(Contradiction::message)
                .singleElement()
                .asString()
                .contains("the count is unknown: tzdata");
    }

    @Test
    void countsWhatIsInstalledAndTellsWhatIsHalfInstalled() {
        StringBuilder status = new StringBuilder();
        for (String state : List.of(
                "install ok installed",
                "hold ok installed",
                "install ok triggers-awaited",
                "install ok triggers-pending",
                "install ok unpacked",
                "install reinstreq half-installed",
                "install ok half-configured",
                "deinstall ok config-files",
                "purge ok not-installed")) {
            status.append("Package: p")
                    .append(status.length())
                    .append("\nStatus: ")
                    .append(state)
                    .append("\nVersion: 1\n\n");
        }
        Findings findings = new MemoryImage(new PackagesDetector())
                .file("var/lib/dpkg/status", status.toString())
                .detect();
        assertThat(findings.databases().get(0).count()).isEqualTo(4);
        assertThat(findings.reasons()).isEmpty();
        assertThat(findings.toFingerprint().contradictions().get(0).message())
                .contains("unpacked", "half-installed", "half-configured")
                .doesNotContain("config-files");
    }

    @Test
    void aRecordWithoutANameMakesTheCountUnknown() {
        for (String[] broken : new String[][] {
            {"var/lib/dpkg/status", "Status: install ok installed\nVersion: 1\n\n"},
            {"var/lib/dpkg/status", "Package: a\nStatus: install ok installed\n\n"},
            {"var/lib/dpkg/status", "Package: a\nVersion: 1\n\n"},
            {"var/lib/dpkg/status", "Package: a\nStatus: install ok somehow\nVersion: 1\n\n"},
            {"var/lib/dpkg/status.d/a", "Version: 1\n"},
            {"var/lib/dpkg/status.d/a", "\n"},
            {"usr/lib/opkg/status", "Version: 1\nStatus: install ok installed\n\n"},
            {"lib/apk/db/installed", "V:1\nA:x86\n\n"},
            {"lib/apk/db/installed", "P:a\n\n"},
            {"var/lib/pacman/local/a-1-1/desc", "%VERSION%\n1\n\n"},
            {"var/lib/pacman/local/a-1-1/mtree", "x"},
            {"var/lib/rpmmanifest/container-manifest-2", "\t1\t2\t3\t4\t5\t6\t7\t8\t9\n"},
        }) {
            Findings findings = new MemoryImage(new PackagesDetector())
                    .file(broken[0], broken[1])
                    .detect();
            assertThat(findings.databases())
                    .as(broken[1])
                    .singleElement()
                    .satisfies(database -> assertThat(database.count()).isNull());
            assertThat(findings.reasons()).as(broken[1]).isNotEmpty();
        }
    }
}
