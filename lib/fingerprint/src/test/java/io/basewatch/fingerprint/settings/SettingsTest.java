package io.basewatch.fingerprint.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.TestLayers;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {

    private static final List<FactsKind> KINDS = List.of(Settings.KIND, Scripts.KIND);

    private static String kept(TestLayers.Tar tar, String path) {
        ImageView view = SquashedImage.of(List.of(tar.facts(KINDS)), ImageInputs.NONE);
        byte[] text = view.find(path).orElseThrow().facts(Settings.TEXT);
        return text == null ? "nothing" : new String(text, StandardCharsets.ISO_8859_1);
    }

    private static String kept(String path, String content) {
        return kept(TestLayers.tar().file(path, content), path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "etc/ld-musl-x86_64.path",
                "etc/ld.so.conf",
                "etc/ld.so.conf.d/libc.conf",
                "etc/ld.so.preload",
                "etc/resolv.conf",
                "etc/nsswitch.conf",
                "usr/lib/x86_64-linux-gnu/gconv/gconv-modules",
                "usr/lib64/gconv/gconv-modules.d/gconv-modules-extra.conf",
                "usr/local/etc/php/php.ini",
                "etc/php83/conf.d/00_iconv.ini",
                "usr/local/etc/php/conf.d/docker-php-ext-sodium.ini",
                "usr/lib/python3/site-packages/numpy-1.26.dist-info/WHEEL",
                "app/requirements.txt",
                "app/requirements-prod.txt",
                "app/pyproject.toml",
                "app/my.deps.json",
                "etc/elasticsearch/jvm.options",
                "etc/pam.d/sshd",
                "etc/supervisor/conf.d/app.conf",
                "etc/locale.conf",
            })
    void keepsWhatLoadersAndRuntimesListenTo(String path) {
        assertThat(kept(path, "a text\n")).isEqualTo("a text\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "etc/passwd",
                "app/etc/resolv.conf",
                "usr/share/doc/x/README.txt",
                "srv/page.json",
                "etc/ssl/openssl.conf",
                "etc/ld.so.conf.d/sub/x.conf"
            })
    void keepsNothingElse(String path) {
        assertThat(kept(path, "a text\n")).isEqualTo("nothing");
    }

    @Test
    void masksSecretsBeforeTheyAreKept() {
        assertThat(kept("app/requirements.txt", "--index-url https://bob:hunter2@example.com/simple\ntorch==2\n"))
                .isEqualTo("--index-url https://***@example.com/simple\ntorch==2\n");
        assertThat(kept(
                        TestLayers.tar()
                                .file(
                                        "entrypoint.sh",
                                        "#!/bin/sh\nexport DB_PASSWORD=hunter2\n".getBytes(StandardCharsets.UTF_8),
                                        0755),
                        "entrypoint.sh"))
                .isEqualTo("#!/bin/sh\nexport DB_PASSWORD=***\n");
    }

    @Test
    void ofPasswordsOnlyTheMethodsAreKept() {
        assertThat(kept(
                        "etc/shadow",
                        "root:$y$j9T$abc$def:19000:0:99999:7:::\nbin:!:19000::::::\napp:!$6$abc$def:1::::::\n"))
                .isEqualTo("6\ny")
                .doesNotContain("abc");
    }

    @Test
    void ofAWheelTheNamesOfItsNativeLibrariesAreKept() {
        String path = "usr/lib/python3/site-packages/numpy-1.26.dist-info/";
        assertThat(
                        kept(
                                path + "RECORD",
                                "numpy/__init__.py,sha256=a,1\nnumpy/core/_m.cpython-311-x86_64-linux-gnu.so,sha256=b,2\nnumpy.libs/libgfortran-040039e1.so.5.0.0,sha256=c,3\n"))
                .isEqualTo(
                        "numpy/core/_m.cpython-311-x86_64-linux-gnu.so,sha256=b,2\nnumpy.libs/libgfortran-040039e1.so.5.0.0,sha256=c,3\n");
        assertThat(kept(
                        path + "METADATA",
                        "Metadata-Version: 2.1\nName: numpy\nVersion: 1.26\nRequires-Dist: torch>2\n\nLong text\n"))
                .isEqualTo("Name: numpy\nVersion: 1.26\nRequires-Dist: torch>2\n");
    }

    @Test
    void tellsPhpThatUsesGlobBraceUnasked() {
        assertThat(kept("app/a.php", "<?php glob('*', GLOB_BRACE);")).isEqualTo("GLOB_BRACE");
        assertThat(kept("app/a.php", "<?php defined('GLOB_BRACE') && glob('*', GLOB_BRACE);"))
                .isEqualTo("nothing");
        assertThat(kept("app/a.php", "<?php echo 1;")).isEqualTo("nothing");
    }

    @Test
    void ofDistributionsScriptsTheFirstLineIsKeptAndOfOnesOwnTheText() {
        String script = "#!/bin/sh\n" + "# a long line\n".repeat(100);
        byte[] bytes = script.getBytes(StandardCharsets.UTF_8);
        assertThat(kept(TestLayers.tar().file("usr/bin/ldd", bytes, 0755), "usr/bin/ldd"))
                .startsWith("#!/bin/sh")
                .hasSize(256);
        assertThat(kept(TestLayers.tar().file("usr/local/bin/start", bytes, 0755), "usr/local/bin/start"))
                .isEqualTo(script);
        assertThat(kept(TestLayers.tar().file("docker-entrypoint.sh", bytes, 0644), "docker-entrypoint.sh"))
                .isEqualTo(script);
        assertThat(kept(
                        TestLayers.tar().file("usr/bin/docker-entrypoint.sh", bytes, 0755),
                        "usr/bin/docker-entrypoint.sh"))
                .isEqualTo(script);
        assertThat(kept(TestLayers.tar().file("app/notes", bytes, 0644), "app/notes"))
                .isEqualTo("nothing");
        byte[] python = script.replace("/bin/sh", "/usr/bin/env python3").getBytes(StandardCharsets.UTF_8);
        assertThat(kept(TestLayers.tar().file("app/tool", python, 0755), "app/tool"))
                .startsWith("#!/usr/bin/env python3")
                .hasSize(256);
    }

    @Test
    void whateverAPathOrTextIsNothingEscapes() {
        for (String path : List.of("", "etc/", "a", ".", "etc/ld.so.conf.d/", "conf.d/x.ini", "/")) {
            Settings.KIND.wants(
                    new FileEntry(path.isEmpty() ? "x" : path, FileEntry.Type.FILE, 1, 0755, null), new byte[0]);
        }
        byte[] head = new byte[Interest.HEAD_BYTES];
        Arrays.fill(head, (byte) '#');
        head[1] = '!';
        Scripts.KIND.wants(new FileEntry("x", FileEntry.Type.FILE, 1, 0755, null), head);
    }
}
