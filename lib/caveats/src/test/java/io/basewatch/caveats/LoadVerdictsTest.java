package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.caveats.LoadVerdict.Reach;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof.Outcome;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadVerdictsTest {

    private static final String MUSL = "/lib/ld-musl-x86_64.so.1";
    private static final int JUMP_SLOT = 7;

    private static HandmadeElf elf() {
        return HandmadeElf.x86_64();
    }

    private static HandmadeElf program() {
        return elf().interpreter(MUSL).needed("libc.musl-x86_64.so.1").undefined("__libc_start_main");
    }

    private static byte[] lazily(String symbol) {
        return elf().undefined(symbol).relocation(symbol, JUMP_SLOT).build();
    }

    private static Tar alpine() {
        return TestLayers.tar()
                .file("bin/busybox", program().build(), 0755)
                .symlink("bin/sh", "/bin/busybox")
                .file(
                        "lib/ld-musl-x86_64.so.1",
                        elf().soname("libc.musl-x86_64.so.1")
                                .exported("__libc_start_main", "stdin", "puts")
                                .data("\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n\0001.2.5\0")
                                .build(),
                        0755);
    }

    private static ImageInputs inputs(String... entrypoint) {
        return new ImageInputs(List.of(entrypoint), List.of(), List.of("JAVA_HOME=/opt/java"), Map.of())
                .on(Platform.parse("linux/amd64"));
    }

    private static LoadVerdict verdict(Tar image, ImageInputs inputs, boolean whole, String path) {
        JudgedImage judged = JudgedImage.of(
                Fingerprinter.see(List.of(image.facts(Kinds.all())), inputs, whole), Fingerprint.unknown());
        return LoadVerdicts.of(judged, new Startable(judged)).all().stream()
                .filter(verdict -> verdict.object().path().equals(path))
                .findFirst()
                .orElseThrow();
    }

    private static LoadVerdict verdict(Tar image, String path) {
        return verdict(image, inputs("/bin/sh"), true, path);
    }

    private static List<String> lines(LoadVerdict verdict) {
        return verdict.proof().faults().stream().map(LoadFault::line).toList();
    }

    @Test
    void aPythonExtensionIsOpenedByItsOwnInterpreterAtOnce() {
        Tar image = alpine().file(
                        "usr/bin/python3.11",
                        program().exported("PyLong_FromLong").build(),
                        0755)
                .file(
                        "usr/lib/python3.11/site-packages/x/y.cpython-311-x86_64-linux-gnu.so",
                        elf().undefined("PyLong_FromLong", "backtrace")
                                .relocation("backtrace", JUMP_SLOT)
                                .build(),
                        0755)
                .file("usr/lib/python3.9/site-packages/z.cpython-39-x86_64-linux-gnu.so", lazily("gone"), 0755);
        LoadVerdict verdict = verdict(image, "usr/lib/python3.11/site-packages/x/y.cpython-311-x86_64-linux-gnu.so");
        assertThat(verdict.reach()).isEqualTo(Reach.PLUGIN);
        assertThat(verdict.host()).isEqualTo("usr/bin/python3.11");
        assertThat(verdict.hostKind()).isEqualTo("python");
        assertThat(verdict.atCall()).isFalse();
        assertThat(lines(verdict))
                .containsExactly(
                        "Error relocating /usr/lib/python3.11/site-packages/x/y.cpython-311-x86_64-linux-gnu.so:"
                                + " backtrace: symbol not found");
        LoadVerdict other = verdict(image, "usr/lib/python3.9/site-packages/z.cpython-39-x86_64-linux-gnu.so");
        assertThat(other.reach()).as("of a release that is not there").isEqualTo(Reach.UNUSED);
        assertThat(other.host()).isNull();
    }

    @Test
    void aLibraryThatAnExtensionNeedsIsReachedWithIt() {
        Tar image = alpine().file("usr/bin/python3.11", program().build(), 0755)
                .file(
                        "usr/lib/python3.11/site-packages/y.cpython-311.so",
                        elf().needed("libz.so.1").build(),
                        0755)
                .file("usr/lib/libz.so.1", elf().undefined("gone").build(), 0755);
        LoadVerdict verdict = verdict(image, "usr/lib/libz.so.1");
        assertThat(verdict.reach()).isEqualTo(Reach.PLUGIN);
        assertThat(lines(verdict)).containsExactly("Error relocating /usr/lib/libz.so.1: gone: symbol not found");
    }

    @Test
    void aNodeAddonIsOpenedLazily() {
        Tar image = alpine().file(
                        "usr/local/bin/node", program().exported("napi_x").build(), 0755)
                .file("app/node_modules/a/build/a.node", lazily("fcntl64"), 0755)
                .file("app/node_modules/b/prebuilds/linux-x64/node.napi.glibc.node", lazily("gone"), 0755)
                .file("app/node_modules/b/prebuilds/linux-x64/node.napi.musl.node", lazily("napi_x"), 0755)
                .file("app/node_modules/c-linux-x64-gnu/c.linux-x64-gnu.node", lazily("gone"), 0755);
        LoadVerdict verdict = verdict(image, "app/node_modules/a/build/a.node");
        assertThat(verdict.proof().outcome())
                .as("musl takes it for fcntl, which this one does not have")
                .isEqualTo(Outcome.FAILS);
        assertThat(verdict.atCall()).isTrue();
        assertThat(verdict.reach()).isEqualTo(Reach.PLUGIN);
        assertThat(verdict(image, "app/node_modules/b/prebuilds/linux-x64/node.napi.glibc.node")
                        .reach())
                .as("the package takes the other")
                .isEqualTo(Reach.UNUSED);
        assertThat(verdict(image, "app/node_modules/c-linux-x64-gnu/c.linux-x64-gnu.node")
                        .reach())
                .as("there is no other")
                .isEqualTo(Reach.PLUGIN);
        assertThat(verdict(image, "app/node_modules/b/prebuilds/linux-x64/node.napi.musl.node")
                        .proof()
                        .outcome())
                .isEqualTo(Outcome.LOADS);
    }

    @Test
    void aServersModulesSeeEachOther() {
        Tar image = alpine().file(
                        "usr/sbin/httpd", program().exported("ap_hook").build(), 0755)
                .file(
                        "usr/lib/apache2/modules/mod_proxy.so",
                        elf().exported("proxy").undefined("ap_hook").build(),
                        0755)
                .file(
                        "usr/lib/apache2/modules/mod_proxy_http.so",
                        elf().undefined("proxy").build(),
                        0755);
        assertThat(verdict(image, "usr/lib/apache2/modules/mod_proxy_http.so")
                        .proof()
                        .outcome())
                .isEqualTo(Outcome.LOADS);
        assertThat(verdict(image, "usr/lib/apache2/modules/mod_proxy_http.so").reach())
                .isEqualTo(Reach.PLUGIN);
    }

    @Test
    void javasLibrariesAreOpenedBehindItsVirtualMachine() {
        Tar image = alpine().file("opt/java/bin/java", program().build(), 0755)
                .file(
                        "opt/java/lib/server/libjvm.so",
                        elf().exported("JVM_Open").build(),
                        0755)
                .file(
                        "opt/java/lib/libjava.so",
                        elf().needed("libjvm.so")
                                .exported("JNU_X")
                                .rpath("$ORIGIN/server")
                                .build(),
                        0755)
                .file(
                        "opt/java/lib/libnet.so",
                        elf().needed("libjava.so")
                                .rpath("$ORIGIN")
                                .undefined("JNU_X")
                                .build(),
                        0755)
                .file("opt/java/lib/libawt_xawt.so", elf().needed("libX11.so.6").build(), 0755);
        ImageInputs started = inputs("/opt/java/bin/java", "-jar", "/app.jar");
        LoadVerdict verdict = verdict(image, started, true, "opt/java/lib/libnet.so");
        assertThat(verdict.reach()).isEqualTo(Reach.PLUGIN);
        assertThat(verdict.proof().outcome()).as(verdict.toString()).isEqualTo(Outcome.LOADS);
        assertThat(verdict(image, started, true, "opt/java/lib/libawt_xawt.so").reach())
                .isEqualTo(Reach.UNUSED);
    }

    @Test
    void scriptsAreFollowedToWhatTheyStart() {
        Tar image = alpine().file(
                        "entrypoint.sh",
                        ("#!/bin/sh\n# /opt/not-this\nAPP_HOME=/srv/app\nexec \"$APP_HOME/bin/server\" \"$@\"\n")
                                .getBytes(StandardCharsets.UTF_8),
                        0755)
                .file("srv/app/bin/server", program().undefined("gone").build(), 0755)
                .file("opt/not-this", program().build(), 0755);
        LoadVerdict server = verdict(image, inputs("/entrypoint.sh"), true, "srv/app/bin/server");
        assertThat(server.reach()).isEqualTo(Reach.REACHABLE);
        assertThat(verdict(image, inputs("/entrypoint.sh"), true, "opt/not-this")
                        .reach())
                .as("named by a comment")
                .isEqualTo(Reach.UNUSED);
        assertThat(verdict(image, inputs("/entrypoint.sh"), true, "bin/busybox").reach())
                .as("the kernel starts the script's interpreter")
                .isEqualTo(Reach.FIRST);
    }

    @Test
    void whatIsMissingInAnImageThatWasNotWhollyReadIsNotKnown() {
        Tar image = alpine().file(
                        "app", program().needed("libgone.so").undefined("gone").build(), 0755)
                .file(
                        "other",
                        elf().interpreter("/lib64/ld-linux-x86-64.so.2")
                                .needed("libc.so.6")
                                .build(),
                        0755);
        assertThat(verdict(image, inputs("/app"), true, "app").proof().outcome())
                .isEqualTo(Outcome.FAILS);
        LoadVerdict unknown = verdict(image, inputs("/app"), false, "app");
        assertThat(unknown.proof().outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(unknown.proof().unknowns()).isNotEmpty();
        assertThat(verdict(image, inputs("/other"), false, "other").proof().outcome())
                .isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void whatNothingIsKnownToLoadIsProvenAsItWouldBeListed() {
        Tar image = alpine().file("opt/vendor/libx.so", elf().undefined("gone").build(), 0644);
        LoadVerdict verdict = verdict(image, "opt/vendor/libx.so");
        assertThat(verdict.reach()).isEqualTo(Reach.UNUSED);
        assertThat(verdict.host()).isNull();
        assertThat(verdict.hostKind()).isNull();
        assertThat(lines(verdict)).containsExactly("Error relocating /opt/vendor/libx.so: gone: symbol not found");
    }
}
