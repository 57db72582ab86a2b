package io.basewatch.standalone;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A small fleet to try Basewatch on without having a registry: the metadata of real releases around tiny programs that are read, never run.
 */
final class SampleFleet {

    /**
     * One image to push.
     *
     * @param layers bottom-up, each path → content
     */
    record SampleImage(String repository, String tag, List<Map<String, byte[]>> layers) {}

    private static final String MUSL = "/lib/ld-musl-x86_64.so.1";
    private static final String GLIBC = "/lib64/ld-linux-x86-64.so.2";

    private SampleFleet() {}

    static List<SampleImage> images() {
        Map<String, byte[]> alpine318 = alpine("3.18.9", "1.2.4", "1.2.4-r2");
        Map<String, byte[]> alpine322 = alpine("3.22.2", "1.2.5", "1.2.5-r10");
        Map<String, byte[]> debian12 = debian("12", "bookworm", "2.36", "2.36-9+deb12u13");
        Map<String, byte[]> debian10 = debian("10", "buster", "2.28", "2.28-10+deb10u4");
        List<SampleImage> fleet = new ArrayList<>();
        for (String repository : List.of("shop/web", "shop/cart", "shop/search")) {
            fleet.add(new SampleImage(repository, "2.4", List.of(alpine318, app(MUSL, "libc.musl-x86_64.so.1"))));
        }
        fleet.add(new SampleImage("shop/web", "2.5", List.of(alpine322, app(MUSL, "libc.musl-x86_64.so.1"))));
        fleet.add(new SampleImage(
                "shop/checkout", "1.9", List.of(alpine("3.12.12", "1.1.24", "1.1.24-r10"), app(GLIBC, "libc.so.6"))));
        fleet.add(new SampleImage("payments/api", "7.0", List.of(debian12, app(GLIBC, "libc.so.6"))));
        fleet.add(new SampleImage("payments/ledger", "7.0", List.of(debian12, app(GLIBC, "libc.so.6"))));
        fleet.add(new SampleImage("payments/batch", "3.1", List.of(debian10, app(GLIBC, "libc.so.6"))));
        fleet.add(new SampleImage("platform/gateway", "24.1", List.of(ubuntu2404(), app(GLIBC, "libc.so.6"))));
        fleet.add(new SampleImage("platform/legacy", "final", List.of(centos7(), app(GLIBC, "libc.so.6"))));
        fleet.add(new SampleImage(
                "tools/probe", "1.0", List.of(Map.of("probe", SampleElf.staticProgram("a static sample program")))));
        return fleet;
    }

    private static Map<String, byte[]> app(String loader, String libc) {
        return Map.of("app/server", SampleElf.program(loader, libc));
    }

    private static Map<String, byte[]> alpine(String release, String musl, String muslPackage) {
        String branch = release.substring(0, release.lastIndexOf('.'));
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/alpine-release", release + "\n");
        text(files, "etc/os-release", """
                NAME="Alpine Linux"
                ID=alpine
                VERSION_ID=%s
                PRETTY_NAME="Alpine Linux v%s"
                """.formatted(release, branch));
        text(files, "lib/apk/db/installed", """
                P:alpine-baselayout
                V:3.4.3-r1
                A:x86_64
                S:8000
                I:331776
                o:alpine-baselayout

                P:musl
                V:%s
                A:x86_64
                S:383459
                I:622592
                o:musl
                p:so:libc.musl-x86_64.so.1=1
                F:lib
                R:ld-musl-x86_64.so.1

                P:busybox
                V:1.36.1-r5
                A:x86_64
                S:500000
                I:962560
                o:busybox

                """.formatted(muslPackage));
        files.put(
                "lib/ld-musl-x86_64.so.1",
                SampleElf.library("libc.musl-x86_64.so.1", "musl libc (x86_64)\nDynamic Program Loader\0" + musl));
        files.put("bin/sh", SampleElf.program(MUSL, "libc.musl-x86_64.so.1"));
        return files;
    }

    private static Map<String, byte[]> debian(String release, String codename, String glibc, String libc6) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/os-release", """
                PRETTY_NAME="Debian GNU/Linux %1$s (%2$s)"
                NAME="Debian GNU/Linux"
                VERSION_ID="%1$s"
                VERSION="%1$s (%2$s)"
                VERSION_CODENAME=%2$s
                ID=debian
                """.formatted(release, codename));
        text(files, "etc/debian_version", release + ".0\n");
        text(files, "var/lib/dpkg/status", dpkg("libc6", libc6, "glibc") + dpkg("dash", "0.5.12-2", "dash"));
        glibc(files, "lib/x86_64-linux-gnu/libc.so.6", "Debian GLIBC " + libc6, glibc);
        return files;
    }

    private static Map<String, byte[]> ubuntu2404() {
        Map<String, byte[]> files = new LinkedHashMap<>();
        text(files, "etc/os-release", """
                PRETTY_NAME="Ubuntu 24.04.3 LTS"
                NAME="Ubuntu"
                VERSION_ID="24.04"
                VERSION="24.04.3 LTS (Noble Numbat)"
                VERSION_CODENAME=noble
                ID=ubuntu
                ID_LIKE=debian
                """);
        text(
                files,
                "var/lib/dpkg/status",
                dpkg("libc6", "2.39-0ubuntu8.6", "glibc") + dpkg("dash", "0.5.12-6ubuntu5", "dash"));
        glibc(files, "lib/x86_64-linux-gnu/libc.so.6", "Ubuntu GLIBC 2.39-0ubuntu8.6", "2.39");
        return files;
    }

    private static Map<String, byte[]> centos7() {
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
        glibc(files, "lib64/libc.so.6", "GNU libc", "2.17");
        return files;
    }

    private static void glibc(Map<String, byte[]> files, String path, String vendor, String version) {
        files.put(
                path,
                SampleElf.library(
                        "libc.so.6", "GNU C Library (%s) stable release version %s.\n".formatted(vendor, version)));
        files.put("lib64/ld-linux-x86-64.so.2", SampleElf.library("ld-linux-x86-64.so.2", "sample loader"));
        files.put("bin/sh", SampleElf.program(GLIBC, "libc.so.6"));
    }

    private static String dpkg(String name, String version, String source) {
        return """
                Package: %s
                Status: install ok installed
                Architecture: amd64
                Source: %s
                Version: %s
                Installed-Size: 1024

                """.formatted(name, source, version);
    }

    private static void text(Map<String, byte[]> files, String path, String content) {
        files.put(path, content.getBytes(StandardCharsets.UTF_8));
    }
}
