package io.basewatch.standalone;

import static io.basewatch.standalone.SampleSystems.glibcProgram;
import static io.basewatch.standalone.SampleSystems.muslProgram;
import static io.basewatch.standalone.SampleSystems.text;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A fleet to try Basewatch on without having a registry: some fifty images of six teams, on bases of their own and of others, with what such a fleet has after some years: ends of
 * support, programs of one libc on the other, children of bases that have moved on, an image that cannot be read. The metadata are those of real releases around tiny programs that
 * are read, never run.
 */
final class SampleFleet {

    /** As long as the sample fleet has been there. */
    static final int DAYS = 548;

    /**
     * A tag that led to an image.
     *
     * @param images one for each platform
     * @param since days ago
     * @param until days ago; null while it still does
     * @param readable false where the registry has lost the top layer
     */
    record Stay(
            String repository,
            String tag,
            List<SampleImage> images,
            int since,
            @Nullable Integer until,
            boolean readable) {
        Stay {
            images = List.copyOf(images);
        }

        boolean isNow() {
            return until == null;
        }
    }

    private static final int AMD64 = SampleElf.X86_64;

    private final List<Stay> stays = new ArrayList<>();

    private SampleFleet() {}

    /** In the order of repositories; of a tag in the order of time. */
    static List<Stay> stays() {
        SampleFleet fleet = new SampleFleet();
        fleet.fill();
        return List.copyOf(fleet.stays);
    }

    /** What the tags lead to now. */
    static List<Stay> now() {
        return stays().stream().filter(Stay::isNow).toList();
    }

