package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Severity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/** The field's well-known stories, each with its counterpart in which there is nothing to tell. */
class StoriesTest {

    private static final String[] ASKS_NAMES = {"getaddrinfo"};

    private static byte[] php(boolean withLibrary, String... functions) {
        HandmadeElf php = Images.elf().interpreter(Images.MUSL_LOADER).needed("libc.musl-x86_64.so.1");
        HandmadeElf with = (withLibrary ? php.needed("libiconv.so.2") : php).undefined(functions);
        for (String function : functions) {
            with = with.relocation(function, 7);
        }
        return with.build();
    }

    @Test
    void aPlainCurrentAlpineHasNothingToTellAboveLow() {
        assertThat(Images.current().told()).isEmpty();
        assertThat(Images.current().judgement().caveats())
                .singleElement()
                .satisfies(caveat ->
                        assertThat(Images.summary(caveat)).isEqualTo("small-default-thread-stack risk low 1"));
    }

    @Test
    void phpIconvWithoutThePreloadRefusesTransliteration() {
        assertThat(Images.current()
                        .file("usr/local/bin/php", php(false, "iconv_open"))
                        .told())
                .contains("iconv-no-translit-ignore risk high 1");
        assertThat(Images.current()
                        .file("usr/local/bin/php", php(true, "libiconv_open"))
                        .told())
                .as("the official image of 2022 and newer")
                .noneMatch(told -> told.startsWith("iconv"));
    }

    @Test
    void phpIconvWithThePreloadIsMilderAndTheWorkaroundIsNoted() {
        Images image = Images.current()
                .file("usr/local/bin/php", php(false, "iconv_open"))
                .file("usr/lib/preloadable_libiconv.so", Images.muslLibrary("preloadable_libiconv.so"))
                .env("LD_PRELOAD=/usr/lib/preloadable_libiconv.so php");
        assertThat(image.told())
                .contains("iconv-no-translit-ignore risk medium 1", "php-iconv-preload-workaround info low 2");
        assertThat(image.caveat("iconv-no-translit-ignore").orElseThrow().mitigation())
                .contains("preloadable_libiconv.so");
    }

    @Test
    void phpIconvWithADeadPreloadIsTheOldTroubleUnseen() {
        Images image = Images.current()
                .file("usr/local/bin/php", php(false, "iconv_open"))
                .env("LD_PRELOAD=/usr/lib/preloadable_libiconv.so");
        assertThat(image.told())
                .contains("php-iconv-preload-broken certain high 1", "iconv-no-translit-ignore risk high 1");
        assertThat(image.caveat("php-iconv-preload-broken").orElseThrow().message())
                .contains("without a word", "//TRANSLIT");
    }

    @Test
    void dnsSearchIsATroubleOfMuslBefore1113() {
        assertThat(Images.alpine("3.3.3", "1.1.12")
                        .file("app/a", Images.muslProgram(ASKS_NAMES))
                        .told())
                .contains("dns-no-search-domains risk high 1", "dns-no-tcp-fallback risk high 1");
        assertThat(Images.alpine("3.4.6", "1.1.14")
                        .file("app/a", Images.muslProgram(ASKS_NAMES))
                        .told())
                .noneMatch(told -> told.startsWith("dns-no-search"));
    }

    @Test
    void noTcpIsATroubleBefore124AndOfThoseWhoAskLibc() {
        assertThat(Images.alpine("3.17.10", "1.2.3")
                        .file("app/a", Images.muslProgram(ASKS_NAMES))
                        .told())
                .contains("dns-no-tcp-fallback risk high 1");
        assertThat(Images.alpine("3.17.10", "1.2.3")
                        .file("app/a", Images.muslProgram("puts"))
                        .told())
                .contains("dns-no-tcp-fallback risk low 1");
        assertThat(Images.alpine("3.18.9", "1.2.4")
                        .file("app/a", Images.muslProgram(ASKS_NAMES))
                        .told())
                .noneMatch(told -> told.startsWith("dns-no-tcp"));
    }

