package io.basewatch.fingerprint.packages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fingerprint.OwnedFiles;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.Corpus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each reader takes of a package, field by field. */
class PackageReadersTest {

    private final PackageList packages = new PackageList();

    @Test
    void readsAnApkEntryWithItsFiles() {
        ApkReader.parse(HostileDatabasesTest.sample("apk-installed"), packages);
        assertThat(packages.problems()).isEmpty();
        assertThat(packages.packages().get(0))
                .isEqualTo(new InstalledPackage(
                        "apk",
                        "alpine-baselayout",
                        "3.6.5-r0",
                        "x86_64",
                        "alpine-baselayout",
                        "Natanael Copa <ncopa@alpinelinux.org>",
                        null,
                        315392,
                        List.of("etc/motd", "etc/crontabs/root")));
    }

    @Test
    void readsADpkgEntryAndLeavesOutWhatIsNotInstalled() {
        DpkgReader.parse(HostileDatabasesTest.sample("dpkg-status"), packages);
        assertThat(packages.problems()).isEmpty();
        assertThat(packages.packages()).hasSize(2);
        assertThat(packages.packages().get(0))
                .isEqualTo(new InstalledPackage(
                        "dpkg",
                        "libc6",
                        "2.36-9+deb12u8",
                        "amd64",
                        "glibc",
                        "GNU Libc Maintainers <debian-glibc@lists.debian.org>",
                        null,
                        12985 * 1024,
                        List.of()));
    }

    @Test
    void readsAnOpkgEntryWithTheTimeItWasInstalled() {
        OpkgReader.parse(HostileDatabasesTest.sample("opkg-status"), packages);
        assertThat(packages.problems()).isEmpty();
        assertThat(packages.packages().get(0).installed()).isEqualTo(Instant.ofEpochSecond(1727084000));
    }

    @Test
    void readsAPacmanEntry() {
        PacmanReader.parse(HostileDatabasesTest.sample("pacman-desc"), packages, OwnedFiles.NONE);
        assertThat(packages.packages())
                .containsExactly(new InstalledPackage(
                        "pacman",
                        "glibc",
                        "2.40+r16+gaa533d58ff-2",
                        "x86_64",
                        "glibc",
                        "Frederik Schwan <freswa@archlinux.org>",
                        Instant.ofEpochSecond(1726000000),
                        49542144,
                        List.of()));
    }

