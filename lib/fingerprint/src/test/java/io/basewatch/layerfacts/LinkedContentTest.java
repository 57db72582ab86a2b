package io.basewatch.layerfacts;

import static io.basewatch.layerfacts.TestLayers.tar;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Fingerprinter.Result;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are wanted under a name which is not the one in the tar: what counts is what a path finally is. */
class LinkedContentTest {

    private static final String OBJECT = "sysroot/ostree/repo/objects/0b/"
            + "5c0d9f7c5b6f0bb1b0e3d9b7f2a96e5d4c3b2a1908f7e6d5c4b3a291807f6e" + ".file";
    private static final String OTHER_OBJECT = OBJECT.replace("/0b/5c", "/7e/00");
    private static final String OS_RELEASE =
            "NAME=\"Fedora Linux\"\nVERSION=\"41 (CoreOS)\"\nID=fedora\nVERSION_ID=41\nPRETTY_NAME=\"Fedora CoreOS 41\"\n";

    private static final String DPKG =
            "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.36-9\n\n"
                    + "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 5.2\n\n";
    private static final String APK = "C:Q1p78yvTLG094tHE1+dToJGbmYzQE=\nP:musl\nV:1.2.5-r0\nA:x86_64\n\n"
            + "C:Q1p78yvTLG094tHE1+dToJGbmYzQE=\nP:busybox\nV:1.36.1-r2\nA:x86_64\n\n";

    /** A database by the path at which its manager looks for it. */
    private enum Kept {
        OS_RELEASE_FILE("usr/lib/os-release", OS_RELEASE),
        DPKG_STATUS("var/lib/dpkg/status", DPKG),
        APK_INSTALLED("lib/apk/db/installed", APK),
        OPKG_STATUS(
                "usr/lib/opkg/status",
                "Package: libc\nVersion: 1.2.4-4\nStatus: install user installed\nArchitecture: x86_64\n\n"),
        RPM_SQLITE("usr/share/rpm/rpmdb.sqlite", "pkgdb/rpm/amazonlinux2023/rpmdb.sqlite"),
        RPM_NDB("usr/lib/sysimage/rpm/Packages.db", "pkgdb/rpm/sle15-bci/Packages.db"),
        RPM_BDB("var/lib/rpm/Packages", "pkgdb/rpm/syft-pkg-coverage/Packages");

        private final String path;
        private final String content;

        Kept(String path, String content) {
            this.path = path;
            this.content = content;
        }

        byte[] bytes() {
            return content.startsWith("pkgdb/") ? Corpus.bytes(content) : content.getBytes(StandardCharsets.UTF_8);
        }

        Tar put(Tar tar, String at) {
            return tar.file(at, bytes(), 0644);
        }
    }

    private static Result result(Tar... bottomUp) {
        return Fingerprinter.fingerprint(
                Arrays.stream(bottomUp).map(tar -> tar.facts(Kinds.all())).toList(), ImageInputs.NONE);
    }

    /** What is believed, without where it was seen. */
    private static List<Object> claims(Result result) {
        Distro distro = result.fingerprint().distro();
        return Arrays.asList(
                distro == null ? null : distro.label(),
                result.fingerprint().packages().stream()
                        .map(database -> database.manager() + " " + database.count())
                        .toList(),
                result.reasons());
    }

    private static void assertReadAs(Kept kept, Result found) {
        Result plain = result(kept.put(tar(), kept.path));
        assertThat(plain.reasons()).isEmpty();
        assertThat(plain.fingerprint().distro() != null
                        || plain.fingerprint().packages().stream().allMatch(database -> database.count() > 0))
                .isTrue();
        assertThat(claims(found)).isEqualTo(claims(plain));
    }

    // ---- hard links

