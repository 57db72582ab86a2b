package io.basewatch.fingerprint.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.ImageElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Detectors;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RuntimeDetectorsTest {

    private static List<LanguageRuntime> runtimes(Tar image, InstalledPackage... packages) {
        return runtimes(image, ImageInputs.NONE, packages);
    }

    private static List<LanguageRuntime> runtimes(Tar image, ImageInputs inputs, InstalledPackage... packages) {
        List<Detector> detectors = Detectors.all().stream()
                .filter(detector ->
                        !detector.id().startsWith("packages") && !detector.id().startsWith("distro"))
                .toList();
        ImageView view = SquashedImage.of(List.of(image.facts(Kinds.all())), inputs);
        Findings findings = new Findings();
        if (packages.length > 0) {
            findings.packages(
                    new PackageDatabase(
                            packages[0].manager(),
                            packages.length,
                            List.of(new Evidence("var/lib/dpkg/status", null, null, "test/1"))),
                    List.of(packages));
        }
        ElfFiles elfFiles = new ImageElfFiles(view);
        detectors.forEach(detector -> detector.detect(view, elfFiles, findings));
        List<LanguageRuntime> runtimes =
                new ArrayList<>(findings.toFingerprint().runtimes());
        assertThat(runtimes).allMatch(runtime -> !runtime.evidence().isEmpty());
        return runtimes;
    }

    private static InstalledPackage installed(String manager, String name, String version, long bytes) {
        return new InstalledPackage(manager, name, version, null, null, null, null, bytes, List.of());
    }

    private static byte[] executable(String text) {
        return HandmadeElf.x86_64()
                .interpreter("/lib/ld-musl-x86_64.so.1")
                .needed("libc.musl-x86_64.so.1")
                .data(text)
                .build();
    }

    @Test
    void readsPythonItsExactVersionAndItsWheels() {
        List<LanguageRuntime> runtimes = runtimes(TestLayers.tar()
                .file("usr/local/lib/python3.11/os.py", "")
                .file(
                        "usr/local/include/python3.11/patchlevel.h",
                        "#define PY_MAJOR_VERSION 3\n#define PY_VERSION      \t\"3.11.9\"\n")
                .file(
                        "usr/local/lib/python3.11/site-packages/numpy-1.26.4.dist-info/WHEEL",
                        "Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\nTag: cp311-cp311-manylinux2014_x86_64\n")
                .file("usr/local/lib/python3.11/site-packages/pip-24.0.dist-info/WHEEL", "Tag: py3-none-any\n")
                .file("usr/local/lib/python3.11/site-packages/old-1.0.egg-info/PKG-INFO", "Name: old\n"));
        assertThat(runtimes).hasSize(1);
        assertThat(runtimes.get(0).name()).isEqualTo("python");
        assertThat(runtimes.get(0).version()).isEqualTo("3.11.9");
        assertThat(runtimes.get(0).details())
                .isEqualTo(Map.of("sitePackages", "3", "wheels.manylinux", "1", "wheels.any", "1"));
        assertThat(runtimes.get(0).evidence())
                .extracting(Evidence::excerpt)
                .contains("Tag: cp311-cp311-manylinux_2_17_x86_64");
    }

    @Test
    void takesPythonsVersionFromItsPackage() {
        assertThat(runtimes(
                        TestLayers.tar().file("usr/lib/python3.11/os.py", ""),
                        installed("dpkg", "python3", "3.12.1-1", 0),
                        installed("dpkg", "python3.11-minimal", "3.11.2-6+deb12u2", 0)))
                .extracting(LanguageRuntime::version)
                .containsExactly("3.11.2");
    }

    @Test
    void aWheelCountsOnceWherePythonWouldImportIt() {
        String tag = "Tag: cp311-cp311-manylinux_2_17_x86_64\n";
        Tar image = TestLayers.tar().file("usr/lib/python3.11/os.py", "");
        for (String folder : List.of(
                "usr/lib/python3.11/site-packages",
                "root/.cache/uv/archive-v0/Xy12",
                "opt/uv-cache/archive-v0/Xy12",
                "root/.cache/pip/wheels/ab/numpy",
                "tmp/pip-unpack-x1",
                "opt/conda/pkgs/numpy-1.26.4-py311/lib/python3.11/site-packages",
                "usr/lib/python3.11/site-packages/setuptools/_vendor")) {
            image.file(folder + "/numpy-1.26.4.dist-info/WHEEL", tag);
        }

        assertThat(runtimes(image).get(0).details()).isEqualTo(Map.of("sitePackages", "1", "wheels.manylinux", "1"));
    }

    @Test
    void aWheelWhoseFilesAreLinksIntoACacheCountsByWhatTheyLeadTo() {
        assertThat(runtimes(TestLayers.tar()
                                .file("usr/lib/python3.11/os.py", "")
                                .file("root/.cache/uv/archive-v0/X/a-1.dist-info/WHEEL", "Tag: py3-none-any\n")
                                .symlink(
                                        "usr/lib/python3.11/site-packages/a-1.dist-info/WHEEL",
                                        "/root/.cache/uv/archive-v0/X/a-1.dist-info/WHEEL"))
                        .get(0)
                        .details())
                .isEqualTo(Map.of("sitePackages", "1", "wheels.any", "1"));
    }

    @Test
    void copiesInTheCachesOfInstallersDoNotCount() {
        byte[] addon = HandmadeElf.x86_64().needed("libc.so.6").build();
        LanguageRuntime node = runtimes(TestLayers.tar()
                        .file("usr/local/bin/node", executable("node-v20.11.1-headers.tar.gz"), 0755)
                        .file("app/node_modules/a/package.json", "{}")
                        .file("app/node_modules/a/a.node", addon, 0644)
                        .file("usr/local/share/.cache/yarn/v6/npm-a-1-abc-integrity/node_modules/a/package.json", "{}")
                        .file("usr/local/share/.cache/yarn/v6/npm-a-1-abc-integrity/node_modules/a/a.node", addon, 0644)
                        .file("root/.npm/_npx/12/node_modules/b/package.json", "{}"))
                .get(0);
        assertThat(node.details()).containsEntry("modules", "1").containsEntry("addons.glibc", "1");

        LanguageRuntime ruby = runtimes(TestLayers.tar()
                        .file("usr/lib/ruby/3.2.0/erb.rb", "")
                        .file("usr/local/bundle/specifications/a-1.gemspec", "")
                        .file("root/.cache/gem/specifications/a-1.gemspec", ""))
                .get(0);
        assertThat(ruby.details()).isEqualTo(Map.of("gems", "1"));
    }

    @Test
    void tellsWheelsWithoutAnInterpreter() {
        LanguageRuntime python = runtimes(
                        TestLayers.tar().file("deps/x-1.dist-info/WHEEL", "Tag: cp310-cp310-musllinux_1_1_x86_64\n"))
                .get(0);
        assertThat(python.version()).isNull();
        assertThat(python.details()).containsEntry("interpreter", "none").containsEntry("wheels.musllinux", "1");
    }

    @Test
    void readsNodeFromItsBinaryAndCountsAddons() {
        LanguageRuntime node = runtimes(TestLayers.tar()
                        .file(
                                "usr/local/bin/node",
                                executable("https://nodejs.org/download/release/v20.11.1/node-v20.11.1-headers.tar.gz"),
                                0755)
                        .file("app/node_modules/a/package.json", "{}")
                        .file("app/node_modules/@s/b/package.json", "{}")
                        .file("app/node_modules/a/lib/package.json", "{}")
                        .file(
                                "app/node_modules/a/a.node",
                                HandmadeElf.x86_64().needed("libc.so.6").build(),
                                0644))
                .get(0);
        assertThat(node.name()).isEqualTo("node");
        assertThat(node.version()).isEqualTo("20.11.1");
        assertThat(node.details()).isEqualTo(Map.of("addons.glibc", "1", "modules", "2"));
    }

    @Test
    void readsJavaFromItsReleaseFileAndLauncher() {
        LanguageRuntime java = runtimes(TestLayers.tar()
                        .file(
                                "opt/java/openjdk/release",
                                "IMPLEMENTOR=\"Eclipse Adoptium\"\nJAVA_VERSION=\"17.0.10\"\nLIBC=\"gnu\"\nIMAGE_TYPE=\"JRE\"\n")
                        .file("opt/java/openjdk/bin/java", executable(""), 0755)
                        .file("etc/release", "NAME=x\n"))
                .get(0);
        assertThat(java.version()).isEqualTo("17.0.10");
        assertThat(java.details())
                .containsEntry("vendor", "Eclipse Adoptium")
                .containsEntry("libc", "gnu")
                .containsEntry("builtFor", "musl")
                .containsEntry("home", "opt/java/openjdk");
    }

    @Test
    void readsRuntimesWhoseLibraryNamesTheVersion() {
        assertThat(runtimes(TestLayers.tar()
                        .file("usr/local/lib/ruby/3.2.0/erb.rb", "")
                        .file("usr/local/lib/ruby/gems/3.2.0/specifications/rake-13.0.6.gemspec", "")
                        .file("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.2/System.Private.CoreLib.dll", "")
                        .file("usr/share/dotnet/shared/Microsoft.AspNetCore.App/8.0.2/Microsoft.AspNetCore.dll", "")
                        .file("usr/lib/x86_64-linux-gnu/perl-base/strict.pm", "")
                        .file("usr/bin/perl5.36.0", executable(""), 0755)
                        .file("usr/local/lib/erlang/releases/26/OTP_VERSION", "26.2.1\n")))
                .extracting(runtime -> runtime.name() + " " + runtime.version() + " " + runtime.details())
                .containsExactly(
                        "ruby 3.2.0 {gems=1}",
                        "perl 5.36.0 {}",
                        "dotnet 8.0.2 {}",
                        "aspnetcore 8.0.2 {}",
                        "erlang 26.2.1 {}");
    }

    @Test
    void readsServersByPackageByBinaryAndByTheImagesOwnWord() {
        List<LanguageRuntime> runtimes = runtimes(
                TestLayers.tar()
                        .file("usr/sbin/nginx", executable("nginx version: nginx/1.25.4\0"), 0755)
                        .file("usr/local/bin/redis-server", executable(""), 0755)
                        .file("usr/local/apache2/bin/httpd", executable("Apache/2.4.58 (Unix)\0"), 0755)
                        .file("opt/notes/postgres", "text"),
                new ImageInputs(List.of(), List.of(), List.of("REDIS_VERSION=7.2.4", "MYSQL_VERSION=8.0"), Map.of()),
                installed("dpkg", "nginx", "1.25.3-1~bookworm", 0),
                installed("dpkg", "postgresql-15", "15.5-0+deb12u1", 0));
        assertThat(runtimes)
                .extracting(runtime -> runtime.name() + " " + runtime.version())
                .containsExactly("nginx 1.25.4", "httpd 2.4.58", "postgresql 15.5", "redis 7.2.4");
        assertThat(runtimes.get(3).details()).containsEntry("versionFrom", "environment variable REDIS_VERSION");
    }

    @Test
    void busyboxsHttpdIsNotApache() {
        assertThat(runtimes(
                        TestLayers.tar().file("bin/httpd", executable("BusyBox v1.36.1 (2023)\0Apache/2.4\0"), 0755)))
                .extracting(runtime -> runtime.name() + " " + runtime.version())
                .containsExactly("busybox 1.36.1");
    }

    @Test
    void countsCompilersAndDevelopmentPackagesWithTheirBytes() {
        List<LanguageRuntime> runtimes = runtimes(
                TestLayers.tar().file("x", ""),
                installed("apk", "gcc", "13.2.1-r0", 150_000_000),
                installed("apk", "musl-dev", "1.2.4-r2", 10_000_000),
                installed("apk", "libffi-dev", "3.4.4-r3", 100_000),
                installed("apk", "eudev", "3-r0", 5),
                installed("dpkg", "gcc-12-base", "12", 7));
        assertThat(runtimes)
                .extracting(runtime -> runtime.name() + " " + runtime.details())
                .containsExactly(
                        "compilers {bytes=150000000, packages=1}", "dev-packages {bytes=10100000, packages=2}");
    }

    @Test
    void tellsGoAndRustByWhatTheirLinkersLeft() {
        String info = "0123456789abcdefpath\tex.org/a\nbuild\tCGO_ENABLED=1\nfedcba9876543210";
        String go = "\u00ff Go buildinf:\u0008\u0002" + "\0".repeat(16) + (char) 8 + "go1.22.1" + (char) info.length()
                + info;
        List<LanguageRuntime> runtimes = runtimes(TestLayers.tar()
                .file(
                        "app",
                        HandmadeElf.x86_64()
                                .isStatic()
                                .data(go + "\0".repeat(200))
                                .build(),
                        0755)
                .file("tool", executable("RUST_BACKTRACE\0rustc version 1.75.0 (82e1608df 2023-12-21)\0"), 0755));
        assertThat(runtimes)
                .extracting(runtime -> runtime.name() + " " + runtime.version() + " " + runtime.details())
                .containsExactly(
                        "go 1.22.1 {executables.cgo=1, executables.static=1}", "rust 1.75.0 {executables.dynamic=1}");
    }

    @Test
    void findsTheBusyboxVersionsOfTheCorpus() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        SoftAssertions softly = new SoftAssertions();
        int told = 0;
        for (JsonNode image : corpus.images()) {
            Fingerprinter.Result result = Fingerprinter.fingerprint(corpus.layers(image), corpus.inputs(image));
            if (Boolean.getBoolean("basewatch.tell")) {
                System.out.println("RT " + CorpusImages.name(image));
                result.fingerprint()
                        .runtimes()
                        .forEach(runtime -> System.out.println(
                                "  RT " + runtime.name() + " " + runtime.version() + " " + runtime.details() + " "
                                        + runtime.evidence().stream()
                                                .map(e -> e.path() + " «" + e.excerpt() + "»")
                                                .toList()));
            }
            JsonNode busybox = image.get("truth").get("busybox_version");
            if (busybox != null && !busybox.isNull()) {
                told++;
                softly.assertThat(result.fingerprint().runtimes())
                        .as(CorpusImages.name(image))
                        .extracting(runtime -> runtime.name() + " " + runtime.version())
                        .contains("busybox " + busybox.asString());
            }
        }
        softly.assertAll();
        assertThat(told).isPositive();
    }
}
