package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class BacklogCommandTest {

    private static String plan(String cost, String weight) {
        return BacklogCommand.plan(JsonMapper.shared()
                .readTree("{\"entry\":{\"name\":\"alpine:3.12\"},\"cost\":" + cost
                        + ",\"steps\":[{\"repository\":\"r.example.com/app\",\"weight\":" + weight + "}]}"));
    }

    @Test
    void aPlanTellsWhatTheMoveCostsAndWhatTheImageWeighsNowAndThere() {
        assertThat(
                        plan(
                                "{\"base\":2800000,\"freed\":1000000,\"target\":28200000}",
                                "{\"image\":90000000,\"base\":5600000,\"compilers\":30000000,\"headers\":10000000,\"onTarget\":119000000}"))
                .contains("  the base has 2.8 MB in registries, which give back 1.0 MB of it when all have moved;"
                        + " the target has 28.2 MB, which a node pulls once\n")
                .contains("  unpacked it has 90.0 MB (5.6 MB of its base and 40.0 MB only needed to build),"
                        + " on the target about 119.0 MB\n");
    }

    @Test
    void whatIsOneIsToldAsOne() {
        assertThat(
                        BacklogCommand.plan(
                                JsonMapper.shared()
                                        .readTree(
                                                "{\"entry\":{\"name\":\"alpine:3.12\",\"images\":1,\"repositories\":1,\"changeCount\":2,"
                                                        + "\"rebuilt\":0},\"findings\":[{\"kind\":\"risk\",\"severity\":\"low\",\"id\":\"x\",\"images\":1}]}")))
                .contains(
                        "  to move: 1 image in 1 repository; to change: 2 Dockerfiles; to build again: 0 repositories\n")
                .contains("  risk low x in 1 image\n");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 80, 200})
    void theListFitsTheTerminalAndKeepsWhatIsToBeCopied(int width) {
        String list = BacklogCommand.list(
                JsonMapper.shared()
                        .readTree(
                                "{\"items\":[{\"rank\":1,\"score\":1234.5,\"id\":\"base-0123456789abcdef\",\"images\":12000,"
                                        + "\"changeCount\":400,\"name\":\"registry.example.com:5000/platform/mirrored/alpine:3.12\","
                                        + "\"standsOn\":{\"distro\":\"alpine\",\"version\":\"3.12.12\"},"
                                        + "\"support\":{\"phase\":\"ended\",\"ltsEnds\":\"2022-05-01\"},"
                                        + "\"targets\":[{\"target\":{\"image\":\"registry.example.com:5000/platform/alpine:3.22\"}}]}],"
                                        + "\"total\":1,\"day\":\"2026-11-27\"}"),
                Terminal.of(true, Terminal.Colors.NEVER, Map.of("COLUMNS", String.valueOf(width))));
        assertThat(list.substring(0, list.indexOf("\n\n")).lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(width));
        assertThat(list).contains("base-0123456789abcdef", "alpine:3.12", "1234.50", "12000", "400", "2022-05-01");
    }

    @Test
    void whatIsNotKnownOfACostIsSaidToBeUnknownAndNeverNothing() {
        assertThat(plan("{\"base\":2800000,\"freed\":0}", "{\"image\":90000000}"))
                .contains("give back 0 B of it", "the target has an unknown size")
                .contains("(an unknown size of its base and an unknown part only needed to build)")
                .contains("on the target an unknown size\n");
        assertThat(plan("null", "null")).doesNotContain("unpacked").doesNotContain("registries, which");
    }
}
