package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

class JsonTreeTest {

    private final JsonTree tree = new JsonTree(64);
    private final JsonMapper databind = new JsonMapper();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "{}",
                "[]",
                "null",
                "true",
                "\"text\"",
                "7",
                "{\"a\":1,\"b\":[1,2147483648,12345678901234567890,-0,1.5,1e400,true,false,null,\"\\u00e9\\n\"],\"c\":{\"d\":{}}}",
                "{\"twice\":1,\"twice\":2}",
                "[[],[[]],{\"\":[]}]"
            })
    void isTheTreeOfDatabind(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);

        assertThat(tree.read(bytes)).isEqualTo(databind.readTree(bytes));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "[1,",
                "{\"a\"",
                "{\"a\":",
                "{\"a\":1,}",
                "{a:1}",
                "tru",
                "\"open",
                "[1]]",
                "{} {}",
                "1 2",
                "NaN",
                "]"
            })
    void whatDatabindRefusesIsRefused(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);

        assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> databind.readTree(bytes));
        assertThatExceptionOfType(JacksonException.class).isThrownBy(() -> tree.read(bytes));
    }

    @Test
    void refusesWhatGoesDeeperThanItIsTold() {
        String deep = "[".repeat(65) + "]".repeat(65);
        String less = "[".repeat(64) + "]".repeat(64);

        assertThat(tree.read(less.getBytes(StandardCharsets.UTF_8)).isArray()).isTrue();
        assertThatExceptionOfType(JacksonException.class)
                .isThrownBy(() -> tree.read(deep.getBytes(StandardCharsets.UTF_8)));
    }
}