    @Test
    void severalNameServersAreRaisedWhereTheImageItselfListsThem() {
        Images plain = Images.current().file("app/a", Images.muslProgram(ASKS_NAMES));
        assertThat(plain.told()).contains("dns-parallel-nameservers risk low 1", "dns-search-semantics risk low 1");
        assertThat(Images.current()
                        .file("app/a", Images.muslProgram(ASKS_NAMES))
                        .text("etc/resolv.conf", "nameserver 10.0.0.2\nnameserver 8.8.8.8\n")
                        .env("RES_OPTIONS=rotate")
                        .told())
                .contains("dns-parallel-nameservers risk medium 1", "dns-search-semantics risk medium 1");
    }

    @Test
    void aJdkForGlibcOnAlpineDoesNotStart() {
        assertThat(Images.current()
                        .text("opt/jdk/release", "JAVA_VERSION=\"17.0.9\"\nIMPLEMENTOR=\"Oracle Corporation\"\n")
                        .file("opt/jdk/bin/java", Images.glibcProgram("__rawmemchr"))
                        .starts("/opt/jdk/bin/java", "-jar", "/app.jar")
                        .told())
                .contains("elf-glibc-interpreter-missing certain critical 1", "jdk-glibc-on-musl certain critical 1");
    }

    @Test
    void aLinkedLoaderTurnsNotFoundIntoMissingSymbols() {
        Images image = Images.current()
                .link("lib64/ld-linux-x86-64.so.2", "../lib/ld-musl-x86_64.so.1")
                .file("opt/vendor/cli", Images.glibcProgram("__rawmemchr"));
        assertThat(image.told()).containsExactly("hand-made-loader-symlink risk medium 1");
        assertThat(Images.current()
                        .link("lib64/ld-linux-x86-64.so.2", "../lib/ld-musl-x86_64.so.1")
                        .told())
                .as("nobody uses it")
                .containsExactly("hand-made-loader-symlink risk low 1");
    }

    @Test
    void theLoadersOwnWordDecidesWhatIsToldOfAPlugin() {
        Images node = Images.current()
                .file("usr/local/bin/node", Images.muslProgram())
                .starts("node", "/app/index.js");
        assertThat(node.file(
                                "app/node_modules/bcrypt/lib/bcrypt.node",
                                Images.glibcLibraryCalling("bcrypt.node", "gnu_get_libc_version"))
                        .proven())
                .as("Node binds lazily: it fails when the function is called")
                .contains("node-native-addon-glibc risk medium 1");
        assertThat(Images.current()
                        .file("usr/local/bin/node", Images.muslProgram())
                        .file("app/node_modules/bcrypt/lib/bcrypt.node", Images.glibcLibraryCalling("bcrypt.node"))
                        .starts("node", "/app/index.js")
                        .proven())
                .as("it loads, by luck")
                .contains("symbol-versions-ignored risk medium 1")
                .noneMatch(told -> told.startsWith("node-native"));
    }

    @Test
    void whatALibraryThatNobodyOpensMayGetOfItsHostIsNotMissing() {
        assertThat(Images.current()
                        .file("usr/lib/plugin.so", Images.muslLibrary("plugin.so", "host_function"))
                        .proven())
                .isEmpty();
        assertThat(Images.current()
                        .file("usr/lib/plugin.so", Images.glibcLibraryCalling("plugin.so", "host_function", "dlmopen"))
                        .proven())
                .as("but what only glibc has")
                .containsExactly("gnu-api-misc-missing risk low 1");
    }

