package io.basewatch.fingerprint;

import static io.basewatch.layerfacts.TestLayers.tar;
import static io.basewatch.layerfacts.TestLayers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.Want;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class FingerprinterTest {

    private static Detector detector(String id, BiConsumer<ImageView, Findings> detecting) {
        return new Detector() {
            @Override
            public String id() {
                return id;
            }

            @Override
            public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
                detecting.accept(image, findings);
            }
        };
    }

    @Test
    void whatFailsIsToldAndDoesNotHideTheOthers() {
        FactsKind failing = TestLayers.kind("failing", (entry, head) -> {
            throw new IllegalStateException("wants");
        });
        FactsKind keeping = TestLayers.kind("keeping", (entry, head) -> Want.content(10));
        Detector broken = detector("broken/1", (image, findings) -> {
            throw new IllegalStateException("detect");
        });
        Detector sees = detector("sees/1", (image, findings) -> findings.invalid("f", text(image, "f")));
        LayerFacts facts = tar().file("f", "seen").facts(List.of(failing, keeping));
        Fingerprinter.Result result = Fingerprinter.fingerprint(
                List.of(facts), ImageInputs.NONE, true, List.of(broken, sees), List.of(failing, keeping));

        assertThat(result.reasons().stream().map(Reason::code))
                .containsExactly(Reason.Code.INTERNAL_ERROR, Reason.Code.INTERNAL_ERROR, Reason.Code.FILE_INVALID);
        assertThat(result.reasons().get(2).message()).contains("seen");
    }

    @Test
    void anElfFileOfWhichMoreWasThereThanIsKeptIsNamedInTheReasonsOnce() {
        byte[] library = HandmadeElf.x86_64().exported("a".repeat(40_000), "b").build();
        LayerFacts facts = tar().file("opt/liblong.so", library, 0755).facts(Kinds.all());

        assertThat(Fingerprinter.fingerprint(List.of(facts), ImageInputs.NONE).reasons())
                .singleElement()
                .satisfies(reason -> {
                    assertThat(reason.code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
                    assertThat(reason.message())
                            .startsWith("opt/liblong.so: has more symbols that it offers")
                            .endsWith("what it needs and offers is known in part");
                });
    }
}
