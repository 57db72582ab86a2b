package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Prometheus itself makes of the rules: {@code promtool} is in Debian's package {@code prometheus}, or where {@code PROMTOOL} says. */
class PrometheusRulesTest {

    private static final Path ROOT = Path.of(System.getProperty("basewatch.root"));
    private static final Path RULES = ROOT.resolve("dashboards/prometheus/rules/basewatch.yml");
    private static final Path TESTS = ROOT.resolve("deploy/prometheus/rules-test.yml");

    @Test
    void everyRuleIsOneThatPrometheusTakes() throws Exception {
        assertThat(promtool("check", "rules", RULES.toString())).contains("SUCCESS");
    }

    @Test
    void everyRuleDoesWhatItsTestSays() throws Exception {
        assertThat(promtool("test", "rules", TESTS.toString())).contains("SUCCESS");
    }

    /** Needs no promtool: a rule about support or freshness that nobody tests is noticed everywhere. */
    @Test
    void everyRuleAboutSupportAndFreshnessHasATest() throws IOException {
        String tests = Files.readString(TESTS);
        Set<String> untested = new TreeSet<>();
        Matcher rule = Pattern.compile(
                        "(?:alert|record): (\\S*(?:Support|Lifecycle|support|ending|late|Late|stale:|Paused|Missed)\\S*)")
                .matcher(Files.readString(RULES));
        int rules = 0;
        while (rule.find()) {
            rules++;
            if (!tests.contains(rule.group(1))) {
                untested.add(rule.group(1));
            }
        }
        assertThat(rules).isGreaterThan(12);
        assertThat(untested).isEmpty();
    }

    private static String promtool(String... arguments) throws Exception {
        String promtool = Stream.concat(
                        Stream.ofNullable(System.getenv("PROMTOOL")).map(Path::of),
                        Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                                .map(folder -> Path.of(folder, "promtool")))
                .filter(Files::isExecutable)
                .map(Path::toString)
                .findFirst()
                .orElse("");
        assumeTrue(
                !promtool.isEmpty(),
                "there is no promtool here: install Debian's package prometheus, or name it in PROMTOOL");
        List<String> command =
                Stream.concat(Stream.of(promtool), Stream.of(arguments)).toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(process.exitValue()).as(said).isZero();
        return said;
    }
}
