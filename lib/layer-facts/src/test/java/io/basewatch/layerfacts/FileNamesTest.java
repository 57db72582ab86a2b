package io.basewatch.layerfacts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.ImageInputs;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class FileNamesTest {

    private static final List<String> PATTERNS =
            List.of("release", "libjvm.so", "java", "lua5*", "perl5*", "*.gemspec", "*.egg-info", "x");

    private static final FileNames NAMES = FileNames.of(PATTERNS.toArray(String[]::new));

    /** The slow and obvious way. */
    private static boolean isOne(String name) {
        return PATTERNS.stream()
                .anyMatch(pattern -> pattern.startsWith("*")
                        ? name.endsWith(pattern.substring(1))
                        : pattern.endsWith("*")
                                ? name.startsWith(pattern.substring(0, pattern.length() - 1))
                                : name.equals(pattern));
    }

    @Test
    void wholeNamesStartsAndEndsAreHeldAndNothingElse() {
        Random random = new Random(7);
        String letters = "reals5.gmpbj*vixü/";
        for (int round = 0; round < 200_000; round++) {
            StringBuilder name = new StringBuilder();
            if (random.nextInt(3) == 0) {
                name.append(PATTERNS.get(random.nextInt(PATTERNS.size())).replace("*", ""));
            }
            for (int more = random.nextInt(4); more > 0; more--) {
                name.insert(random.nextBoolean() ? 0 : name.length(), letters.charAt(random.nextInt(letters.length())));
            }
            assertThat(NAMES.hold(name.toString())).as("%s", name).isEqualTo(isOne(name.toString()));
        }
    }

    @Test
    void aNameInTheMiddleOfOtherBytesIsFound() {
        byte[] bytes = "usr/bin/java\0".getBytes(StandardCharsets.UTF_8);
        assertThat(NAMES.hold(bytes, 8, 12)).isTrue();
        assertThat(NAMES.hold(bytes, 8, 13)).isFalse();
        assertThat(NAMES.hold(bytes, 8, 8)).isFalse();
    }

    @Test
    void namesOfSeveralAreHeldTogether() {
        FileNames both = FileNames.of("a").or(FileNames.of("b*"));
        assertThat(List.of("a", "b", "bc", "c")).filteredOn(both::hold).containsExactly("a", "b", "bc");
    }

    @Test
    void whatIsNoNameIsRefused() {
        for (String pattern : List.of("", "*", "*a*", "a*b", "a/b", "ä")) {
            assertThatThrownBy(() -> FileNames.of(pattern))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("'" + pattern + "'");
        }
    }

    /** In each image of the corpus, and in the same order. */
    @Test
    void anImageGivesTheSameFilesByTheirNamesAsByLookingAtAll() throws Exception {
        CorpusImages corpus = CorpusImages.open(List.of());
        FileNames names = FileNames.of("os-release", "*.so.6", "lib*", "passwd", "busybox");
        for (JsonNode image : corpus.images()) {
            ImageView view = SquashedImage.of(corpus.layers(image), ImageInputs.NONE);
            List<String> all = new ArrayList<>();
            view.files()
                    .filter(file -> names.hold(file.entry().name()))
                    .forEach(file -> all.add(file.entry().path()));
            assertThat(view.filesNamed(names).map(file -> file.entry().path()))
                    .as(CorpusImages.name(image))
                    .containsExactlyElementsOf(all);
        }
    }
}
