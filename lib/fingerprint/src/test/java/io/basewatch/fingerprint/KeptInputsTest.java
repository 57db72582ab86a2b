package io.basewatch.fingerprint;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageInputs;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class KeptInputsTest {

    @Test
    void keepsEachLabelThatTheTableOfVariantsAsksFor() throws IOException {
        List<String> labels;
        try (BufferedReader table = new BufferedReader(new InputStreamReader(
                Detectors.class.getResourceAsStream("distro/variants.tsv"), StandardCharsets.UTF_8))) {
            Pattern test = Pattern.compile("(?<=[\\t;!] ?)label (\\S+)");
            labels = table.lines()
                    .filter(line -> !line.startsWith("#"))
                    .flatMap(line -> test.matcher(line).results())
                    .map((MatchResult result) -> result.group(1))
                    .toList();
        }
        assertThat(labels)
                .isNotEmpty()
                .allSatisfy(label -> assertThat(new ImageInputs(List.of(), List.of(), List.of(), Map.of(label, "x"))
                                .kept()
                                .labels())
                        .containsKey(label));
    }
}