    @Test
    void aMissingLibrarySaysWhyItsSymbolsAreMissing() {
        assertThat(Images.current()
                        .file(
                                "usr/bin/tool",
                                HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_X86_64)
                                        .type(ElfHeader.ET_DYN)
                                        .interpreter("/lib/ld-musl-x86_64.so.1")
                                        .needed("libstdc++.so.6", "libc.musl-x86_64.so.1")
                                        .undefined("_Unwind_Resume")
                                        .relocation("_Unwind_Resume", 7)
                                        .build())
                        .proven())
                .containsExactly("elf-needed-missing certain high 1");
    }

    @Test
    void theForeignGlibcAndTheShimsAreTold() {
        assertThat(Images.current()
                        .text("etc/apk/keys/sgerrand.rsa.pub", "key")
                        .file("usr/glibc-compat/lib/ld-linux-x86-64.so.2", Images.glibcLibrary("ld-linux-x86-64.so.2"))
                        .packages("glibc=2.35-r1", "musl=1.2.6-r2")
                        .told())
                .contains("glibc-on-alpine-hack risk high 3");
        assertThat(Images.current()
                        .file("lib/libgcompat.so.0", Images.muslLibrary("libgcompat.so.0"))
                        .file("opt/vendor/cli", Images.glibcProgram())
                        .told())
                .contains("gcompat-present risk medium 1");
        assertThat(Images.alpine("3.18.9", "1.2.4")
                        .packages("libc6-compat=1.2.4-r2", "musl=1.2.4-r2")
                        .link("lib/ld-linux-x86-64.so.2", "libc.musl-x86_64.so.1")
                        .link("lib/libc.musl-x86_64.so.1", "ld-musl-x86_64.so.1")
                        .told())
                .contains("libc6-compat-present risk low 2")
                .noneMatch(told -> told.startsWith("hand-made"));
    }

    @Test
    void edgeMixedIntoAStableReleaseIsTold() {
        String stable = "https://dl-cdn.alpinelinux.org/alpine/v3.24/main\n";
        assertThat(Images.current()
                        .text(
                                "etc/apk/repositories",
                                stable + "@edge https://dl-cdn.alpinelinux.org/alpine/edge/testing\n")
                        .told())
                .containsExactly("edge-repo-mixed risk medium 1");
        assertThat(Images.current()
                        .text("etc/apk/repositories", stable + "#https://dl-cdn.alpinelinux.org/alpine/edge/testing\n")
                        .told())
                .isEmpty();
    }

    @Test
    void aNodeAddonForGlibcIsToldAndOneWithAVariantForMuslIsANote() {
        byte[] addon = Images.glibcLibrary("bcrypt.node");
        assertThat(Images.current()
                        .file("usr/local/bin/node", Images.muslProgram())
                        .file("app/node_modules/bcrypt/lib/bcrypt.node", addon)
                        .starts("node", "/app/index.js")
                        .told())
                .contains("node-native-addon-glibc risk high 1", "node-musl-experimental info low 1");
        assertThat(Images.current()
                        .file("usr/local/bin/node", Images.muslProgram())
                        .file("app/node_modules/argon2/prebuilds/linux-x64/argon2.glibc.node", addon)
                        .file(
                                "app/node_modules/argon2/prebuilds/linux-x64/argon2.musl.node",
                                Images.muslLibrary("argon2.node"))
                        .told())
                .contains("node-native-addon-glibc info low 1");
    }

    @Test
    void addonsForAnotherMachineAreNobodysTrouble() {
        byte[] arm = HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_AARCH64)
                .type(ElfHeader.ET_DYN)
                .soname("a.node")
                .needed("libc.so.6")
                .build();
        byte[] i386 = HandmadeElf.of(32, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_386)
                .type(ElfHeader.ET_DYN)
                .soname("a.node")
                .needed("libc.so.6")
                .build();
        assertThat(Images.current()
                        .file("usr/local/bin/node", Images.muslProgram())
                        .file("app/node_modules/a/prebuilds/linux-arm64/a.node", arm)
                        .file("app/node_modules/a/prebuilds/linux-ia32/a.node", i386)
                        .told())
                .containsExactly("node-musl-experimental info low 1");
    }

    private static byte[] jar(Map<String, byte[]> entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Images java(Map<String, byte[]> entries) {
        return Images.current()
                .text("opt/jdk/release", "JAVA_VERSION=\"17.0.9\"\nLIBC=\"musl\"\n")
                .file("opt/jdk/bin/java", Images.muslProgram())
                .file("app/lib/native.jar", jar(entries));
    }

    @Test
    void aJarsLibraryIsJudgedByItsNeedsAndNotByItsName() {
        byte[] needsMore = Images.glibcLibrary("librocksdbjni-linux64.so", "libstdc++.so.6");
        byte[] missesAtCall = Images.elf()
                .type(ElfHeader.ET_DYN)
                .soname("libjnidispatch.so")
                .needed("libc.so.6")
                .undefined("__strdup")
                .relocation("__strdup", 7)
                .build();
        byte[] loads = Images.elf()
                .type(ElfHeader.ET_DYN)
                .soname("libzstd-jni.so")
                .needed("libc.so.6")
                .undefined("malloc")
                .relocation("malloc", 7)
                .build();
        assertThat(java(Map.of("librocksdbjni-linux64.so", needsMore)).told())
                .contains("jni-native-in-jar-glibc certain high 1");
        assertThat(java(Map.of("linux-x86-64/libjnidispatch.so", missesAtCall)).told())
                .contains("jni-native-in-jar-glibc risk medium 1");
        assertThat(java(Map.of("linux/amd64/libzstd-jni.so", loads)).told()).noneMatch(told -> told.startsWith("jni"));
        assertThat(java(Map.of(
                                "librocksdbjni-linux64.so",
                                needsMore,
                                "librocksdbjni-linux64-musl.so",
                                Images.muslLibrary("librocksdbjni-linux64-musl.so")))
                        .told())
                .contains("jni-native-in-jar-glibc info low 1");
    }

    @Test
    void theMissingLibraryOfAJarIsNamedAsTheLoaderWouldNameIt() {
        Caveat caveat = java(Map.of("a.so", Images.glibcLibrary("a.so", "libstdc++.so.6")))
                .caveat("jni-native-in-jar-glibc")
                .orElseThrow();
        assertThat(caveat.evidence().get(0).path()).isEqualTo("app/lib/native.jar!/a.so");
        assertThat(caveat.evidence().get(0).excerpt())
                .startsWith("Error loading shared library libstdc++.so.6: No such file or directory");
    }

    @Test
    void smallThreadStacksAreRatedByWhoReliesOnThemAndANoteForTheOfficialPython() {
        assertThat(Images.current()
                        .file("app/server", Images.muslProgram("pthread_create"))
                        .told())
                .contains("small-default-thread-stack risk medium 1");
        assertThat(Images.current()
                        .file("app/server", Images.muslProgram("pthread_create", "pthread_attr_setstacksize"))
                        .told())
                .noneMatch(told -> told.startsWith("small"));
        Images asking = Images.current()
                .file(
                        "app/server",
                        Images.elf()
                                .interpreter(Images.MUSL_LOADER)
                                .needed("libc.musl-x86_64.so.1")
                                .undefined("pthread_create")
                                .relocation("pthread_create", 7)
                                .stack(1 << 20)
                                .build());
        assertThat(asking.caveats(image -> List.of()))
                .as("milder, and told only as a note")
                .noneMatch(caveat -> caveat.id().startsWith("small"));
        assertThat(Images.alpine("3.9.6", "1.1.20")
                        .file("app/server", Images.muslProgram("pthread_create"))
                        .told())
                .as("80 KiB")
                .contains("small-default-thread-stack risk high 1");
        Images selfBuilt = Images.current()
                .file("opt/python/bin/python3", Images.muslProgram())
                .text("opt/python/lib/python3.12/os.py", "");
        assertThat(selfBuilt.told()).contains("small-default-thread-stack risk high 1");
        Caveat official = Images.current()
                .env("PYTHON_VERSION=3.12.4")
                .file("usr/local/bin/python3", Images.muslProgram())
                .text("usr/local/lib/python3.12/os.py", "")
                .judgement()
                .caveats()
                .stream()
                .filter(caveat -> caveat.id().equals("small-default-thread-stack"))
                .findFirst()
                .orElseThrow();
        assertThat(official.severity()).isEqualTo(Severity.LOW);
        assertThat(official.mitigation()).contains("official");
    }

    @Test
    void slowMallocIsMilderWithAnotherAllocatorPreloaded() {
        assertThat(Images.current()
                        .file("app/server", Images.muslProgram("pthread_create", "malloc"))
                        .told())
                .contains("malloc-slow-contended risk medium 1");
        Images preloaded = Images.current()
                .file("app/server", Images.muslProgram("pthread_create", "malloc"))
                .file("usr/lib/libjemalloc.so.2", Images.muslLibrary("libjemalloc.so.2"))
                .env("LD_PRELOAD=libjemalloc.so.2");
        assertThat(preloaded.told()).contains("malloc-slow-contended risk low 1");
    }

    @Test
    void strptimeStrftimeAndTimeZones() {
        assertThat(Images.alpine("3.20.3", "1.2.5")
                        .file("app/a", Images.muslProgram("strptime", "strftime"))
                        .told())
                .contains("strptime-gaps risk medium 1", "strftime-gaps info low 1");
        assertThat(Images.current()
                        .file("app/a", Images.muslProgram("strptime"))
                        .told())
                .contains("strptime-percent-Z-crash-1.2.6 risk high 1")
                .noneMatch(told -> told.startsWith("strptime-gaps"));
        assertThat(Images.current()
                        .file("app/a", Images.muslProgram("strptime", "tzset"))
                        .told())
                .contains("strptime-percent-Z-crash-1.2.6 risk medium 1");
        assertThat(Images.current().env("TZ=Europe/Berlin").told())
                .containsExactly("timezone-no-tzdata certain medium 1");
        assertThat(Images.current()
                        .env("TZ=Europe/Berlin")
                        .text("usr/share/zoneinfo/Europe/Berlin", "TZif2")
                        .told())
                .isEmpty();
        assertThat(Images.current().env("TZ=UTC").told()).isEmpty();
        assertThat(Images.current().env("TZ=Etc/UTC").told())
                .as("it is UTC anyway")
                .isEmpty();
    }

    @Test
    void sourceBuiltPythonTellsWhatItsCompilersWeigh() {
        Images image = Images.current()
                .env("PYTHON_VERSION=3.12.4")
                .file("usr/local/bin/python3", Images.muslProgram())
                .text("usr/local/lib/python3.12/os.py", "")
                .text(
                        "usr/local/lib/python3.12/site-packages/pandas-2.0.dist-info/WHEEL",
                        "Wheel-Version: 1.0\nTag: cp312-cp312-linux_x86_64\n")
                .packages("musl=1.2.6-r2", "gcc=13.2.1-r3", "musl-dev=1.2.6-r2", "build-base=0.5-r3");
        Caveat caveat = image.caveat("python-no-manylinux-source-build").orElseThrow();
        assertThat(caveat.severity()).isEqualTo(Severity.MEDIUM);
        assertThat(caveat.message()).contains("3 packages", "MiB", "slim", "1 of its packages was compiled here");
    }

    @Test
    void packagesWithoutWheelsForMuslAreToldByWhoAsksForThem() {
        Images image = Images.current()
                .file("usr/local/bin/python3", Images.muslProgram())
                .text("usr/local/lib/python3.12/os.py", "")
                .text("app/requirements.txt", "flask==3.0\ntorch>=2.1\n");
        assertThat(image.told()).contains("python-ml-no-musl-wheels risk high 1");
        assertThat(Images.current()
                        .file("usr/local/bin/python3", Images.muslProgram())
                        .text("usr/local/lib/python3.12/os.py", "")
                        .text("app/requirements.txt", "torch-geometric-docs==1\nflask\n")
                        .told())
                .noneMatch(told -> told.startsWith("python-ml"));
    }

    @Test
    void theFirstLineOfAnEntrypointMustNameWhatIsThere() {
        assertThat(Images.current()
                        .file("entrypoint.sh", "#!/bin/bash\nexec app\n".getBytes())
                        .starts("/entrypoint.sh")
                        .told())
                .containsExactly("shebang-interpreter-missing certain critical 1");
        assertThat(Images.current()
                        .file("usr/local/bin/tool", "#!/usr/bin/env python\n".getBytes())
                        .link("usr/bin/env", "/bin/busybox")
                        .told())
                .containsExactly("shebang-interpreter-missing certain high 1");
        assertThat(Images.current()
                        .file("entrypoint.sh", "#!/bin/sh\r\nexec app\r\n".getBytes())
                        .starts("/entrypoint.sh")
                        .caveat("shebang-interpreter-missing")
                        .orElseThrow()
                        .message())
                .contains("carriage return");
        assertThat(Images.current()
                        .file("entrypoint.sh", "#!/bin/sh\nexec app\n".getBytes())
                        .file("usr/share/doc/example.sh", "#!/bin/bash\n".getBytes())
                        .starts("/entrypoint.sh")
                        .told())
                .isEmpty();
    }

    @Test
    void localesThatAreSetAndNotThereAreTold() {
        assertThat(Images.current().env("LANG=de_DE.UTF-8").told()).containsExactly("locale-c-utf8-only risk medium 1");
        assertThat(Images.current().env("LANG=C.UTF-8").told()).isEmpty();
    }

    @Test
    void yescryptHashesAreToldByTheirMethodAlone() {
        Images image = Images.current().text("etc/shadow", "root:$y$j9T$abc$def:19000:0:99999:7:::\nbin:!::0:::::\n");
        assertThat(image.told()).containsExactly("crypt-no-yescrypt certain medium 1");
        assertThat(image.caveat("crypt-no-yescrypt").orElseThrow().toString()).doesNotContain("abc");
        assertThat(Images.current()
                        .text("etc/shadow", "root:$6$salt$hash:19000:::::\n")
                        .told())
                .isEmpty();
    }

    @Test
    void aFixedMuslIsToldOfNoFaultsAndAnOlderOneByWhoIsThere() {
        assertThat(Images.alpine("3.23.3", "1.2.5").packages("musl=1.2.5-r23").told())
                .isEmpty();
        assertThat(Images.alpine("3.23.3", "1.2.5").packages("musl=1.2.5-r21").told())
                .containsExactly("cve-musl-unpatched risk low 1");
        assertThat(Images.alpine("3.23.3", "1.2.5")
                        .packages("musl=1.2.5-r21")
                        .file("app/a", Images.muslProgram("iconv_open"))
                        .told())
                .contains("cve-musl-unpatched risk high 1");
    }

    @Test
    void theRestIsToldWhereItsTracesAre() {
        assertThat(Images.current().env("NVIDIA_VISIBLE_DEVICES=all").told()).contains("cuda-on-musl risk high 1");
        assertThat(Images.current()
                        .file("usr/local/bin/postgres", Images.muslProgram())
                        .told())
                .contains("postgres-collation-switch risk high 1");
        assertThat(Images.current().env("MALLOC_ARENA_MAX=2").told())
                .containsExactly("malloc-introspection-missing info low 1");
        assertThat(Images.current()
                        .file("opt/extensions/agent", Images.glibcProgram())
                        .told())
                .contains("aws-lambda-ric-extensions risk medium 1");
        assertThat(Images.current()
                        .file("lib/libnss_sss.so.2", Images.muslLibrary("libnss_sss.so.2"))
                        .packages("musl-nscd=1.1.0-r0")
                        .told())
                .contains("nss-plugins-ignored risk medium 1");
        assertThat(Images.current()
                        .file("opt/oracle/libclntsh.so.21.1", Images.glibcLibrary("libclntsh.so.21.1"))
                        .told())
                .contains("oracle-instantclient risk low 1");
    }

    @Test
    void anImageOnGlibcHearsNothingOfMusl() {
        assertThat(Images.debian()
                        .env("LD_PRELOAD=/nowhere.so")
                        .env("LANG=de_DE.UTF-8")
                        .env("MALLOC_ARENA_MAX=2")
                        .file("usr/local/bin/php", Images.glibcProgram("iconv_open"))
                        .file("app/a", Images.glibcProgram("pthread_create", "getaddrinfo", "strptime"))
                        .file("usr/local/lib/python3.12/site-packages/a/_a.so", Images.glibcLibrary("_a.so"))
                        .text("usr/local/lib/python3.12/os.py", "")
                        .told())
                .isEmpty();
    }

    @Test
    void whatWasNotReadWhollyIsCertainOfNothing() {
        List<String> told = Images.current()
                .cut()
                .env("TZ=Europe/Berlin")
                .env("LD_PRELOAD=/nowhere.so")
                .told();
        assertThat(told)
                .contains("timezone-no-tzdata risk medium 1", "php-iconv-preload-broken risk high 1")
                .noneMatch(line -> line.contains("certain"));
    }
}
