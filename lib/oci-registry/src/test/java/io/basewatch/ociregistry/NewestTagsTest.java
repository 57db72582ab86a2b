package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.ociregistry.NewestTags.By;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class NewestTagsTest {

    /** The example of Semantic Versioning 2.0.0, section 11, and around it. */
    private static final List<String> IN_ORDER = List.of(
            "0.9",
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "v1.2",
            "1.10.0",
            "2",
            "20240101");

    @Test
    void byDateTheNewestAreThoseThatCameLastAndWhatHasNoDateIsNeverLeftOut() {
        Instant day = Instant.parse("2026-01-01T00:00:00Z");
        Map<String, Instant> dates = Map.of(
                "9.0", day,
                "main-abc", day.plusSeconds(1),
                "1.0", day.plusSeconds(2),
                "a", day.plusSeconds(2));
        List<String> tags = List.of("9.0", "latest", "a", "1.0", "main-abc");
        assertThat(new NewestTags(2, By.DATE).leftOut(tags, dates)).containsExactly("9.0", "main-abc");
        assertThat(new NewestTags(1, By.DATE).leftOut(tags, dates))
                .as("at the same moment the name decides, always in the same way")
                .containsExactly("1.0", "9.0", "main-abc");
        assertThat(new NewestTags(1, By.DATE).leftOut(tags, Map.of())).isEmpty();
        assertThat(new NewestTags(1).leftOut(tags, dates)).containsExactly("1.0");
    }

    @Test
    void versionsAreComparedAsVersionsAndWhatIsNoneIsNeverLeftOut() {
        List<String> tags = new ArrayList<>(IN_ORDER);
        tags.addAll(List.of("latest", "main", "1.2.3.4", "jdk-21", "9999999999999999999999"));
        for (int seed = 0; seed < 20; seed++) {
            Collections.shuffle(tags, new Random(seed));
            for (int number = 1; number <= IN_ORDER.size(); number++) {
                assertThat(new NewestTags(number).leftOut(tags))
                        .as("%s of %s", number, tags)
                        .containsExactlyInAnyOrderElementsOf(IN_ORDER.subList(0, IN_ORDER.size() - number));
            }
        }
        assertThat(NewestTags.ALL.leftOut(tags)).isEmpty();
        assertThat(NewestTags.ALL.isAll()).isTrue();
    }
}
