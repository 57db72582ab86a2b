package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RepositoryTest {

    @Test
    void isWrittenAsItsTextAndAsNoOther() {
        List<String> texts =
                List.of("a/b", "a/bb", "aa/b", "a.b/c", "a.b:5000/c/d", "a.b:5000/c", "a.b:5000/c/e", "b/a/b", "b/ab");
        for (String one : texts) {
            for (String other : texts) {
                assertThat(Repository.parse(one).isWritten(other))
                        .as(one + " as " + other)
                        .isEqualTo(one.equals(other));
            }
        }
        for (String other : List.of("", "/", "a", "ab", "a/", "/b", "a:b", "a/B")) {
            assertThat(Repository.parse("a/b").isWritten(other)).as(other).isFalse();
        }
    }
}
