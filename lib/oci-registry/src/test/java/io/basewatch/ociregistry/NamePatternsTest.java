package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternsTest {

    @ParameterizedTest
    @CsvSource({
        "team/*, team/app, true",
        "team/*, team/app/sub, false",
        "team/**, team/app/sub, true",
        "team/**, team, false",
        "**/cache, a/b/cache, true",
        "v?, v1, true",
        "v?, v10, false",
        "a.b, axb, false",
        "a+(b), a+(b), true",
        "sha256-*.sig, sha256-00ff.sig, true",
        "*, a/b, false",
        "**, a/b, true"
    })
    void starsAndQuestionMarksStandForNamesAndAllElseForItself(String pattern, String name, boolean accepted) {
        assertThat(new NamePatterns(List.of(pattern), null).accepts(name)).isEqualTo(accepted);
    }

    @Test
    void withoutIncludeEverythingIsWatchedButWhatIsExcluded() {
        NamePatterns patterns = new NamePatterns(null, List.of("**/cache"));
        assertThat(patterns.accepts("team/app")).isTrue();
        assertThat(patterns.accepts("team/cache")).isFalse();
    }

    @Test
    void excludeBeatsInclude() {
        assertThat(new NamePatterns(List.of("team/**"), List.of("team/old")).accepts("team/old"))
                .isFalse();
    }

    @Test
    void namesWithoutStarsAreNames() {
        assertThat(new NamePatterns(List.of("team/app", "x"), List.of("y*")).isPlainNames())
                .isTrue();
        assertThat(new NamePatterns(List.of("team/app", "x*"), null).isPlainNames())
                .isFalse();
        assertThat(NamePatterns.ALL.isPlainNames()).isFalse();
    }

    @Test
    void refusesAnEmptyPattern() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NamePatterns(List.of(" "), null))
                .withMessageContaining("pattern of names is empty");
    }
}
