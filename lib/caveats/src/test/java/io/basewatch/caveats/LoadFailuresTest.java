package io.basewatch.caveats;

import static io.basewatch.caveats.Images.missing;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.caveats.LoadVerdict.Reach;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Evidence;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadFailuresTest {

    private static Images withServer() {
        return Images.current()
                .file("opt/app/server", Images.glibcProgram())
                .link("lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1")
                .starts("/opt/app/server");
    }

    @Test
    void eachMissingSymbolIsToldOnceByWhatSaysMost() {
        assertThat(withServer()
                        .told(image -> List.of(missing(
                                image,
                                "opt/app/server",
                                Reach.FIRST,
                                null,
                                false,
                                "__memcpy_chk",
                                "__fprintf_chk",
                                "fcntl64",
                                "backtrace",
                                "__isoc23_strtol",
                                "makecontext",
                                "fts_open",
                                "__res_init",
                                "malloc_trim",
                                "pthread_cond_clockwait",
                                "re_search",
                                "gnu_get_libc_version",
                                "of_nobody"))))
                .containsExactly(
                        "elf-fcntl64 certain critical 1",
                        "elf-fortify-chk-symbols certain critical 1",
                        "elf-isoc23-symbols certain critical 1",
                        "elf-unresolved-symbol certain critical 1",
                        "execinfo-backtrace-missing certain critical 1",
                        "gnu-api-fts-obstack-argp-error certain critical 1",
                        "gnu-api-misc-missing certain critical 1",
                        "malloc-introspection-missing certain critical 1",
                        "musl-no-resolver-state certain critical 1",
                        "pthread-np-extensions certain critical 1",
                        "regex-glob-fnmatch-differences certain critical 1",
                        "ucontext-missing certain critical 1",
                        "hand-made-loader-symlink risk medium 1");
    }

    @Test
    void theLoadersOwnLineIsTheEvidence() {
        Caveat caveat = withServer()
                .caveats(image -> List.of(
                        missing(image, "opt/app/server", Reach.FIRST, null, false, "__memcpy_chk", "__fprintf_chk")))
                .get(0);
        assertThat(caveat.evidence())
                .extracting(Evidence::path, Evidence::excerpt)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        "opt/app/server", "Error relocating /opt/app/server: __memcpy_chk: symbol not found"));
        assertThat(caveat.evidence().get(0).layer()).isNotNull();
        assertThat(caveat.message())
                .contains("cannot be loaded under musl 1.2.6", ", and 1 more such line)", "the image starts it");
    }

    @Test
    void howBadItIsDependsOnWhoLoadsIt() {
        for (Reach reach : Reach.values()) {
            String expected = switch (reach) {
                case FIRST -> "execinfo-backtrace-missing certain critical 1";
                case REACHABLE, PLUGIN -> "execinfo-backtrace-missing certain medium 1";
                case UNUSED -> "execinfo-backtrace-missing risk low 1";
            };
            assertThat(withServer()
                            .told(image ->
                                    List.of(missing(image, "opt/app/server", reach, null, false, "backtrace_symbols"))))
                    .as(reach.name())
                    .contains(expected);
        }
    }

    @Test
    void whatStrikesAtTheFirstCallOnlyIsARiskAndOneStepMilder() {
        assertThat(withServer()
                        .told(image ->
                                List.of(missing(image, "opt/app/server", Reach.PLUGIN, null, true, "__memcpy_chk"))))
                .contains("elf-fortify-chk-symbols risk medium 1");
    }

    @Test
    void aFunctionThatCameLaterIsToldSoOnAnOlderMuslOnly() {
        Images old = Images.alpine("3.12.12", "1.1.24")
                .file("opt/app/server", Images.muslProgram())
                .starts("/opt/app/server");
        assertThat(old.told(image ->
                        List.of(missing(image, "opt/app/server", Reach.FIRST, null, false, "gettid", "statx"))))
                .contains("late-added-symbols certain critical 1");
        assertThat(withServer()
                        .told(image -> List.of(missing(image, "opt/app/server", Reach.FIRST, null, false, "gettid"))))
                .contains("elf-unresolved-symbol certain critical 1");
    }

    @Test
    void posixFallocate64IsLostBetween124And125AndNotInAlpine318() {
        for (String[] release : new String[][] {
            {"3.19.4", "1.2.4_git20230717", "elf-posix-fallocate64-1.2.4-1.2.5"},
            {"3.20.3", "1.2.5", "elf-posix-fallocate64-1.2.4-1.2.5"},
            {"3.18.9", "1.2.4", "elf-unresolved-symbol"},
            {"3.24.1", "1.2.6", "elf-unresolved-symbol"}
        }) {
            assertThat(Images.alpine(release[0], release[1])
                            .file("opt/app/server", Images.muslProgram())
                            .starts("/opt/app/server")
                            .told(image -> List.of(
                                    missing(image, "opt/app/server", Reach.FIRST, null, false, "posix_fallocate64"))))
                    .as(release[0])
                    .contains(release[2] + " certain critical 1");
        }
    }

    @Test
    void otherFaultsHaveTheirOwnEntries() {
        assertThat(withServer()
                        .told(image -> List.of(Images.verdict(
                                image,
                                "opt/app/server",
                                Reach.REACHABLE,
                                null,
                                false,
                                List.of(
                                        fault(LoadFault.Kind.LIBRARY_MISSING, "libstdc++.so.6"),
                                        fault(LoadFault.Kind.RELOCATION_UNSUPPORTED, "37"),
                                        fault(LoadFault.Kind.TLS, "of_thread"))))))
                .containsExactly(
                        "elf-initial-exec-tls-dlopen certain high 1",
                        "elf-irelative-reloc certain high 1",
                        "elf-needed-missing certain high 1",
                        "hand-made-loader-symlink risk medium 1");
    }

    private static LoadFault fault(LoadFault.Kind kind, String name) {
        return new LoadFault(kind, "/opt/app/server", name, null, "Error: " + name);
    }

    @Test
    void aGlibcImageHearsOfTooOldLibrariesAndOfNothingThatIsMusls() {
        Images debian =
                Images.debian().file("opt/app/server", Images.glibcProgram()).starts("/opt/app/server");
        assertThat(debian.told()).isEmpty();
        assertThat(debian.told(image -> List.of(Images.verdict(
                        image,
                        "opt/app/server",
                        Reach.FIRST,
                        null,
                        false,
                        List.of(new LoadFault(
                                LoadFault.Kind.VERSION_MISSING,
                                "/opt/app/server",
                                "libc.so.6",
                                "GLIBC_2.38",
                                "/lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found"))))))
                .containsExactly("elf-symbol-version-missing certain critical 1");
        assertThat(debian.told(image -> List.of(
                        missing(image, "opt/app/server", Reach.FIRST, null, false, "__memcpy_chk", "backtrace"))))
                .containsExactly("elf-unresolved-symbol certain critical 1");
    }

    @Test
    void fortyWheelsThatDoNotLoadAreOneFindingWithFortyPlaces() {
        Images image = withPython();
        for (int n = 0; n < 40; n++) {
            image = wheel(image, "pkg" + n, "cp312-cp312-manylinux_2_17_x86_64");
        }
        List<Caveat> caveats = image.caveats(judged -> judged.elfFiles().all().stream()
                .filter(file -> file.path().contains("site-packages"))
                .map(file -> missing(judged, file.path(), Reach.PLUGIN, null, false, "__memcpy_chk"))
                .toList());
        assertThat(caveats)
                .filteredOn(caveat -> caveat.id().startsWith("python-manylinux"))
                .singleElement()
                .satisfies(caveat -> {
                    assertThat(Images.summary(caveat))
                            .isEqualTo("python-manylinux-extension-installed certain high 40");
                    assertThat(caveat.evidence()).hasSize(Caveat.MAX_EVIDENCE);
                    assertThat(caveat.message()).contains(", and 39 more such lines)");
                });
        assertThat(caveats)
                .as("and not again by the symbol")
                .noneMatch(caveat -> caveat.id().startsWith("elf-"));
    }

    private static final String SITE = "usr/local/lib/python3.12/site-packages/";

    private static Images withPython() {
        return Images.current()
                .env("PYTHON_VERSION=3.12.4")
                .file("usr/local/bin/python3", Images.muslProgram())
                .text("usr/local/lib/python3.12/os.py", "")
                .starts("python3");
    }

    private static Images wheel(Images image, String name, String tag) {
        String file = name + "/_native.so";
        return image.text(SITE + name + "-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: " + tag + "\n")
                .text(SITE + name + "-1.0.dist-info/RECORD", file + ",sha256=abc,10\n" + name + "/__init__.py,,\n")
                .file(SITE + file, Images.glibcLibrary("_native.so"));
    }

    @Test
    void aWheelOfWhichNoLoaderWasAskedIsARiskByItsTag() {
        Caveat caveat = wheel(withPython(), "numpy", "cp312-cp312-manylinux_2_17_x86_64")
                .caveat("python-manylinux-extension-installed")
                .orElseThrow();
        assertThat(caveat.kind()).isNotEqualTo(Caveat.Kind.INFO);
        assertThat(caveat.evidence().get(0).path()).isEqualTo(SITE + "numpy/_native.so");
    }

    @Test
    void aWheelForGlibcThatLoadsIsOnlySaidToBeUntested() {
        assertThat(wheel(withPython(), "tiny", "cp312-cp312-manylinux1_x86_64")
                        .told(image -> List.of(
                                Images.verdict(image, SITE + "tiny/_native.so", Reach.PLUGIN, null, false, List.of()))))
                .contains("symbol-versions-ignored risk medium 1")
                .noneMatch(told -> told.startsWith("python-manylinux"));
    }

    @Test
    void nothingIsCertainWhereNotAllOfTheImageWasRead() {
        assertThat(withServer()
                        .cut()
                        .told(image ->
                                List.of(missing(image, "opt/app/server", Reach.FIRST, null, false, "__memcpy_chk"))))
                .contains("elf-fortify-chk-symbols risk critical 1")
                .noneMatch(told -> told.contains("certain"));
    }

    @Test
    void aLibraryThatWaitsForAHostThatIsNotThereIsNobodysTrouble() {
        Images image = Images.current().file("usr/lib/libplugin.so", Images.muslLibrary("libplugin.so"));
        assertThat(image.told(judged ->
                        List.of(missing(judged, "usr/lib/libplugin.so", Reach.UNUSED, null, false, "of_the_host"))))
                .isEmpty();
        assertThat(image.told(judged ->
                        List.of(missing(judged, "usr/lib/libplugin.so", Reach.REACHABLE, null, false, "of_the_host"))))
                .containsExactly("elf-unresolved-symbol certain high 1");
    }

    @Test
    void ofOneKindAndSeverityThereIsOneFinding() {
        Images image = Images.current()
                .text("opt/jdk/release", "JAVA_VERSION=\"17.0.9\"\n")
                .file("opt/jdk/bin/java", Images.glibcProgram())
                .file("opt/jdk/lib/server/libjvm.so", Images.glibcLibrary("libjvm.so", "libnowhere.so.1"));
        assertThat(image.told())
                .filteredOn(told -> told.startsWith("jdk"))
                .containsExactly("jdk-glibc-on-musl risk low 2");
    }
}
