package io.basewatch.standalone;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Root file systems of distributions, each as one layer: os-release, package database, C library and loader say what those of the real release say, and the C library gives what the
 * sample's programs ask for as far as the real one does. Paths are without a leading slash.
 */
final class SampleSystems {

    static final String MUSL_LOADER = "/lib/ld-musl-x86_64.so.1";
    static final String MUSL_LIBC = "libc.musl-x86_64.so.1";
    static final String GLIBC_LOADER = "/lib64/ld-linux-x86-64.so.2";
    static final String GLIBC = "libc.so.6";

    /** What both C libraries have; musl without versions. */
    private static final List<String> COMMON = List.of(
            "abort",
            "connect",
            "exit",
            "fclose",
            "fopen",
            "free",
            "getaddrinfo",
            "getenv",
            "iconv",
            "iconv_open",
            "malloc",
            "memset",
            "open",
            "printf",
            "read",
            "socket",
            "strcmp",
            "strlen",
            "write");

    /** What glibc 2.17 to 2.36 have beside that, by the version that first had it so. */
    private static final List<String> GLIBC_ONLY = List.of(
            "__libc_start_main@GLIBC_2.2.5",
            "__libc_start_main@GLIBC_2.34",
            "__memcpy_chk@GLIBC_2.3.4",
            "__printf_chk@GLIBC_2.3.4",
            "__vsnprintf_chk@GLIBC_2.3.4",
            "arc4random@GLIBC_2.36",
            "backtrace@GLIBC_2.2.5",
            "dlopen@GLIBC_2.2.5",
            "dlopen@GLIBC_2.34",
            "gnu_get_libc_version@GLIBC_2.2.5",
            "malloc_trim@GLIBC_2.2.5",
            "memcpy@GLIBC_2.2.5",
            "memcpy@GLIBC_2.14",
            "pthread_create@GLIBC_2.2.5",
            "pthread_create@GLIBC_2.34");

    private static final List<String> MUSL_ONLY = List.of("__libc_start_main", "dlopen", "memcpy", "pthread_create");

    private SampleSystems() {}

    static Map<String, byte[]> alpine(String release, String musl, String muslPackage) {
        return alpine(SampleElf.X86_64, release, musl, muslPackage);
    }

    /**
     * @param release {@code 3.18.9}
     * @param musl its version, as the library says it
     * @param muslPackage version of its package
     */
    static Map<String, byte[]> alpine(int machine, String release, String musl, String muslPackage) {
        String branch = release.substring(0, release.lastIndexOf('.'));
        String architecture = machine == SampleElf.AARCH64 ? "aarch64" : "x86_64";
        String libc = "libc.musl-" + architecture + ".so.1";
        String loader = "lib/ld-musl-" + architecture + ".so.1";
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/alpine-release", release + "\n");
        text(files, "etc/os-release", """
                NAME="Alpine Linux"
                ID=alpine
                VERSION_ID=%s
                PRETTY_NAME="Alpine Linux v%s"
                HOME_URL="https://alpinelinux.org/"
                """.formatted(release, branch));
        text(files, "etc/apk/repositories", """
                https://dl-cdn.alpinelinux.org/alpine/v%1$s/main
                https://dl-cdn.alpinelinux.org/alpine/v%1$s/community
                """.formatted(branch));
        text(
                files,
                "lib/apk/db/installed",
                apk("alpine-baselayout", "3.4.3-r1", architecture)
                        + apk(
                                "musl",
                                muslPackage,
                                architecture,
                                "p:so:" + libc + "=1\nF:lib\nR:ld-musl-" + architecture + ".so.1\n")
                        + apk("busybox", "1.36.1-r5", architecture, "F:bin\nR:busybox\n"));
        files.put(
                loader,
                SampleElf.library(machine, libc)
                        .gives(Stream.concat(COMMON.stream(), MUSL_ONLY.stream()))
                        .says("musl libc (" + architecture + ")\nVersion %s\nDynamic Program Loader\0" + musl)
                        .bytes());
        files.put("bin/busybox", muslProgram(machine, "BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary."));
        files.put("bin/sh", muslProgram(machine, "sh"));
        return files;
    }

    static byte[] muslProgram(int machine, String says, String... more) {
        String architecture = machine == SampleElf.AARCH64 ? "aarch64" : "x86_64";
        return SampleElf.program(machine, "/lib/ld-musl-" + architecture + ".so.1")
                .needs("libc.musl-" + architecture + ".so.1")
                .asks(Stream.concat(Stream.of("__libc_start_main", "printf", "malloc", "free"), Stream.of(more)))
                .says(says)
                .bytes();
    }

    /** A program built on a glibc from 2.34 on. */
    static byte[] glibcProgram(String says, String... more) {
        return glibcProgram("GLIBC_2.34", says, more);
    }

    /**
     * @param start version of the libc's entry: {@code GLIBC_2.2.5} of programs that were built before 2.34
     */
    static byte[] glibcProgram(String start, String says, String[] more) {
        return SampleElf.program(SampleElf.X86_64, GLIBC_LOADER)
                .needs(GLIBC)
                .asks(Stream.concat(
                        Stream.of(
                                "__libc_start_main@" + start,
                                "printf@GLIBC_2.2.5",
                                "malloc@GLIBC_2.2.5",
                                "free@GLIBC_2.2.5"),
                        Stream.of(more)))
                .says(says)
                .bytes();
    }

