package io.basewatch.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.layerfacts.FactsKind;
import org.junit.jupiter.api.Test;

class KindsTest {

    /** One that did would have all others asked about every file, too. */
    @Test
    void noneIsAskedAboutEveryFile() {
        assertThat(Kinds.all()).isNotEmpty().noneMatch(kind -> kind.hints().areAll());
    }

    @Test
    void theirNamesAreDifferent() {
        assertThat(Kinds.all().stream().map(FactsKind::name)).doesNotHaveDuplicates();
    }
}
