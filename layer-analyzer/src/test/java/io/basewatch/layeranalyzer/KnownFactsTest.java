package io.basewatch.layeranalyzer;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.layeranalyzer.TestImages.TestLayer;
import io.basewatch.layerfacts.Expected;
import io.basewatch.layerfacts.FactsName;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.layerfacts.LayerReader;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KnownFactsTest {

    private static LayerFacts facts(TestLayer layer) throws Exception {
        return new LayerReader(LayerLimits.defaults(), List.of())
                .read(new ByteArrayInputStream(layer.stored()), Expected.NOTHING);
    }

    @Test
    void theStoreIsAskedForANameOnceWhenItIsThereAndAgainWhenItIsNot() {
        KnownFacts known = new KnownFacts(1 << 20);
        Digest layer = TestImages.digest(new byte[] {1});
        FactsName name = FactsName.whole(TestImages.digest(new byte[] {2}));
        AtomicInteger asked = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            assertThat(known.name(layer, () -> {
                        asked.incrementAndGet();
                        return Optional.empty();
                    }))
                    .isEmpty();
        }
        assertThat(asked).hasValue(3);
        for (int i = 0; i < 3; i++) {
            assertThat(known.name(layer, () -> {
                        asked.incrementAndGet();
                        return Optional.of(name);
                    }))
                    .contains(name);
        }
        assertThat(asked).hasValue(4);
    }

    @Test
    void factsAreHeldUpToTheirBoundAndNoMore() throws Exception {
        KnownFacts known = new KnownFacts(50_000);
        List<FactsName> names = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            LayerFacts facts = facts(TestImages.layer(Map.of("file" + i, "text")));
            FactsName name = facts.name();
            assertThat(name).isNotNull();
            known.hold(name, facts);
            names.add(name);
        }
        assertThat(known.weight()).isPositive().isLessThanOrEqualTo(50_000);
        assertThat(names.stream().filter(name -> known.facts(name).isPresent()).count())
                .isBetween(1L, 25L);
    }
}
