package io.basewatch.fingerprint.libc;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.ElfKinds;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.ImageElfFiles;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Libc.Family;
import io.basewatch.fleetmodel.Libc.Linkage;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import io.basewatch.layerfacts.Want;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibcDetectorTest {

    private static final String MUSL_LOADER = "/lib/ld-musl-x86_64.so.1";
    private static final String GLIBC_LOADER = "/lib64/ld-linux-x86-64.so.2";

    private static byte[] program(String loader, String... needed) {
        return HandmadeElf.x86_64().interpreter(loader).needed(needed).build();
    }

    private static byte[] muslProgram() {
        return program(MUSL_LOADER, "libc.musl-x86_64.so.1");
    }

    private static byte[] glibcProgram() {
        return program(GLIBC_LOADER, "libc.so.6");
    }

    private static byte[] musl(String version) {
        return HandmadeElf.x86_64()
                .soname("libc.musl-x86_64.so.1")
                .data("\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n\0" + version + "\0")
                .build();
    }

    private static byte[] glibc(String vendor, String version) {
        return HandmadeElf.x86_64()
                .soname("libc.so.6")
                .data("\0GNU C Library (" + vendor + ") stable release version " + version + ".\n")
                .build();
    }

    private static byte[] glibcLoader() {
        return HandmadeElf.x86_64().soname("ld-linux-x86-64.so.2").build();
    }

    private static Tar alpine() {
        return TestLayers.tar()
                .file("bin/busybox", muslProgram(), 0755)
                .symlink("bin/sh", "/bin/busybox")
                .file("lib/ld-musl-x86_64.so.1", musl("1.2.5"), 0755)
                .symlink("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1");
    }

    /** With merged directories, as Debian has them since 12. */
    private static Tar debian() {
        return TestLayers.tar()
                .symlink("bin", "usr/bin")
                .symlink("lib", "usr/lib")
                .symlink("lib64", "usr/lib64")
                .file("usr/bin/dash", glibcProgram(), 0755)
                .symlink("usr/bin/sh", "dash")
                .symlink("usr/lib64/ld-linux-x86-64.so.2", "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
                .file("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                .file("usr/lib/x86_64-linux-gnu/libc.so.6", glibc("Debian GLIBC 2.36-9+deb12u9", "2.36"), 0755);
    }

    private static Fingerprint fingerprint(Tar image, InstalledPackage... packages) {
        return fingerprint(image, ImageInputs.NONE, packages);
    }

    private static Fingerprint fingerprint(Tar image, ImageInputs inputs, InstalledPackage... packages) {
        LibcDetector detector = new LibcDetector();
        ImageView view = SquashedImage.of(List.of(image.facts(Kinds.all())), inputs);
        Findings findings = new Findings();
        if (packages.length > 0) {
            String path = packages[0].manager().equals("apk") ? "lib/apk/db/installed" : "var/lib/dpkg/status";
            findings.packages(
                    new PackageDatabase(
                            packages[0].manager(), packages.length, List.of(new Evidence(path, null, null, "test/1"))),
                    List.of(packages));
        }
        detector.detect(view, new ImageElfFiles(view), findings);
        assertThat(findings.reasons()).isEmpty();
        return findings.toFingerprint();
    }

    private static InstalledPackage installed(String manager, String name, String version, String... files) {
        return new InstalledPackage(manager, name, version, null, null, null, null, 0, List.of(files));
    }

    private static List<String> messages(Fingerprint fingerprint) {
        return fingerprint.contradictions().stream().map(Contradiction::message).toList();
    }

    @Test
    void readsMuslAndItsVersionFromItsLoader() {
        Fingerprint fingerprint = fingerprint(alpine(), installed("apk", "musl", "1.2.5-r0"));
        assertThat(fingerprint.libc()).hasSize(1);
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.MUSL);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("1.2.5");
        assertThat(fingerprint.systemLibc().linkage()).isEqualTo(Linkage.DYNAMIC);
        assertThat(fingerprint.systemLibc().evidence())
                .extracting(Evidence::path, Evidence::excerpt)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("lib/ld-musl-x86_64.so.1", "musl libc 1.2.5"),
                        org.assertj.core.groups.Tuple.tuple("bin/busybox", MUSL_LOADER));
        assertThat(fingerprint.contradictions()).isEmpty();
    }

    @Test
    void readsGlibcThroughMergedDirectoriesWithItsVendor() {
        Fingerprint fingerprint = fingerprint(debian(), installed("dpkg", "libc6", "2.36-9+deb12u9"));
        assertThat(fingerprint.libc()).hasSize(1);
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.GLIBC);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("2.36");
        assertThat(fingerprint.systemLibc().vendor()).isEqualTo("Debian GLIBC 2.36-9+deb12u9");
        assertThat(fingerprint.contradictions()).isEmpty();
    }

    @Test
    void believesTheLibraryWhenThePackageDatabaseDiffers() {
        Fingerprint alpine = fingerprint(alpine(), installed("apk", "musl", "1.2.4-r2"));
        assertThat(alpine.systemLibc().version()).isEqualTo("1.2.5");
        assertThat(messages(alpine))
                .singleElement()
                .asString()
                .contains("musl 1.2.4-r2", "musl 1.2.5", "the library is believed");

        Fingerprint debian = fingerprint(debian(), installed("dpkg", "libc6", "2.36-9+deb12u7"));
        assertThat(debian.systemLibc().version()).isEqualTo("2.36");
        assertThat(messages(debian)).singleElement().asString().contains("2.36-9+deb12u7", "2.36-9+deb12u9");
    }

    @ParameterizedTest
    @CsvSource({
        "Debian GLIBC 2.41-12, 2.41, 2.41-12+b1",
        "Ubuntu GLIBC 2.35-0ubuntu3.8, 2.35, 2.35-0ubuntu3.8",
        "GNU libc, 2.39, 2.39+r52+gf8e4623421-1",
        "GNU libc, 2.38, 2.38_1",
        "GNU libc, 2.34, 2.34-100.el9_4.2"
    })
    void packagesThatSpellTheirVersionLongerAgree(String vendor, String version, String packaged) {
        Tar image = TestLayers.tar()
                .file("bin/sh", glibcProgram(), 0755)
                .file("lib64/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                .file("lib64/libc.so.6", glibc(vendor, version), 0755);
        Fingerprint fingerprint = fingerprint(image, installed("dpkg", "glibc", packaged));
        assertThat(fingerprint.systemLibc().version()).isEqualTo(version);
        assertThat(fingerprint.contradictions()).isEmpty();
    }

    @Test
    void debianWithTheMuslPackageIsStillGlibc() {
        Fingerprint fingerprint = fingerprint(
                debian().file("usr/lib/x86_64-linux-musl/libc.so", musl("1.2.3"), 0755)
                        .symlink("usr/lib/ld-musl-x86_64.so.1", "x86_64-linux-musl/libc.so")
                        .file("usr/local/bin/tool", muslProgram(), 0755),
                installed("dpkg", "libc6", "2.36-9+deb12u9"),
                installed("dpkg", "musl", "1.2.3-1"));
        assertThat(fingerprint.libc()).extracting(Libc::family).containsExactly(Family.GLIBC, Family.MUSL);
        assertThat(fingerprint.libc()).extracting(Libc::version).containsExactly("2.36", "1.2.3");
        assertThat(fingerprint.contradictions()).isEmpty();
    }

    @Test
    void alpineWithGcompatIsStillMusl() {
        Fingerprint fingerprint = fingerprint(
                alpine().file(
                                "lib/ld-linux-x86-64.so.2",
                                HandmadeElf.x86_64()
                                        .data("\0libgcompat.so.0\0" + MUSL_LOADER + "\0")
                                        .build(),
                                0755)
                        .symlink("lib64/ld-linux-x86-64.so.2", "../lib/ld-linux-x86-64.so.2")
                        .file("usr/local/bin/a", glibcProgram(), 0755)
                        .file("usr/local/bin/b", glibcProgram(), 0755),
                installed("apk", "musl", "1.2.5-r0"),
                installed("apk", "gcompat", "1.1.0-r4", "lib/ld-linux-x86-64.so.2", "lib64/ld-linux-x86-64.so.2"));
        assertThat(fingerprint.libc()).extracting(Libc::family).containsExactly(Family.MUSL);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("1.2.5");
        assertThat(messages(fingerprint))
                .hasSize(2)
                .allMatch(message -> message.contains("from package gcompat 1.1.0-r4"));
    }

    @Test
    void alpineWithALinkToMuslInGlibcsPlaceIsStillMusl() {
        Fingerprint fingerprint = fingerprint(alpine().symlink("lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1")
                .file("app", glibcProgram(), 0755));
        assertThat(fingerprint.libc()).extracting(Libc::family).containsExactly(Family.MUSL);
        assertThat(messages(fingerprint)).singleElement().asString().contains("by hand", "start on musl");
    }

    @Test
    void alpineWithAForeignGlibcIsMuslThenGlibc() {
        Fingerprint fingerprint = fingerprint(
                alpine().file("usr/glibc-compat/lib/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                        .file("usr/glibc-compat/lib/libc.so.6", glibc("GNU libc", "2.35"), 0755)
                        .symlink("lib64/ld-linux-x86-64.so.2", "/usr/glibc-compat/lib/ld-linux-x86-64.so.2")
                        .file("opt/a", glibcProgram(), 0755)
                        .file("opt/b", glibcProgram(), 0755),
                installed("apk", "musl", "1.2.5-r0"),
                installed("apk", "glibc", "2.35-r1"));
        assertThat(fingerprint.libc()).extracting(Libc::family).containsExactly(Family.MUSL, Family.GLIBC);
        assertThat(fingerprint.libc()).extracting(Libc::version).containsExactly("1.2.5", "2.35");
        assertThat(messages(fingerprint)).singleElement().asString().contains("most programs reach glibc");
    }

    @Test
    void prefersThePackageOverNothingWhenTheLibraryHasNoVersion() {
        Fingerprint fingerprint = fingerprint(
                TestLayers.tar().file("bin/sh", muslProgram(), 0755).file("lib/ld-musl-x86_64.so.1", musl(""), 0755),
                installed("apk", "musl", "1.1.5-r5"));
        assertThat(fingerprint.systemLibc().version()).isEqualTo("1.1.5");
        assertThat(fingerprint.systemLibc().evidence())
                .extracting(Evidence::path)
                .contains("lib/apk/db/installed");
    }

    @Test
    void readsOldGlibcsVersionFromTheFileName() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("bin/sh", glibcProgram(), 0755)
                .symlink("lib64", "lib")
                .symlink("lib/ld-linux-x86-64.so.2", "ld-2.17.so")
                .file("lib/ld-2.17.so", glibcLoader(), 0755));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.GLIBC);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("2.17");
    }

    @Test
    void readsTheVersionOfAStoreFromItsPath() {
        String store = "nix/store/0123456789abcdfghijklmnpqrsvwxyz-glibc-2.40-66/lib/ld-linux-x86-64.so.2";
        Fingerprint fingerprint = fingerprint(
                TestLayers.tar()
                        .file("nix/store/x-app/bin/app", program("/" + store, "libc.so.6"), 0755)
                        .file(store, glibcLoader(), 0755),
                new ImageInputs(List.of("/nix/store/x-app/bin/app"), List.of(), List.of(), Map.of()));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.GLIBC);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("2.40");
    }

    @Test
    void readsTheVersionOfGuixsStoreFromItsPath() {
        String store = "gnu/store/0123456789abcdfghijklmnpqrsvwxyz-glibc-2.35/lib/ld-linux-x86-64.so.2";
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .symlink("bin/sh", "/gnu/store/x-bash/bin/bash")
                .file("gnu/store/x-bash/bin/bash", program("/" + store, "libc.so.6"), 0755)
                .file(store, glibcLoader(), 0755));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.GLIBC);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("2.35");
    }

    /** conda brings its own libraries and starts with the system's loader. */
    @Test
    void condaStandsOnTheSystemsLibc() {
        Fingerprint fingerprint = fingerprint(debian().file("opt/conda/bin/python3.11", glibcProgram(), 0755)
                .file(
                        "opt/conda/lib/libstdc++.so.6",
                        HandmadeElf.x86_64().soname("libstdc++.so.6").build(),
                        0755));
        assertThat(fingerprint.libc()).hasSize(1);
        assertThat(fingerprint.systemLibc().vendor()).isEqualTo("Debian GLIBC 2.36-9+deb12u9");
    }

    @Test
    void readsTheVersionOfMuslBuiltFromItsSources() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("bin/sh", program(MUSL_LOADER, "libc.so"), 0755)
                .symlink("lib/ld-musl-x86_64.so.1", "/usr/lib/libc.so")
                .file("usr/lib/libc.so", musl("1.2.5-git-21-g7b4fe0e1"), 0755));
        assertThat(fingerprint.libc()).hasSize(1);
        assertThat(fingerprint.systemLibc().version()).isEqualTo("1.2.5-git-21-g7b4fe0e1");
    }

    @Test
    void saysTheLeastVersionOfAGlibcThatDoesNotNameIts() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("bin/sh", glibcProgram(), 0755)
                .file("lib64/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                .file(
                        "lib64/libc.so.6",
                        HandmadeElf.x86_64()
                                .soname("libc.so.6")
                                .versionDefinitions("GLIBC_2.2.5", "GLIBC_2.30", "GLIBC_2.9", "GLIBC_PRIVATE")
                                .build(),
                        0755));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.GLIBC);
        assertThat(fingerprint.systemLibc().version()).isNull();
        assertThat(fingerprint.systemLibc().evidence().get(0).excerpt()).isEqualTo("defines GLIBC_2.30: at least 2.30");
    }

    @Test
    void readsBigEndianAnd32BitLoaders() {
        Fingerprint s390x = fingerprint(TestLayers.tar()
                .file(
                        "bin/sh",
                        HandmadeElf.of(64, ByteOrder.BIG_ENDIAN, ElfHeader.EM_S390)
                                .interpreter("/lib/ld64.so.1")
                                .needed("libc.so.6")
                                .build(),
                        0755)
                .file(
                        "lib/ld64.so.1",
                        HandmadeElf.of(64, ByteOrder.BIG_ENDIAN, ElfHeader.EM_S390)
                                .soname("ld64.so.1")
                                .data("ld.so (Debian GLIBC 2.41-12) stable release version 2.41.")
                                .build(),
                        0755));
        assertThat(s390x.systemLibc().family()).isEqualTo(Family.GLIBC);
        assertThat(s390x.systemLibc().version()).isEqualTo("2.41");

        Fingerprint uclibc = fingerprint(TestLayers.tar()
                .file(
                        "bin/sh",
                        HandmadeElf.of(32, ByteOrder.BIG_ENDIAN, ElfHeader.EM_MIPS)
                                .interpreter("/lib/ld-uClibc.so.0")
                                .needed("libc.so.1")
                                .build(),
                        0755)
                .symlink("lib/ld-uClibc.so.0", "ld-uClibc-1.0.43.so")
                .file(
                        "lib/ld-uClibc-1.0.43.so",
                        HandmadeElf.of(32, ByteOrder.BIG_ENDIAN, ElfHeader.EM_MIPS)
                                .soname("ld-uClibc.so.1")
                                .build(),
                        0755)
                .file(
                        "lib/libuClibc-1.0.43.so",
                        HandmadeElf.of(32, ByteOrder.BIG_ENDIAN, ElfHeader.EM_MIPS)
                                .soname("libc.so.1")
                                .build(),
                        0755));
        assertThat(uclibc.libc()).hasSize(1);
        assertThat(uclibc.systemLibc().family()).isEqualTo(Family.UCLIBC);
        assertThat(uclibc.systemLibc().version()).isEqualTo("1.0.43");
    }

    @Test
    void aLoaderForAnotherMachineStartsNothing() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("bin/app", muslProgram(), 0755)
                .file(
                        "lib/ld-musl-x86_64.so.1",
                        HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_AARCH64)
                                .data("\0musl libc\0001.2.5\0")
                                .build(),
                        0755));
        assertThat(messages(fingerprint)).anyMatch(message -> message.contains("does not have for their machine"));
    }

    @Test
    void tellsStaticExecutablesByWhatIsInside() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("a", HandmadeElf.x86_64().isStatic().abiTag().build(), 0755)
                .file(
                        "b",
                        HandmadeElf.x86_64().isStatic().abiTag().data("second").build(),
                        0755)
                .file(
                        "c",
                        HandmadeElf.x86_64()
                                .isStatic()
                                .data("No error information\0Result not representable")
                                .build(),
                        0755));
        assertThat(fingerprint.libc())
                .extracting(Libc::family, Libc::linkedInto)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Family.STATIC, Family.GLIBC),
                        org.assertj.core.groups.Tuple.tuple(Family.STATIC, Family.MUSL));
    }

    @Test
    void aStaticProgramBesideTheSystemsLibcIsToldToo() {
        Fingerprint fingerprint = fingerprint(debian().file(
                        "usr/sbin/ldconfig",
                        HandmadeElf.x86_64().isStatic().abiTag().build(),
                        0755)
                .file("app", HandmadeElf.x86_64().isStatic().build(), 0755));
        assertThat(fingerprint.libc()).extracting(Libc::family).containsExactly(Family.GLIBC, Family.STATIC);
        assertThat(fingerprint.libc().get(1).evidence())
                .extracting(Evidence::path)
                .containsExactly("app");
    }

    @Test
    void readsAVendorsTextThatHasParentheses() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("bin/sh", glibcProgram(), 0755)
                .file("lib64/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                .file("lib64/libc.so.6", glibc("Gentoo 2.38-r10 (patchset 9)", "2.38"), 0755));
        assertThat(fingerprint.systemLibc().version()).isEqualTo("2.38");
        assertThat(fingerprint.systemLibc().vendor()).isEqualTo("Gentoo 2.38-r10 (patchset 9)");
    }

    @Test
    void programsThatCannotStartBesideAStaticEntrypointAreNotWhatTheImageRunsOn() {
        Tar image = TestLayers.tar()
                .file("server", HandmadeElf.x86_64().isStatic().build(), 0755)
                .file("testdata/hello", glibcProgram(), 0755);
        ImageInputs inputs = new ImageInputs(List.of("/server"), List.of(), List.of(), Map.of());

        assertThat(fingerprint(image, inputs).systemLibc().family()).isEqualTo(Family.STATIC);
        assertThat(messages(fingerprint(image, inputs))).anyMatch(message -> message.contains("asks for the loader"));
        assertThat(fingerprint(image).systemLibc().family()).isEqualTo(Family.UNKNOWN);
    }

    @Test
    void aStaticShellLeavesTheChoiceToProgramsThatCanStart() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file("bin/busybox", HandmadeElf.x86_64().isStatic().build(), 0755)
                .symlink("bin/sh", "busybox")
                .file("usr/bin/java", glibcProgram(), 0755)
                .file("lib64/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                .file("lib64/libc.so.6", glibc("GNU libc", "2.34"), 0755));
        assertThat(fingerprint.libc()).extracting(Libc::family).containsExactly(Family.GLIBC, Family.STATIC);
    }

    @Test
    void readsBionic() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .symlink("bin", "system/bin")
                .file("system/bin/sh", program("/system/bin/linker64", "libc.so", "libdl.so"), 0755)
                .symlink("system/bin/linker64", "/apex/com.android.runtime/bin/linker64")
                .file(
                        "apex/com.android.runtime/bin/linker64",
                        HandmadeElf.x86_64().build(),
                        0755));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.BIONIC);
    }

    @ParameterizedTest
    @CsvSource({
        "64, LITTLE_ENDIAN, 62, /lib64/ld-linux-x86-64.so.2, GLIBC",
        "32, LITTLE_ENDIAN, 3, /lib/ld-linux.so.2, GLIBC",
        "64, LITTLE_ENDIAN, 183, /lib/ld-linux-aarch64.so.1, GLIBC",
        "64, BIG_ENDIAN, 183, /lib/ld-linux-aarch64_be.so.1, GLIBC",
        "32, LITTLE_ENDIAN, 40, /lib/ld-linux-armhf.so.3, GLIBC",
        "32, LITTLE_ENDIAN, 40, /lib/ld-linux.so.3, GLIBC",
        "64, LITTLE_ENDIAN, 21, /lib64/ld64.so.2, GLIBC",
        "64, BIG_ENDIAN, 21, /lib64/ld64.so.1, GLIBC",
        "32, BIG_ENDIAN, 20, /lib/ld.so.1, GLIBC",
        "64, BIG_ENDIAN, 22, /lib/ld64.so.1, GLIBC",
        "64, LITTLE_ENDIAN, 243, /lib/ld-linux-riscv64-lp64d.so.1, GLIBC",
        "64, LITTLE_ENDIAN, 243, /lib/ld-linux-riscv64-lp64.so.1, GLIBC",
        "64, LITTLE_ENDIAN, 8, /lib64/ld.so.1, GLIBC",
        "32, BIG_ENDIAN, 8, /lib/ld.so.1, GLIBC",
        "64, LITTLE_ENDIAN, 8, /lib64/ld-linux-mipsn8.so.1, GLIBC",
        "64, LITTLE_ENDIAN, 258, /lib64/ld-linux-loongarch-lp64d.so.1, GLIBC",
        "32, LITTLE_ENDIAN, 62, /libx32/ld-linux-x32.so.2, GLIBC",
        "64, LITTLE_ENDIAN, 62, /lib64/ld-lsb-x86-64.so.3, GLIBC",
        "64, LITTLE_ENDIAN, 62, /home/linuxbrew/.linuxbrew/lib/ld.so, GLIBC",
        "64, LITTLE_ENDIAN, 62, /lib/ld-musl-x86_64.so.1, MUSL",
        "32, LITTLE_ENDIAN, 3, /lib/ld-musl-i386.so.1, MUSL",
        "64, LITTLE_ENDIAN, 183, /lib/ld-musl-aarch64.so.1, MUSL",
        "64, BIG_ENDIAN, 183, /lib/ld-musl-aarch64_be.so.1, MUSL",
        "32, LITTLE_ENDIAN, 40, /lib/ld-musl-armhf.so.1, MUSL",
        "32, LITTLE_ENDIAN, 40, /lib/ld-musl-arm.so.1, MUSL",
        "64, LITTLE_ENDIAN, 21, /lib/ld-musl-powerpc64le.so.1, MUSL",
        "64, BIG_ENDIAN, 22, /lib/ld-musl-s390x.so.1, MUSL",
        "64, LITTLE_ENDIAN, 243, /lib/ld-musl-riscv64.so.1, MUSL",
        "64, LITTLE_ENDIAN, 243, /lib/ld-musl-riscv64-sf.so.1, MUSL",
        "64, LITTLE_ENDIAN, 8, /lib/ld-musl-mips64el.so.1, MUSL",
        "32, LITTLE_ENDIAN, 8, /lib/ld-musl-mipsel-sf.so.1, MUSL",
        "64, LITTLE_ENDIAN, 258, /lib/ld-musl-loongarch64.so.1, MUSL",
        "32, LITTLE_ENDIAN, 62, /lib/ld-musl-x32.so.1, MUSL",
        "32, BIG_ENDIAN, 8, /lib/ld-uClibc.so.0, UCLIBC",
        "64, LITTLE_ENDIAN, 62, /lib/ld64-uClibc.so.0, UCLIBC",
        "64, LITTLE_ENDIAN, 62, /lib/ld64-uClibc.so.1, UCLIBC",
        "32, LITTLE_ENDIAN, 40, /lib/ld-uClibc.so.1, UCLIBC",
        "32, LITTLE_ENDIAN, 40, /system/bin/linker, BIONIC",
        "64, LITTLE_ENDIAN, 183, /system/bin/linker64, BIONIC"
    })
    void knowsTheLoadersOfAllMachines(int bits, String order, int machine, String loader, Family family) {
        ByteOrder byteOrder = order.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Fingerprint fingerprint = fingerprint(TestLayers.tar()
                .file(
                        "app",
                        HandmadeElf.of(bits, byteOrder, machine)
                                .interpreter(loader)
                                .build(),
                        0755)
                .file(
                        loader.substring(1),
                        HandmadeElf.of(bits, byteOrder, machine).build(),
                        0755));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(family);
    }

    @Test
    void isUnknownWhenNoProgramCanStart() {
        Fingerprint fingerprint = fingerprint(TestLayers.tar().file("app", glibcProgram(), 0755));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.UNKNOWN);
        assertThat(fingerprint.systemLibc().evidence().get(0).excerpt()).contains(GLIBC_LOADER);
    }

    @Test
    void isNoneWhenThereIsNothingToRunWhateverTheDatabaseSays() {
        Fingerprint fingerprint =
                fingerprint(TestLayers.tar().file("data.txt", "x"), installed("dpkg", "libc6", "2.36-9"));
        assertThat(fingerprint.systemLibc().family()).isEqualTo(Family.NONE);
        assertThat(messages(fingerprint)).singleElement().asString().contains("no glibc is in the image");
    }

    @Test
    void findsTheEntrypointThroughThePathOfTheConfig() {
        Tar image = TestLayers.tar()
                .file("opt/bin/server", glibcProgram(), 0755)
                .file("lib64/ld-linux-x86-64.so.2", glibcLoader(), 0755)
                .file("lib64/libc.so.6", glibc("GNU libc", "2.34"), 0755)
                .file("a/one", muslProgram(), 0755)
                .file("a/two", muslProgram(), 0755)
                .file("lib/ld-musl-x86_64.so.1", musl("1.2.5"), 0755);
        ImageInputs inputs = new ImageInputs(List.of("server"), List.of(), List.of("PATH=/bin:/opt/bin"), Map.of());
        assertThat(fingerprint(image, inputs).libc())
                .extracting(Libc::family)
                .containsExactly(Family.GLIBC, Family.MUSL);
    }

    @Test
    void tellsALoaderLinkThatLeadsNowhere() {
        Fingerprint fingerprint =
                fingerprint(alpine().symlink("lib64/ld-linux-x86-64.so.2", "/usr/glibc-compat/lib/ld.so"));
        assertThat(messages(fingerprint)).containsExactly("lib64/ld-linux-x86-64.so.2 leads nowhere");
    }

    @Test
    void wantsNoFileThatIsNotElf() {
        assertThat(ElfKinds.ELF.wants(
                        new FileEntry("lib/libc.so", FileEntry.Type.FILE, 20, 0644, null),
                        "/* GNU ld script".getBytes()))
                .isSameAs(Want.NOTHING);
    }
}
