package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.ImageInputs;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FactsByKindTest {

    private static Interest named(String end, int bytes) {
        return (file, head) -> file.path().endsWith(end) ? Want.content(bytes) : Want.NOTHING;
    }

    private static final FactsKind TEXTS = new FactsKind("texts", 1, 1, List.of(named(".txt", 100)));
    private static final FactsKind MORE_TEXTS = new FactsKind("texts", 2, 1, List.of(named(".txt", 1_000)));
    private static final FactsKind OTHER_TEXTS = new FactsKind("texts", 3, 3, List.of(named(".md", 1_000)));
    private static final FactsKind BINARIES = new FactsKind("binaries", 1, 1, List.of(named(".bin", 100)));

    private static byte[] layer() {
        return TestLayers.tar()
                .file("a.txt", "a text")
                .file("b.bin", "a binary")
                .whiteout("c")
                .file("d.txt", "x".repeat(500))
                .bytes();
    }

    private static String text(LayerFacts facts, String path) {
        return TestLayers.text(SquashedImage.of(List.of(facts), ImageInputs.NONE), path);
    }

    @Test
    void oneKindMoreIsReadForItAloneAndLaidBesideTheOthers() {
        LayerFacts texts = TestLayers.facts(layer(), List.of(TEXTS));
        assertThat(texts.lacks(List.of(TEXTS, BINARIES))).containsExactly(BINARIES);

        LayerFacts both = texts.with(TestLayers.facts(layer(), List.of(BINARIES)));
        assertThat(both.lacks(List.of(TEXTS, BINARIES))).isEmpty();
        assertThat(text(both, "a.txt")).isEqualTo("a text");
        assertThat(text(both, "b.bin")).isEqualTo("a binary");
        assertThat(TestLayers.areSame(
                        both.encode(),
                        TestLayers.facts(layer(), List.of(TEXTS, BINARIES)).encode()))
                .isTrue();
    }

    @Test
    void aNewVersionReplacesThatKindAlone() {
        LayerFacts facts = TestLayers.facts(layer(), List.of(TEXTS, BINARIES));
        assertThat(facts.lacks(List.of(MORE_TEXTS, BINARIES))).containsExactly(MORE_TEXTS);
        assertThat(text(facts, "d.txt")).hasSize(100);

        LayerFacts newer = facts.with(TestLayers.facts(layer(), List.of(MORE_TEXTS)));
        assertThat(text(newer, "d.txt")).hasSize(500);
        assertThat(text(newer, "b.bin")).isEqualTo("a binary");
        assertThat(newer.lacks(List.of(MORE_TEXTS, BINARIES))).isEmpty();
        assertThat(newer.encode(List.of(MORE_TEXTS))).hasSize(1).first().satisfies(part -> {
            assertThat(part.kind()).isEqualTo("texts");
            assertThat(part.version()).isEqualTo(2);
        });
    }

    @Test
    void aLayerWithNothingForAKindIsNotReadAgainForIt() {
        byte[] layer =
                TestLayers.tar().file("b.bin", "a binary").file("c.py", "pass").bytes();
        LayerFacts facts = TestLayers.facts(layer, List.of(TEXTS, BINARIES));

        assertThat(facts.mayHave(MORE_TEXTS))
                .as("the older version chose the same files, and none")
                .isFalse();
        assertThat(facts.mayHave(OTHER_TEXTS)).as("b.bin could be anything").isTrue();
        assertThat(facts.withNothingOf(List.of(MORE_TEXTS)).lacks(List.of(MORE_TEXTS, BINARIES)))
                .isEmpty();

        LayerFacts scripts = TestLayers.facts(
                TestLayers.tar().file("c.py", "pass").directory("d").bytes(), List.of(TEXTS));
        assertThat(scripts.mayHave(BINARIES)).as("by the names alone").isFalse();
        assertThat(TestLayers.facts(layer(), List.of(TEXTS)).mayHave(MORE_TEXTS))
                .isTrue();
    }

    @Test
    void factsOfAnotherLayerOrOfAPartOfItAreNotLaidBeside() {
        LayerFacts facts = TestLayers.facts(layer(), List.of(TEXTS));
        LayerFacts other = TestLayers.facts(TestLayers.tar().file("z", "").bytes(), List.of(BINARIES));
        assertThatThrownBy(() -> facts.with(other)).isInstanceOf(IllegalArgumentException.class);
        FactsWriter broken = new FactsWriter(List.of(BINARIES), LayerLimits.defaults());
        assertThatThrownBy(() -> facts.with(broken.finish(null, null, 0, 0, false)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whateverTheOrderInWhichKindsAreReadTheFactsAreTheSame() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            TestLayers.Tar tar = TestLayers.tar();
            for (int n = random.nextInt(30); n > 0; n--) {
                String end = List.of(".txt", ".bin", ".md", "").get(random.nextInt(4));
                tar.file("f" + random.nextInt(20) + end, "x".repeat(random.nextInt(300)));
            }
            byte[] layer = tar.bytes();
            LayerFacts all = TestLayers.facts(layer, List.of(MORE_TEXTS, BINARIES));
            LayerFacts step = TestLayers.facts(layer, random.nextBoolean() ? List.of(TEXTS) : List.of(BINARIES));
            List<FactsKind> missing = new ArrayList<>(step.lacks(List.of(MORE_TEXTS, BINARIES)));
            while (!missing.isEmpty()) {
                FactsKind next = missing.remove(random.nextInt(missing.size()));
                step = LayerFacts.decode(step.encode()).with(TestLayers.facts(layer, List.of(next)));
            }
            LayerFacts merged = step;
            assertThat(TestLayers.areSame(merged.encode(List.of(MORE_TEXTS)), all.encode(List.of(MORE_TEXTS))))
                    .as("seed %d round %d", seed, round)
                    .isTrue();
            assertThat(TestLayers.areSame(merged.encode(List.of(BINARIES)), all.encode(List.of(BINARIES))))
                    .isTrue();
        }
    }
}