    /** Of which tag which settings say who owns it. */
    static Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        int number = 0;
        for (Map.Entry<String, String> owner : Map.of(
                        "mirror/**,base/**,platform/**", "platform",
                        "shop/**", "shop",
                        "payments/**", "payments",
                        "search/**", "search",
                        "data/**", "data")
                .entrySet()) {
            String key = "basewatch.owners[" + number++ + "].";
            settings.put(key + "repositories", owner.getKey());
            settings.put(key + "owner", owner.getValue());
        }
        return settings;
    }

    private void fill() {
        SampleImage alpine312 = SampleImage.from(SampleSystems.alpine("3.12.12", "1.1.24", "1.1.24-r10"));
        SampleImage alpine318 = SampleImage.from(SampleSystems.alpine("3.18.9", "1.2.4", "1.2.4-r2"));
        SampleImage alpine320 = SampleImage.from(SampleSystems.alpine("3.20.10", "1.2.5", "1.2.5-r1"));
        SampleImage alpine322 = SampleImage.from(SampleSystems.alpine("3.22.5", "1.2.5", "1.2.5-r10"));
        SampleImage alpine323 = SampleImage.from(SampleSystems.alpine("3.23.5", "1.2.5", "1.2.5-r21"));
        SampleImage debian10 = SampleImage.from(SampleSystems.debian("10", "buster", 28, "2.28-10+deb10u4"));
        SampleImage debian11 = SampleImage.from(SampleSystems.debian("11", "bullseye", 31, "2.31-13+deb11u11"));
        SampleImage debian12 = SampleImage.from(SampleSystems.debian("12", "bookworm", 36, "2.36-9+deb12u13"));
        SampleImage debian13 = SampleImage.from(SampleSystems.debian("13", "trixie", 41, "2.41-12"));
        SampleImage ubuntu2004 =
                SampleImage.from(SampleSystems.ubuntu("20.04", "20.04.6", "focal", 31, "2.31-0ubuntu9.17"));
        SampleImage ubuntu2204 =
                SampleImage.from(SampleSystems.ubuntu("22.04", "22.04.5", "jammy", 35, "2.35-0ubuntu3.10"));
        SampleImage ubuntu2404 =
                SampleImage.from(SampleSystems.ubuntu("24.04", "24.04.3", "noble", 39, "2.39-0ubuntu8.6"));
        SampleImage centos7 = SampleImage.from(SampleSystems.centos7());
        SampleImage distroless = SampleImage.from(SampleSystems.distroless("12", "bookworm", 36, "2.36-9+deb12u13"));
        SampleImage wolfi = SampleImage.from(SampleSystems.wolfi());
        SampleImage busybox = SampleImage.from(SampleSystems.busybox());

        now("mirror/alpine", "3.18", alpine318, 548);
        now("mirror/alpine", "3.20", alpine320, 548);
        now("mirror/alpine", "3.22", alpine322, 520);
        now("mirror/alpine", "3.23", alpine323, 340);
        now("mirror/debian", "11", debian11, 548);
        now("mirror/debian", "12", debian12, 548);
        now("mirror/debian", "13", debian13, 460);
        now("mirror/ubuntu", "22.04", ubuntu2204, 548);
        now("mirror/ubuntu", "24.04", ubuntu2404, 548);
        now("mirror/distroless-base", "debian12", distroless, 430);
        now("mirror/wolfi-base", "latest", wolfi, 290);
        now("mirror/busybox", "1.37", busybox, 548);
        past("mirror/alpine", "3.12", alpine312, 548, 120);

        SampleImage node20 = alpine318
                .with("RUN install-node 20.19.5 # buildkit", node("20.19.5"))
                .env("NODE_VERSION=20.19.5");
        SampleImage php82 = alpine318
                .with("RUN apk add php82 php82-iconv # buildkit", php())
                .env("LD_PRELOAD=/usr/lib/preloadable_libiconv.so");
        SampleImage python312 = alpine320
                .with("RUN install-python 3.12.12 # buildkit", python())
                .env("PYTHON_VERSION=3.12.12");
        SampleImage jdkBefore = debian12.with("RUN install-jdk 17.0.12 # buildkit", jdk("17.0.12"))
                .env("JAVA_HOME=/opt/java");
        SampleImage jdk = debian12.with("RUN install-jdk 17.0.17 # buildkit", jdk("17.0.17"))
                .env("JAVA_HOME=/opt/java");
        SampleImage node22 = debian12.with("RUN install-node 22.21.1 # buildkit", glibcNode())
                .env("NODE_VERSION=22.21.1");
        now("base/node", "20-alpine", node20, 500);
        now("base/node", "22-slim", node22, 210);
        now("base/php", "8.2-alpine", php82, 540);
        now("base/python", "3.12-alpine", python312, 480);
        past("base/jdk", "17", jdkBefore, 548, 35);
        now("base/jdk", "17", jdk, 35);

        shop(alpine312, alpine318, alpine320, alpine322, node20, php82, python312);
        payments(debian10, debian12, distroless, jdk, jdkBefore);
        platform(alpine318, alpine322, ubuntu2004, ubuntu2404, centos7, distroless, wolfi, busybox);
        data(debian10, debian11, debian13, ubuntu2004, ubuntu2204, alpine320, python312, jdkBefore);
        search(debian11, alpine320, alpine323, jdk, node22);
        tools(debian13, alpine323, busybox);
    }

    private void shop(
            SampleImage alpine312,
            SampleImage alpine318,
            SampleImage alpine320,
            SampleImage alpine322,
            SampleImage node20,
            SampleImage php82,
            SampleImage python312) {
        past("shop/web", "2.2", app(alpine312, muslProgram(AMD64, "web 2.2")), 548, 310);
        past("shop/web", "2.3", app(alpine318, muslProgram(AMD64, "web 2.3")), 430, 90);
        now("shop/web", "2.4", app(alpine318, muslProgram(AMD64, "web 2.4")), 310);
        now("shop/web", "2.5", app(alpine322, muslProgram(AMD64, "web 2.5", "getaddrinfo")), 60);
        now("shop/cart", "2.4", app(alpine318, muslProgram(AMD64, "cart 2.4", "connect")), 400);
        now("shop/search", "2.4", app(alpine318, muslProgram(AMD64, "search 2.4", "socket")), 380);
        // Built for glibc: the loader that it names is not there.
        now("shop/checkout", "1.9", app(alpine312, glibcProgram("checkout 1.9")), 520);
        // Built for musl, with a function that only glibc has.
        now("shop/images", "5.2", app(alpine320, muslProgram(AMD64, "images 5.2", "backtrace", "malloc_trim")), 230);
        now(
                "shop/pricing",
                "3.0",
                node20.with("RUN npm ci --omit=dev # buildkit", addon())
                        .with(
                                "COPY src /app # buildkit",
                                files(all -> text(all, "app/index.js", "require('bcrypt')\n")))
                        .starts("node", "/app/index.js"),
                170);
        now(
                "shop/emails",
                "1.4",
                php82.with(
                                "COPY . /app # buildkit",
                                files(all -> text(
                                        all, "app/send.php", "<?php echo iconv('UTF-8', 'ASCII//TRANSLIT', 'é');\n")))
                        .starts("php82", "/app/send.php"),
                350);
        now(
                "shop/recommend",
                "0.9",
                python312
                        .with("RUN pip install numpy # buildkit", wheel())
                        .with("COPY . /app # buildkit", files(all -> text(all, "app/main.py", "import numpy\n")))
                        .starts("python3.12", "/app/main.py"),
                140);
    }

    private void payments(
            SampleImage debian10, SampleImage debian12, SampleImage distroless, SampleImage jdk, SampleImage before) {
        Map<String, byte[]> server = server();
        past("payments/api", "6.9", app(debian10, old("api 6.9")), 548, 420);
        now(
                "payments/api",
                "7.0",
                debian12.with("COPY server /app/ # buildkit", server).starts("/app/server"),
                440);
        now(
                "payments/ledger",
                "7.0",
                debian12.with("COPY server /app/ # buildkit", server)
                        .with("COPY ledger.conf /app/ # buildkit", files(all -> text(all, "app/ledger.conf", "a=1\n")))
                        .starts("/app/server"),
                410);
        // Built on a newer release than it runs on.
        now("payments/batch", "3.1", app(debian10, glibcProgram("batch 3.1")), 548);
        now("payments/risk", "2.2", jar(jdk, "risk"), 30);
        now("payments/settle", "4.1", jar(before, "settle"), 200);
        now("payments/invoice", "4.0", jar(before, "invoice"), 260);
        now("payments/refunds", "1.3", jar(before, "refunds"), 90);
        now("payments/fraud", "1.0", app(distroless, glibcProgram("fraud")), 150);
    }

    private void platform(
            SampleImage alpine318,
            SampleImage alpine322,
            SampleImage ubuntu2004,
            SampleImage ubuntu2404,
            SampleImage centos7,
            SampleImage distroless,
            SampleImage wolfi,
            SampleImage busybox) {
        past("platform/gateway", "20.9", app(ubuntu2004, old("gateway 20.9")), 548, 270);
        now("platform/gateway", "24.1", app(ubuntu2404, glibcProgram("gateway 24.1")), 280);
        now(
                "platform/legacy",
                "final",
                centos7.with("COPY server /app/ # buildkit", server()).starts("/app/server"),
                548);
        now("platform/auth", "6.3", app(distroless, glibcProgram("auth 6.3", "dlopen@GLIBC_2.34")), 75);
        now("platform/dns", "1.2", app(wolfi, glibcProgram("dns 1.2")), 280);
        now("platform/sidecar", "1.0", app(alpine322, muslProgram(AMD64, "sidecar 1.0")), 190);
        // One tag, two platforms, of which one was left behind on an older base.
        SampleImage arm =
                SampleImage.from("arm64", SampleSystems.alpine(SampleElf.AARCH64, "3.18.9", "1.2.4", "1.2.4-r2"));
        stays.add(new Stay(
                "platform/agent",
                "2.0",
                List.of(
                        app(alpine322, muslProgram(AMD64, "agent 2.0")),
                        app(arm, muslProgram(SampleElf.AARCH64, "agent 2.0"))),
                160,
                null,
                true));
        past("platform/agent", "1.8", app(alpine318, muslProgram(AMD64, "agent 1.8")), 548, 155);
        now(
                "platform/certs",
                "1.1",
                busybox.with(
                                "COPY certs /etc/ssl/ # buildkit",
                                files(all -> text(all, "etc/ssl/README", "certificates of the company\n")))
                        .starts("/bin/busybox", "sh"),
                330);
    }

    private void data(
            SampleImage debian10,
            SampleImage debian11,
            SampleImage debian13,
            SampleImage ubuntu2004,
            SampleImage ubuntu2204,
            SampleImage alpine320,
            SampleImage python312,
            SampleImage jdkBefore) {
        past("data/etl", "11", app(debian10, old("etl 11")), 548, 330);
        now("data/etl", "12", app(debian11, old("etl 12", "pthread_create@GLIBC_2.2.5")), 470);
        now("data/etl", "13", app(debian13, glibcProgram("etl 13", "arc4random@GLIBC_2.36")), 45);
        now("data/notebooks", "2025.2", app(ubuntu2004, old("notebooks", "dlopen@GLIBC_2.2.5")), 500);
        now("data/warehouse", "5.0", app(ubuntu2204, glibcProgram("warehouse 5.0")), 360);
        past("data/ingest", "3.2", app(alpine320, muslProgram(AMD64, "ingest 3.2")), 480, 110);
        now("data/ingest", "3.3", app(alpine320, muslProgram(AMD64, "ingest 3.3", "fopen")), 115);
        now(
                "data/features",
                "1.0",
                python312
                        .with("COPY . /app # buildkit", files(all -> text(all, "app/main.py", "print('features')\n")))
                        .starts("python3.12", "/app/main.py"),
                300);
        now("data/report", "8", jar(jdkBefore, "report"), 240);
    }

    private void search(
            SampleImage debian11, SampleImage alpine320, SampleImage alpine323, SampleImage jdk, SampleImage node22) {
        now("search/index", "9.1", jar(jdk, "index"), 25);
        now("search/query", "9.1", jar(jdk, "query"), 25);
        past("search/suggest", "1.9", app(alpine320, muslProgram(AMD64, "suggest 1.9")), 520, 100);
        now("search/suggest", "2.0", app(alpine323, muslProgram(AMD64, "suggest 2.0")), 105);
        now("search/crawler", "4.4", app(debian11, old("crawler 4.4", "connect@GLIBC_2.2.5")), 390);
        now(
                "search/rank",
                "1.7",
                node22.with("COPY . /app # buildkit", files(all -> text(all, "app/rank.js", "console.log(1)\n")))
                        .starts("node", "/app/rank.js"),
                130);
    }

    private void tools(SampleImage debian13, SampleImage alpine323, SampleImage busybox) {
        now(
                "tools/probe",
                "1.0",
                SampleImage.from(Map.of(
                                "probe",
                                SampleElf.staticProgram(AMD64)
                                        .says("a static sample program")
                                        .bytes()))
                        .starts("/probe"),
                450);
        now("tools/ci", "2026.1", app(debian13, glibcProgram("ci 2026.1")), 320);
        now("tools/lint", "3.0", app(alpine323, muslProgram(AMD64, "lint 3.0", "strcmp")), 220);
        now(
                "tools/upload",
                "0.3",
                busybox.with("COPY upload.sh / # buildkit", files(all -> text(all, "upload.sh", "#!/bin/busybox sh\n")))
                        .starts("/upload.sh"),
                400);
        stays.add(new Stay("tools/backup", "2.2", List.of(app(debian13, glibcProgram("backup 2.2"))), 85, null, false));
    }

    private void now(String repository, String tag, SampleImage image, int since) {
        stays.add(new Stay(repository, tag, List.of(image), since, null, true));
    }

    private void past(String repository, String tag, SampleImage image, int since, int until) {
        stays.add(new Stay(repository, tag, List.of(image), since, until, true));
    }

    private static SampleImage app(SampleImage base, byte[] program) {
        return base.with("COPY server /app/ # buildkit", Map.of("app/server", program))
                .starts("/app/server");
    }

    private static SampleImage jar(SampleImage base, String name) {
        return base.with("COPY app.jar /app/ # buildkit", files(all -> text(all, "app/app.properties", "name=" + name)))
                .starts("/opt/java/bin/java", "-jar", "/app/app.jar");
    }

    /** Old enough to start on every glibc: the same layer in several images, and on several distributions. */
    private static Map<String, byte[]> server() {
        return Map.of("app/server", old("server", "getaddrinfo@GLIBC_2.2.5"));
    }

    /** A program that was built on a glibc before 2.34. */
    private static byte[] old(String says, String... more) {
        return glibcProgram("GLIBC_2.2.5", says, more);
    }

    private static Map<String, byte[]> files(Consumer<Map<String, byte[]>> filler) {
        Map<String, byte[]> files = new LinkedHashMap<>();
        filler.accept(files);
        return files;
    }

    private static Map<String, byte[]> node(String version) {
        return Map.of(
                "usr/local/bin/node",
                muslProgram(AMD64, "https://nodejs.org/download/release/v" + version + "/node.tar.gz", "dlopen"));
    }

    private static Map<String, byte[]> glibcNode() {
        return Map.of(
                "usr/local/bin/node",
                glibcProgram("https://nodejs.org/download/release/v22.21.1/node.tar.gz", "dlopen@GLIBC_2.34"));
    }

    /** A native addon as its maker built it for glibc. */
    private static Map<String, byte[]> addon() {
        return files(all -> {
            text(all, "app/node_modules/bcrypt/package.json", "{\"name\":\"bcrypt\",\"version\":\"5.1.1\"}\n");
            all.put(
                    "app/node_modules/bcrypt/lib/binding/napi-v3/bcrypt_lib.node",
                    SampleElf.library(AMD64, "bcrypt_lib.node")
                            .needs("libc.so.6", "ld-linux-x86-64.so.2")
                            .asks(Stream.of("memcpy@GLIBC_2.14", "__vsnprintf_chk@GLIBC_2.3.4"))
                            .bytes());
        });
    }

    private static Map<String, byte[]> php() {
        return files(all -> {
            all.put("usr/bin/php82", muslProgram(AMD64, "PHP 8.2.29", "iconv_open", "iconv"));
            all.put(
                    "usr/lib/php82/modules/iconv.so",
                    SampleElf.library(AMD64, "iconv.so")
                            .needs(SampleSystems.MUSL_LIBC)
                            .asks(Stream.of("iconv_open", "iconv"))
                            .bytes());
        });
    }

    private static Map<String, byte[]> python() {
        return files(all -> {
            text(all, "usr/local/lib/python3.12/os.py", "# os\n");
            all.put("usr/local/bin/python3.12", muslProgram(AMD64, "Python 3.12.12", "dlopen"));
        });
    }

    /** numpy as pip takes it where the platform is told to be manylinux. */
    private static Map<String, byte[]> wheel() {
        String site = "usr/local/lib/python3.12/site-packages/";
        return files(all -> {
            text(all, site + "numpy-1.26.4.dist-info/WHEEL", """
                    Wheel-Version: 1.0
                    Generator: meson
                    Root-Is-Purelib: false
                    Tag: cp312-cp312-manylinux_2_17_x86_64
                    Tag: cp312-cp312-manylinux2014_x86_64
                    """);
            text(
                    all,
                    site + "numpy-1.26.4.dist-info/METADATA",
                    "Metadata-Version: 2.1\nName: numpy\nVersion: 1.26.4\n");
            text(all, site + "numpy/__init__.py", "from . import core\n");
            all.put(
                    site + "numpy/core/_multiarray_umath.cpython-312-x86_64-linux-gnu.so",
                    SampleElf.library(AMD64, "_multiarray_umath.cpython-312-x86_64-linux-gnu.so")
                            .needs("libm.so.6", "libpthread.so.0", "libc.so.6", "ld-linux-x86-64.so.2")
                            .asks(Stream.of("memcpy@GLIBC_2.14", "__memcpy_chk@GLIBC_2.3.4"))
                            .bytes());
        });
    }

    private static Map<String, byte[]> jdk(String version) {
        return files(all -> {
            text(all, "opt/java/release", """
                    IMPLEMENTOR="Eclipse Adoptium"
                    JAVA_VERSION="%s"
                    LIBC="gnu"
                    OS_ARCH="x86_64"
                    """.formatted(version));
            all.put("opt/java/bin/java", glibcProgram("java " + version, "dlopen@GLIBC_2.34"));
            all.put(
                    "opt/java/lib/server/libjvm.so",
                    SampleElf.library(AMD64, "libjvm.so")
                            .needs("libc.so.6")
                            .asks(Stream.of("memcpy@GLIBC_2.14", "pthread_create@GLIBC_2.34"))
                            .says(version)
                            .bytes());
        });
    }
}
