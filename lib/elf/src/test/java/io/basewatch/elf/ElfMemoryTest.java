package io.basewatch.elf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.TestLayers;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ElfMemoryTest {

    private record Made(ElfFacts facts) implements ElfFiles.Derived {
        @Override
        public int bytes() {
            return 1_000;
        }
    }

    private final AtomicInteger makings = new AtomicInteger();

    private Made make(ElfFacts facts) {
        makings.incrementAndGet();
        return new Made(facts);
    }

    private static LayerFacts layer(String path, HandmadeElf elf) {
        return TestLayers.tar().file(path, elf.build(), 0755).facts(List.of(ElfKinds.ELF));
    }

    private static ImageElfFiles files(ElfMemory memory, LayerFacts layer) {
        return new ImageElfFiles(SquashedImage.of(List.of(layer), ImageInputs.NONE), memory);
    }

    private Made made(ElfMemory memory, LayerFacts layer, String path) {
        ImageElfFiles files = files(memory, layer);
        return files.derived(files.find(path).orElseThrow(), Made.class, this::make)
                .orElseThrow();
    }

    @Test
    void whatIsMadeOfAFileIsMadeOnceForAllImagesThatHaveItWhereverItLies() {
        ElfMemory memory = new ElfMemory(1 << 20);
        HandmadeElf library = HandmadeElf.x86_64().soname("liba.so").exported("a");
        Made first = made(memory, layer("lib/liba.so", library), "/lib/liba.so");
        assertThat(made(memory, layer("opt/liba.so", library), "/opt/liba.so")).isSameAs(first);
        assertThat(makings).hasValue(1);
    }

    @Test
    void anotherFileAtTheSamePathIsAnother() {
        ElfMemory memory = new ElfMemory(1 << 20);
        made(memory, layer("lib/liba.so", HandmadeElf.x86_64().soname("liba.so").exported("a")), "/lib/liba.so");
        Made other = made(
                memory,
                layer("lib/liba.so", HandmadeElf.x86_64().soname("liba.so").exported("b")),
                "/lib/liba.so");
        assertThat(other.facts().symbols().exports().iterator().next().name()).isEqualTo("b");
        assertThat(makings).hasValue(2);
    }

    @Test
    void whatDoesNotFitIsMadeAgain() {
        ElfMemory memory = new ElfMemory(1);
        LayerFacts layer =
                layer("lib/liba.so", HandmadeElf.x86_64().soname("liba.so").exported("a"));
        made(memory, layer, "/lib/liba.so");
        memory.settle();
        made(memory, layer, "/lib/liba.so");
        assertThat(makings).hasValue(2);
    }

    @Test
    void damagedFactsAreRefusedAsOften() {
        ElfMemory memory = new ElfMemory(1 << 20);
        byte[] damaged = {1, 2, 3};
        assertThatThrownBy(() -> memory.of(damaged)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> memory.of(damaged)).isInstanceOf(IllegalArgumentException.class);
    }
}