    /**
     * @param minor of the glibc: 36 for 2.36
     */
    static Map<String, byte[]> debian(String release, String codename, int minor, String libc6) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/os-release", """
                PRETTY_NAME="Debian GNU/Linux %1$s (%2$s)"
                NAME="Debian GNU/Linux"
                VERSION_ID="%1$s"
                VERSION="%1$s (%2$s)"
                VERSION_CODENAME=%2$s
                ID=debian
                HOME_URL="https://www.debian.org/"
                """.formatted(release, codename));
        text(files, "etc/debian_version", release + ".0\n");
        text(files, "var/lib/dpkg/status", dpkg("libc6", libc6, "glibc") + dpkg("dash", "0.5.12-2", "dash"));
        glibc(files, "lib/x86_64-linux-gnu/libc.so.6", "Debian GLIBC " + libc6, minor);
        return files;
    }

    /** Packages of it one by one, no shell. */
    static Map<String, byte[]> distroless(String release, String codename, int minor, String libc6) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/os-release", """
                PRETTY_NAME="Distroless"
                NAME="Debian GNU/Linux"
                ID="debian"
                VERSION_ID="%1$s"
                VERSION="Debian GNU/Linux %1$s (%2$s)"
                HOME_URL="https://github.com/GoogleContainerTools/distroless"
                """.formatted(release, codename));
        text(files, "var/lib/dpkg/status.d/libc6", dpkg("libc6", libc6, "glibc").strip() + "\n");
        text(
                files,
                "var/lib/dpkg/status.d/base-files",
                dpkg("base-files", release + ".4+deb" + release + "u12", "base-files")
                                .strip()
                        + "\n");
        glibc(files, "lib/x86_64-linux-gnu/libc.so.6", "Debian GLIBC " + libc6, minor);
        files.remove("bin/sh");
        return files;
    }

    static Map<String, byte[]> ubuntu(String release, String full, String codename, int minor, String libc6) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/os-release", """
                PRETTY_NAME="Ubuntu %2$s LTS"
                NAME="Ubuntu"
                VERSION_ID="%1$s"
                VERSION="%2$s LTS"
                VERSION_CODENAME=%3$s
                ID=ubuntu
                ID_LIKE=debian
                """.formatted(release, full, codename));
        text(files, "var/lib/dpkg/status", dpkg("libc6", libc6, "glibc") + dpkg("dash", "0.5.12-6ubuntu5", "dash"));
        glibc(files, "lib/x86_64-linux-gnu/libc.so.6", "Ubuntu GLIBC " + libc6, minor);
        return files;
    }

    static Map<String, byte[]> centos7() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/centos-release", "CentOS Linux release 7.9.2009 (Core)\n");
        text(files, "etc/os-release", """
                NAME="CentOS Linux"
                VERSION="7 (Core)"
                ID="centos"
                ID_LIKE="rhel fedora"
                VERSION_ID="7"
                PRETTY_NAME="CentOS Linux 7 (Core)"
                """);
        glibc(files, "lib64/libc.so.6", "GNU libc", 17);
        return files;
    }

    static Map<String, byte[]> wolfi() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/os-release", """
                ID=wolfi
                NAME="Wolfi"
                PRETTY_NAME="Wolfi"
                VERSION_ID="20230201"
                HOME_URL="https://wolfi.dev"
                """);
        text(files, "etc/apk/repositories", "https://packages.wolfi.dev/os\n");
        text(
                files,
                "lib/apk/db/installed",
                apk("wolfi-baselayout", "20230201-r20", "x86_64")
                        + apk("glibc", "2.42-r4", "x86_64", "F:lib\nR:ld-linux-x86-64.so.2\n"));
        glibc(files, "lib/libc.so.6", "GNU libc", 42);
        return files;
    }

    /** One static program, nothing that names a distribution. */
    static Map<String, byte[]> busybox() {
        return Map.of(
                "bin/busybox",
                SampleElf.staticProgram(SampleElf.X86_64)
                        .says("BusyBox v1.37.0 (2024-09-26 21:31:42 UTC) multi-call binary.")
                        .bytes());
    }

    private static void glibc(Map<String, byte[]> files, String path, String vendor, int minor) {
        Stream<String> own = GLIBC_ONLY.stream().filter(symbol -> minorOf(symbol) <= minor);
        files.put(
                path,
                SampleElf.library(SampleElf.X86_64, GLIBC)
                        .needs("ld-linux-x86-64.so.2")
                        .gives(Stream.concat(COMMON.stream().map(symbol -> symbol + "@GLIBC_2.2.5"), own))
                        .says("GNU C Library (%s) stable release version 2.%d.\n".formatted(vendor, minor))
                        .bytes());
        files.put(
                GLIBC_LOADER.substring(1),
                SampleElf.library(SampleElf.X86_64, "ld-linux-x86-64.so.2")
                        .says("sample loader")
                        .bytes());
        files.put("bin/sh", glibcProgram("GLIBC_2.2.5", "sh", new String[0]));
    }

    /** 34 of {@code dlopen@GLIBC_2.34}. */
    private static int minorOf(String symbol) {
        return Integer.parseInt(
                symbol.substring(symbol.indexOf("@GLIBC_2.") + 9).split("[.]", -1)[0]);
    }

    static String apk(String name, String version, String architecture, String... more) {
        return """
                P:%s
                V:%s
                A:%s
                S:383459
                I:622592
                o:%1$s
                %s
                """.formatted(name, version, architecture, String.join("", more));
    }

    static String dpkg(String name, String version, String source) {
        return """
                Package: %s
                Status: install ok installed
                Architecture: amd64
                Source: %s
                Version: %s
                Installed-Size: 1024

                """.formatted(name, source, version);
    }

    static void text(Map<String, byte[]> files, String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }
}
