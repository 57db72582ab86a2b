package io.basewatch.fingerprint;

import static io.basewatch.layerfacts.TestLayers.tar;
import static io.basewatch.layerfacts.TestLayers.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageHints;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.Want;
import java.util.List;
import org.junit.jupiter.api.Test;

class FingerprinterTest {

    @Test
    void aDetectorThatFailsIsToldAndDoesNotHideTheOthers() {
        Detector broken = new Detector() {
            @Override
            public String id() {
                return "broken/1";
            }

            @Override
            public Want wants(FileEntry file, byte[] head) {
                throw new IllegalStateException("wants");
            }

            @Override
            public void detect(ImageView image, Findings findings) {
                throw new IllegalStateException("detect");
            }
        };
        Detector sees = new Detector() {
            @Override
            public String id() {
                return "sees/1";
            }

            @Override
            public Want wants(FileEntry file, byte[] head) {
                return Want.content(10);
            }

            @Override
            public void detect(ImageView image, Findings findings) {
                findings.invalid("f", text(image, "f"));
            }
        };
        LayerFacts facts = tar().file("f", "seen").facts(List.of(broken, sees));
        Fingerprinter.Result result =
                Fingerprinter.fingerprint(List.of(facts), ImageHints.NONE, true, List.of(broken, sees));

        assertThat(result.reasons().stream().map(Reason::code))
                .containsExactly(Reason.Code.INTERNAL_ERROR, Reason.Code.INTERNAL_ERROR, Reason.Code.FILE_INVALID);
        assertThat(result.reasons().get(2).message()).contains("seen");
    }
}