    @Test
    void readsXbpsPackagesButNotItsOwnNotes() {
        XbpsReader.parse(HostileDatabasesTest.sample("xbps-pkgdb.plist"), packages, name -> OwnedFiles.NONE);
        assertThat(packages.problems()).isEmpty();
        assertThat(packages.packages())
                .extracting(InstalledPackage::name, InstalledPackage::version, InstalledPackage::source)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("base-files", "0.145_1", "base-files"),
                        org.assertj.core.groups.Tuple.tuple("musl", "1.1.24_20", null));
    }

    @Test
    void readsNoEntityOfAnXbpsFile() {
        byte[] xml = """
                <?xml version="1.0"?>
                <!DOCTYPE plist [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>
                <plist><dict><key>x</key><dict><key>pkgver</key><string>&b;-1_1</string></dict></dict></plist>
                """.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        XbpsReader.parse(xml, packages, name -> OwnedFiles.NONE);
        assertThat(packages.packages()).noneMatch(installed -> installed.name().contains("a"));
    }

    @Test
    void readsPortageFolders() {
        assertThat(PortageReader.parse("sys-libs", "glibc-2.41-r6")
                        .orElseThrow()
                        .version())
                .isEqualTo("2.41-r6");
        assertThat(PortageReader.parse("dev-lang", "python-exec-2.4.10")
                        .orElseThrow()
                        .name())
                .isEqualTo("dev-lang/python-exec");
        assertThat(PortageReader.parse("sys-libs", "-MERGING-glibc-2.41")).isEmpty();
    }

    @Test
    void readsAnRpmHeader() throws Exception {
        assertThat(RpmHeader.read(HostileDatabasesTest.sample("rpm-glibc.header"), packages))
                .isEqualTo(new InstalledPackage(
                        "rpm",
                        "openssl",
                        "1:3.0-2.el9",
                        "x86_64",
                        "openssl-3.0-2.el9.src.rpm",
                        "Example",
                        Instant.ofEpochSecond(1700000000),
                        12345,
                        List.of("usr/lib/a.so", "usr/bin/b")));
    }

    @Test
    void saysWhatIsWrongWithAnRpmHeader() {
        byte[] header = HostileDatabasesTest.sample("rpm-glibc.header");
        assertThatThrownBy(() -> RpmHeader.read(Arrays.copyOf(header, 100), packages))
                .hasMessageContaining("a package header of 100 bytes promises");
        header[0] = 127;
        assertThatThrownBy(() -> RpmHeader.read(header, packages)).hasMessageContaining("promises");
    }

    @Test
    void keepsWhatAnRpmDatabaseListsThroughItsFacts() throws Exception {
        RpmDatabase database = RpmDatabase.read(RpmBytes.of(HostileDatabasesTest.sample("rpmdb-small.sqlite")));
        assertThat(database.packages()).hasSize(12);
        assertThat(database.problem()).isNull();
        assertThat(RpmDatabase.decode(database.encode())).isEqualTo(database);
        assertThat(database.packages())
                .filteredOn(each -> each.name().equals("big"))
                .allSatisfy(big -> assertThat(big.files().paths()).hasSize(200).contains("usr/share/big/file-199"));
    }

    @Test
    void readsBerkeleyDatabasesOfBothByteOrders() {
        byte[] little = Corpus.bytes("pkgdb/rpm/syft-pkg-coverage/Packages");
        RpmDatabase read = RpmDatabase.read(RpmBytes.of(little));
        assertThat(read.packages()).hasSize(1);
        assertThat(RpmDatabase.read(RpmBytes.of(swapped(little)))).isEqualTo(read);
    }

    /** The same database as a big-endian machine would write it: all that the format itself stores as numbers is turned around. */
    private static byte[] swapped(byte[] little) {
        ByteBuffer in = ByteBuffer.wrap(little).order(ByteOrder.LITTLE_ENDIAN);
        ByteBuffer out = ByteBuffer.wrap(little.clone()).order(ByteOrder.BIG_ENDIAN);
        int pageBytes = in.getInt(20);
        for (int at : new int[] {8, 12, 16, 20, 32}) {
            out.putInt(at, in.getInt(at));
        }
        for (int page = pageBytes; page < little.length; page += pageBytes) {
            for (int at : new int[] {8, 12, 16}) {
                out.putInt(page + at, in.getInt(page + at));
            }
            out.putShort(page + 20, in.getShort(page + 20));
            out.putShort(page + 22, in.getShort(page + 22));
            int type = in.get(page + 25);
            if (type == 2 || type == 13) {
                for (int i = 0; i < in.getShort(page + 20); i++) {
                    int offset = Short.toUnsignedInt(in.getShort(page + 26 + 2 * i));
                    out.putShort(page + 26 + 2 * i, (short) offset);
                    if (in.get(page + offset) == 3) {
                        out.putInt(page + offset + 4, in.getInt(page + offset + 4));
                        out.putInt(page + offset + 8, in.getInt(page + offset + 8));
                    }
                }
            }
        }
        return out.array();
    }

    @Test
    void doesNotKeepMoreOfAnRpmDatabaseThanItsCap() throws Exception {
        RpmDatabase.Probe probe = new RpmDatabase.Probe();
        byte[] megabyte = new byte[1 << 20];
        for (int i = 0; i <= RpmDatabase.MAX_BYTES >> 20; i++) {
            probe.accept(megabyte, 0, megabyte.length);
        }
        assertThat(RpmDatabase.decode(probe.finish()).problem()).contains("longer than");
    }

    @Test
    void listsNoMorePackagesThanItsCap() {
        byte[] many =
                "P:a\nV:1\n\n".repeat(PackageList.MAX_PACKAGES + 1).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        ApkReader.parse(many, packages);
        assertThat(packages.problems()).containsExactly("more than 50000 packages");
        assertThat(packages.isIncomplete()).isTrue();
        assertThat(packages.size()).isEqualTo(PackageList.MAX_PACKAGES);
    }

    @Test
    void entriesOfStatusDHonourTheirStatusAndAreInstalledWithoutOne() {
        Findings findings = new MemoryImage(new PackagesDetector())
                .file("var/lib/dpkg/status.d/base", "Package: base-files\nVersion: 12\n")
                .file("var/lib/dpkg/status.d/tz", "Package: tzdata\nStatus: install ok installed\nVersion: 2024a\n")
                .file("var/lib/dpkg/status.d/gone", "Package: netbase\nStatus: deinstall ok config-files\nVersion: 6\n")
                .file("var/lib/dpkg/status.d/not", "Package: nano\nStatus: purge ok not-installed\nVersion: 1\n")
                .file("var/lib/dpkg/status.d/half", "Package: vim\nStatus: install ok half-installed\nVersion: 9\n")
                .detect();

        assertThat(findings.packages()).extracting(InstalledPackage::name).containsExactly("base-files", "tzdata");
        assertThat(findings.databases().get(0).count()).isEqualTo(2);
        assertThat(findings.toFingerprint().contradictions())
                .singleElement()
                .satisfies(found -> assertThat(found.message())
                        .startsWith("var/lib/dpkg/status.d/half ")
                        .contains("vim half-installed"));
        assertThat(findings.reasons()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "lib/apk/db/installed, P:a ~V:1, P:b ~V:2, ''",
        "var/lib/dpkg/status, Package: a ~Status: install ok installed ~Version: 1, Package: b ~Status: install ok installed ~Version: 2, ''",
        "var/lib/dpkg/status.d/all, Package: a ~Version: 1, Package: b ~Version: 2, ' in status.d'"
    })
    void evidenceSpeaksOfOnePackageAndOfManyAsPeopleDo(String path, String one, String another, String where) {
        assertThat(excerpts(path, one)).containsExactly("1 package" + where);
        assertThat(excerpts(path, one + "~~" + another)).containsExactly("2 packages" + where);
    }

    private static List<String> excerpts(String path, String database) {
        return new MemoryImage(new PackagesDetector())
                .file(path, database.replace(" ~", "~").replace("~", "\n") + "\n\n").detect().databases().stream()
                        .flatMap(each -> each.evidence().stream())
                        .map(Evidence::excerpt)
                        .toList();
    }

    @Test
    void aListAboveTheCapSaysThatALimitWasExceeded() {
        StringBuilder apk = new StringBuilder();
        StringBuilder dpkg = new StringBuilder();
        for (int i = 0; i <= PackageList.MAX_PACKAGES; i++) {
            apk.append("P:p").append(i).append("\nV:1\n\n");
            dpkg.append("Package: p").append(i).append("\nStatus: install ok installed\nVersion: 1\n\n");
        }
        MemoryImage image = new MemoryImage(new PackagesDetector())
                .file("lib/apk/db/installed", apk.toString())
                .file("var/lib/dpkg/status", dpkg.toString());
        for (int i = 0; i <= PackageList.MAX_PACKAGES; i++) {
            image.directory("var/db/pkg/app/p-" + i);
        }
        Findings findings = image.detect();

        assertThat(findings.databases())
                .hasSize(3)
                .allSatisfy(database -> assertThat(database.count()).isNull());
        assertThat(findings.reasons())
                .hasSize(3)
                .allSatisfy(reason -> assertThat(reason.code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED))
                .anySatisfy(reason ->
                        assertThat(reason.message()).isEqualTo("lib/apk/db/installed: more than 50000 packages"));
    }

    @Test
    void aDatabaseLongerThanIsReadSaysThatALimitWasExceeded() {
        byte[] status = "Package: a\nStatus: install ok installed\nVersion: 1\n\n"
                .repeat(500_000)
                .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Findings findings = new MemoryImage(new PackagesDetector())
                .file("var/lib/dpkg/status", status)
                .detect();

        assertThat(findings.reasons()).anySatisfy(reason -> {
            assertThat(reason.code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
            assertThat(reason.message()).contains("not read to its end");
        });
    }
}
