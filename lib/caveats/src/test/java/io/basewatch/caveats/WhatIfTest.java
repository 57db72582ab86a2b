package io.basewatch.caveats;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.caveats.WhatIf.Effect;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class WhatIfTest {

    private static HandmadeElf elf() {
        return HandmadeElf.x86_64();
    }

    private static JudgedImage judged(Tar... layers) {
        return JudgedImage.of(
                Fingerprinter.see(
                        List.of(layers).stream()
                                .map(layer -> layer.facts(Kinds.all()))
                                .toList(),
                        new ImageInputs(List.of("/app/server"), List.of(), List.of(), Map.of()),
                        true),
                Fingerprint.unknown());
    }

    private static Tar musl() {
        return TestLayers.tar()
                .file(
                        "lib/ld-musl-x86_64.so.1",
                        elf().soname("libc.musl-x86_64.so.1")
                                .exported("__libc_start_main", "stdin", "puts")
                                .data("\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n\0001.2.5\0")
                                .build(),
                        0755);
    }

    private static Tar glibc(String... versions) {
        return TestLayers.tar()
                .symlink("lib64", "usr/lib64")
                .file(
                        "usr/lib64/ld-linux-x86-64.so.2",
                        elf().soname("ld-linux-x86-64.so.2").build(),
                        0755)
                .file(
                        "usr/lib64/libc.so.6",
                        elf().soname("libc.so.6")
                                .needed("ld-linux-x86-64.so.2")
                                .versionDefinitions(versions)
                                .exported("puts")
                                .version("puts", 2)
                                .build(),
                        0755);
    }

    private static Tar app() {
        return TestLayers.tar()
                .file(
                        "app/server",
                        elf().interpreter("/lib64/ld-linux-x86-64.so.2")
                                .needed("libc.so.6", "libapp.so")
                                .rpath("$ORIGIN/lib")
                                .versions("libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34")
                                .undefined("puts")
                                .version("puts", 2)
                                .build(),
                        0755)
                .file("app/lib/libapp.so", elf().soname("libapp.so").build(), 0755);
    }

    private static Map<String, Effect> effects(WhatIf result) {
        Map<String, Effect> effects = new TreeMap<>();
        result.changes().forEach(change -> effects.put(change.object().path(), change.effect()));
        return effects;
    }

    @Test
    void aProgramForGlibcStartsWhereItsLibcIs() {
        JudgedImage image = judged(musl(), app());
        WhatIf result = WhatIf.of(image, OwnObjects::liesApart, judged(glibc("GLIBC_2.2.5", "GLIBC_2.34")));
        assertThat(effects(result))
                .containsEntry("app/server", Effect.NEWLY_LOADS)
                .containsOnlyKeys("app/server", "app/lib/libapp.so");
        assertThat(result.changes())
                .filteredOn(change -> change.object().path().equals("app/server"))
                .allMatch(WhatIf.Change::isReached);
    }

    @Test
    void aBaseThatIsTooOldIsToldByItsMissingVersions() {
        JudgedImage image = judged(glibc("GLIBC_2.2.5", "GLIBC_2.34"), app());
        WhatIf result = WhatIf.of(image, OwnObjects::liesApart, judged(glibc("GLIBC_2.2.5")));
        assertThat(effects(result)).containsEntry("app/server", Effect.BREAKS);
        assertThat(result.missing(Kind.VERSION_MISSING)).containsExactly("libc.so.6 GLIBC_2.34");
    }

    @Test
    void onMuslItHasNoLoader() {
        JudgedImage image = judged(glibc("GLIBC_2.2.5", "GLIBC_2.34"), app());
        WhatIf result = WhatIf.of(image, OwnObjects::liesApart, judged(musl()));
        assertThat(effects(result)).containsEntry("app/server", Effect.BREAKS);
        assertThat(result.missing(Kind.INTERPRETER_MISSING)).containsExactly("/lib64/ld-linux-x86-64.so.2");
    }

    @Test
    void anOwnFileUnderADirectoryThatIsALinkOnTheBaseIsFound() {
        Tar own = TestLayers.tar()
                .file("opt/x", elf().build(), 0755)
                .file(
                        "app/server",
                        elf().interpreter("/lib64/ld-linux-x86-64.so.2")
                                .needed("libown.so")
                                .build(),
                        0755);
        JudgedImage image = judged(own.file("usr/lib64/libown.so", elf().build(), 0755));
        WhatIf result = WhatIf.of(
                image, path -> OwnObjects.liesApart(path) || path.endsWith("libown.so"), judged(glibc("GLIBC_2.2.5")));
        assertThat(effects(result)).containsEntry("app/server", Effect.NEWLY_LOADS);
    }

    @Test
    void theCorpusProgramsForGlibcStartOnDebian() throws Exception {
        CorpusImages corpus = CorpusImages.open(Kinds.all());
        JudgedImage alpine = null;
        JudgedImage debian = null;
        for (JsonNode image : corpus.images()) {
            String repository = image.get("repo").asString();
            boolean isApp = repository.equals("apps/alpine-glibc-bin");
            if (isApp || repository.equals("library/debian")) {
                JudgedImage judged = JudgedImage.of(
                        Fingerprinter.see(corpus.layers(image), corpus.inputs(image), true), Fingerprint.unknown());
                alpine = isApp ? judged : alpine;
                debian = isApp ? debian : judged;
            }
        }
        WhatIf result = WhatIf.of(alpine, path -> path.startsWith("usr/local/") || path.contains("corpus"), debian);
        Map<String, Effect> effects = effects(result);
        assertThat(effects).containsEntry("usr/local/bin/glibc-dyn-backtrace", Effect.NEWLY_LOADS);
        assertThat(effects.values()).filteredOn(Effect.NEWLY_LOADS::equals).hasSizeGreaterThan(18);
        assertThat(effects.values()).doesNotContain(Effect.BREAKS);
    }
}