    @ParameterizedTest
    @EnumSource
    void readsWhatIsAHardLinkToAnObjectOfOstree(Kept kept) {
        assertReadAs(kept, result(kept.put(tar(), OBJECT).hardLink(kept.path, OBJECT)));
        assertReadAs(kept, result(kept.put(tar(), OBJECT), tar().hardLink(kept.path, OBJECT)));
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatIsAHardLinkIntoTheStoresOfAufsAndNix(Kept kept) {
        for (String store : List.of(".wh..wh.plnk/1041.2049", "nix/store/.links/1d0ya0m6v4hbi1pbb")) {
            assertReadAs(kept, result(kept.put(tar(), store).hardLink(kept.path, store)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void readsWhatAnUpperLayerLinksToALowerLayersFileOfAnyName(Kept kept) {
        assertReadAs(kept, result(kept.put(tar(), "opt/data/blob"), tar().hardLink(kept.path, "opt/data/blob")));
        assertReadAs(kept, result(kept.put(tar(), "opt/data/blob"), tar().symlink(kept.path, "/opt/data/blob")));
        assertReadAs(kept, result(tar().symlink(kept.path, "/opt/data/blob"), kept.put(tar(), "opt/data/blob")));
    }

    @Test
    void readsReleaseFilesWheelsAndHomesOfJavaThatAreLinksToObjects() {
        String wheel = "usr/lib/python3.12/site-packages/a-1.dist-info/WHEEL";
        Result found = result(tar().file(OBJECT, "Fedora release 41 (Forty One)\n")
                .hardLink("usr/lib/fedora-release", OBJECT)
                .symlink("etc/fedora-release", "../usr/lib/fedora-release")
                .file(OTHER_OBJECT, "Wheel-Version: 1.0\nGenerator: x\nTag: cp312-cp312-manylinux_2_17_x86_64\n")
                .hardLink(wheel, OTHER_OBJECT)
                .file(OBJECT.replace("/0b/5c", "/11/11"), "IMPLEMENTOR=\"X\"\nJAVA_VERSION=\"21.0.4\"\n")
                .hardLink("opt/java/release", OBJECT.replace("/0b/5c", "/11/11"))
                .file("usr/lib/python3.12/os.py", ""));

        assertThat(found.reasons()).isEmpty();
        assertThat(found.fingerprint().distro().label()).isEqualTo("fedora 41");
        assertThat(found.fingerprint().runtimes())
                .anySatisfy(runtime -> assertThat(runtime.details()).containsEntry("wheels.manylinux", "1"))
                .anySatisfy(runtime -> assertThat(runtime.version()).isEqualTo("21.0.4"));
    }

    @Test
    void namesInALinkStoreAreNoFilesOfTheirOwn() {
        ImageView image = tar().file(OBJECT, "x")
                .hardLink("usr/bin/x", OBJECT)
                .file(OTHER_OBJECT, "y")
                .view(List.of(TestLayers.KEEPS_ALL));

        assertThat(TestLayers.listing(image)).containsExactly(OTHER_OBJECT, "usr/bin/x");
        assertThat(TestLayers.text(image, OBJECT)).isEqualTo("x");
    }

    // ---- linked directories

    @ParameterizedTest
    @EnumSource
    void readsWhatLiesBehindALinkedDirectory(Kept kept) {
        String directory = kept.path.substring(0, kept.path.lastIndexOf('/'));
        String name = kept.path.substring(directory.length() + 1);
        Tar linked = tar().symlink(directory, "/usr/share/sysimage/db");
        assertReadAs(kept, result(kept.put(linked, "usr/share/sysimage/db/" + name)));
        assertReadAs(
                kept,
                result(
                        kept.put(tar(), "usr/share/sysimage/db/" + name),
                        tar().symlink(directory, "/usr/share/sysimage/db")));
    }

    @Test
    void readsDatabasesOfManyFilesBehindALinkedDirectory() {
        String desc = "%NAME%\nglibc\n\n%VERSION%\n2.40-1\n\n%ARCH%\nx86_64\n\n";
        Result pacman = result(tar().symlink("var/lib/pacman", "../../usr/lib/sysimage/pacman")
                .file("usr/lib/sysimage/pacman/local/glibc-2.40-1/desc", desc)
                .file("usr/lib/sysimage/pacman/local/glibc-2.40-1/files", "%FILES%\nusr/\nusr/lib/\n"));
        assertThat(claims(pacman)).isEqualTo(Arrays.asList(null, List.of("pacman 1"), List.of()));

        String control = "Package: base-files\nVersion: 12.4\nArchitecture: amd64\n";
        Result distroless = result(tar().symlink("var/lib/dpkg", "/usr/lib/sysimage/dpkg")
                .file("usr/lib/sysimage/dpkg/status.d/base", control)
                .file("usr/lib/sysimage/dpkg/status.d/base.md5sums", "0123456789abcdef0123456789abcdef  etc/x\n"));
        assertThat(distroless.fingerprint().packages())
                .extracting(PackageDatabase::manager, PackageDatabase::count)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("dpkg", 1));
        assertThat(distroless.reasons()).isEmpty();
    }

    @Test
    void readsListsOfOwnedFilesBehindALinkedDirectory() {
        Result found = result(tar().symlink("var/lib/dpkg", "../../usr/lib/sysimage/dpkg")
                .file("usr/lib/sysimage/dpkg/status", DPKG)
                .file("usr/lib/sysimage/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/libc.so.6\n")
                .file("usr/lib/sysimage/dpkg/info/bash.list", "/.\n"));

        assertThat(claims(found)).isEqualTo(Arrays.asList(null, List.of("dpkg 2"), List.of()));
    }

    // ---- what was not kept

    @ParameterizedTest
    @ValueSource(
            strings = {"etc/os-release", "var/lib/dpkg/status", "lib/apk/db/installed", "usr/share/rpm/rpmdb.sqlite"})
    void aWantedPathWhoseContentWasNotKeptMakesTheResultPartial(String path) {
        String strange = "# Nothing that anybody would know by its first bytes\n".repeat(20);
        for (Result found : List.of(
                result(tar().file("opt/data/blob", strange).hardLink(path, "opt/data/blob")),
                result(tar().file("opt/data/blob", strange), tar().hardLink(path, "opt/data/blob")),
                result(tar().symlink(path, "/opt/data/blob").file("opt/data/blob", strange)))) {
            assertThat(found.reasons()).singleElement().satisfies(reason -> {
                assertThat(reason.code()).isEqualTo(Reason.Code.FILE_INVALID);
                assertThat(reason.message()).startsWith(path + ": ");
            });
            assertThat(found.fingerprint().distro()).isNull();
            assertThat(found.fingerprint().packages()).containsExactly(PackageDatabase.unknown());
        }
    }

    @Test
    void linksToFilesThatNobodyWantsAndEmptyListsAreNoReasonForDoubt() {
        Result found = result(tar().file("usr/bin/perl", "#!x")
                .hardLink("usr/bin/perl5", "usr/bin/perl")
                .symlink("usr/bin/[", "perl")
                .symlink("bin", "usr/bin")
                .file("var/lib/dpkg/status", DPKG)
                .file("var/lib/dpkg/info/bash.list", "/.\n")
                .file("etc/os-release", OS_RELEASE)
                .hardLink("etc/os-release.old", "etc/os-release"));

        assertThat(found.reasons()).isEmpty();
    }

    @Test
    void anEmptyFileIsKnownWhateverItsNameIs() {
        Tar linked =
                tar().file(OBJECT, "").hardLink("var/lib/dpkg/status", OBJECT).hardLink("etc/apt/sources.list", OBJECT);

        assertThat(claims(result(linked)))
                .isEqualTo(claims(result(tar().file("var/lib/dpkg/status", "").file("etc/apt/sources.list", ""))));
    }

    @Test
    void aDeletedOsReleaseThatWasAHardLinkStillTellsTheExactRelease() {
        Result found = result(
                tar().file(OBJECT, "ID=alpine\nVERSION_ID=3.20.3\n").hardLink("etc/os-release", OBJECT),
                tar().whiteout("etc/os-release").file("etc/apk/repositories", "https://x/alpine/v3.20/main\n"));

        assertThat(found.fingerprint().distro().label()).isEqualTo("alpine 3.20.3");
    }

    // ---- the same by a table of contents, and from a folder

    @Test
    void readsTheSameByATableOfContents() throws Exception {
        TableLayers layers = new TableLayers()
                .file(OBJECT, DPKG)
                .other("var/lib/dpkg/status", "hardlink", OBJECT)
                .file("opt/data/release.conf", OS_RELEASE)
                .other("etc/os-release", "symlink", "/opt/data/release.conf")
                .file("opt/data/dull.txt", APK)
                .other("lib/apk/db/installed", "symlink", "/opt/data/dull.txt");
        LayerLimits limits = LayerLimits.defaults();
        for (TableLayers.Made made : List.of(layers.stargz(), layers.chunked())) {
            LayerFacts lazy =
                    made.read(new LazyLayerReader(limits, Kinds.all(), 0, -1)).facts();
            LayerFacts whole = new LayerReader(limits, Kinds.all())
                    .read(new java.io.ByteArrayInputStream(made.bytes()), made.expected());

            Result byTable = Fingerprinter.fingerprint(List.of(lazy), ImageInputs.NONE);
            Result byAll = Fingerprinter.fingerprint(List.of(whole), ImageInputs.NONE);
            assertThat(claims(byTable).subList(0, 2))
                    .isEqualTo(claims(byAll).subList(0, 2))
                    .isEqualTo(List.of("fedora 41", List.of("dpkg 2")));
            assertThat(byTable.reasons())
                    .filteredOn(reason -> reason.code() != Reason.Code.READ_BY_TABLE)
                    .isEqualTo(byAll.reasons())
                    .singleElement()
                    .satisfies(reason -> assertThat(reason.message()).startsWith("lib/apk/db/installed: "));
        }
    }

    @Test
    void readsTheSameFromAFolder(@TempDir Path root) throws Exception {
        Files.createDirectories(root.resolve("usr/lib/sysimage/dpkg"));
        Files.createDirectories(root.resolve("var/lib"));
        Files.createDirectories(root.resolve("etc"));
        Files.createDirectories(root.resolve("opt"));
        Files.writeString(root.resolve("usr/lib/sysimage/dpkg/status"), DPKG);
        Files.createSymbolicLink(root.resolve("var/lib/dpkg"), Path.of("../../usr/lib/sysimage/dpkg"));
        Files.writeString(root.resolve("opt/data"), OS_RELEASE);
        Files.createSymbolicLink(root.resolve("etc/os-release"), Path.of("/opt/data"));

        Result found = Fingerprinter.fingerprint(
                List.of(RootFs.read(root, LayerLimits.defaults(), Kinds.all())), ImageInputs.NONE);

        assertThat(claims(found)).isEqualTo(List.of("fedora 41", List.of("dpkg 2"), List.of()));
    }

    // ---- bounds

    @Test
    void whatOnlyALinkCouldMakeWantedIsKeptUpToABound(@TempDir Path folder) throws Exception {
        byte[] part = DPKG.repeat(1_000).getBytes(StandardCharsets.UTF_8);
        int parts = 1 + (17 << 20) / part.length;
        List<String> names = List.of("a", "b", "c");
        Path layer = folder.resolve("layer.tar");
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(Files.newOutputStream(layer))) {
            for (String name : names) {
                TarArchiveEntry entry = new TarArchiveEntry("opt/" + name);
                entry.setSize((long) parts * part.length);
                tar.putArchiveEntry(entry);
                for (int i = 0; i < parts; i++) {
                    tar.write(part);
                }
                tar.closeArchiveEntry();
            }
        }
        ImageView image;
        try (InputStream stored = Files.newInputStream(layer)) {
            image = SquashedImage.of(
                    List.of(new LayerReader(LayerLimits.defaults(), Kinds.all()).read(stored, Expected.NOTHING)),
                    ImageInputs.NONE);
        }

        assertThat(names.stream()
                        .map(name -> image.find("opt/" + name).orElseThrow().content() != null))
                .containsExactly(true, true, false);
    }
}
