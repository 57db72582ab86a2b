package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Images with more programs and libraries than fit into memory at one time: these tests run in a heap of 256 MB. */
class ManyProgramsTest {

    private static final String LOADER = "lib64/ld-linux-x86-64.so.2";

    private static byte[] loader() {
        return HandmadeElf.x86_64().soname("ld-linux-x86-64.so.2").build();
    }

    private static byte[] program() {
        return HandmadeElf.x86_64()
                .interpreter("/" + LOADER)
                .needed("libc.so.6")
                .build();
    }

    /** As large libraries of C++ have them, with little in common that would make them small. */
    private static byte[] richLibrary() {
        Random random = new Random(1);
        String[] names = new String[4_000];
        for (int i = 0; i < names.length; i++) {
            names[i] = Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong())
                    + "basewatch4demo6SymbolESaIS2_EE17_M_realloc_insert" + i;
        }
        return HandmadeElf.x86_64().soname("librich.so").exported(names).build();
    }

    @Test
    void thousandsOfLibrariesFullOfSymbolsAreJudgedOneAfterTheOther() {
        byte[] library = richLibrary();
        Tar tar = TestLayers.tar().file("bin/sh", program(), 0755).file(LOADER, loader(), 0755);
        for (int i = 0; i < 10; i++) {
            tar.file("opt/" + i + ".so", library, 0755);
        }
        LayerFacts layer = tar.facts(Kinds.all());
        assertThat(SquashedImage.of(List.of(layer), ImageInputs.NONE)
                        .find("opt/9.so")
                        .map(file -> ElfFacts.decode(file.facts(ElfFacts.KIND))
                                .symbols()
                                .exports()
                                .size()))
                .contains(4_000);

        Fingerprinter.Result result = Fingerprinter.fingerprint(repeated(layer, 300), ImageInputs.NONE);

        assertThat(result.reasons()).isEmpty();
        assertThat(result.fingerprint().systemLibc().family()).isEqualTo(Libc.Family.GLIBC);
    }

    @Test
    void moreProgramsThanCanBeHeldMakeTheResultPartial() {
        Tar tar = TestLayers.tar().file("bin/sh", program(), 0755).file(LOADER, loader(), 0755);
        for (int i = 0; i < 2_000; i++) {
            tar.file("opt/" + i, tiny("/" + "i".repeat(300) + i % 100), 0755);
        }

        Fingerprinter.Result result = Fingerprinter.fingerprint(repeated(tar.facts(Kinds.all()), 40), ImageInputs.NONE);

        assertThat(result.reasons()).anySatisfy(reason -> {
            assertThat(reason.code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
            assertThat(reason.message()).contains("more programs than can be judged together");
        });
        assertThat(result.fingerprint().systemLibc().family()).isEqualTo(Libc.Family.GLIBC);
    }

    /** One layer and the same facts again below other folders: thousands of files without a tar of gigabytes. */
    private static List<LayerFacts> repeated(LayerFacts layer, int times) {
        List<LayerFacts> layers = new ArrayList<>(List.of(layer));
        for (int i = 1; i < times; i++) {
            layers.add(relocated(layer, "l" + i + "/" + "a".repeat(200) + "/" + "b".repeat(200)));
        }
        return layers;
    }

    private static byte[] tiny(String interpreter) {
        return HandmadeElf.x86_64().interpreter(interpreter).build();
    }

    /** The same entries below another folder. */
    private static LayerFacts relocated(LayerFacts facts, String folder) {
        EntryLog.Writer entries = new EntryLog.Writer();
        EntryLog.Reader reader = new EntryLog.Reader(facts.entryLog(), List.of());
        while (reader.next()) {
            byte[] path = (folder + "/" + new String(reader.path, 0, reader.pathLength, StandardCharsets.UTF_8))
                    .getBytes(StandardCharsets.UTF_8);
            entries.add(reader.kind, path, reader.mode, reader.size, null);
        }
        return new LayerFacts(
                null,
                null,
                0,
                0,
                true,
                null,
                List.of(),
                facts.entries(),
                entries.log().finish(),
                facts.kinds());
    }
}
