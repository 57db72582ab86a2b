package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class JsonMembersTest {

    private static final String ALL_KINDS = """
            {"number": -1.5e3, "text" : "a \\"quoted\\" } ] , \\\\", "list":[1, [2], {"x": "]"}],
             "object": {"a": {"b": "}"}, "c": []}, "empty": {}, "none": null, "yes":true, "Zürich": ""
            }
            """;

    private static Map<String, String> members(String json) {
        Map<String, String> members = new LinkedHashMap<>();
        JsonMembers.of(json.getBytes(StandardCharsets.UTF_8), "none that is there")
                .forEach((name, value) -> members.put(name, new String(value, StandardCharsets.UTF_8)));
        return members;
    }

    @Test
    void eachValueIsWhatAParserSeesInItsPlace() {
        Map<String, JsonNode> parsed = new LinkedHashMap<>();
        tree(ALL_KINDS).forEachEntry(parsed::put);
        Map<String, JsonNode> apart = new LinkedHashMap<>();
        members(ALL_KINDS).forEach((name, value) -> apart.put(name, tree(value)));
        assertThat(apart).isEqualTo(parsed);
        assertThat(apart.keySet()).containsExactlyElementsOf(parsed.keySet());
        assertThat(members(" {\n} ")).isEmpty();
    }

    @Test
    void oneMembersOwnMembersAreTakenApartInItsPlace() {
        String json = "{\"a\": 1, \"b\": {\"c\": {\"b\": 2}, \"d\": [] }, \"e\": {\"b\": 3}}";
        Map<String, byte[]> members = JsonMembers.of(json.getBytes(StandardCharsets.UTF_8), "b");
        assertThat(members.keySet()).containsExactly("a", "b/c", "b/d", "e");
        assertThat(members.get("b/c")).asString(StandardCharsets.UTF_8).isEqualTo("{\"b\": 2}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JsonMembers.of(json.getBytes(StandardCharsets.UTF_8), "a"));
    }

    private static JsonNode tree(String json) {
        return new JsonTree(10).read(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void oneThatIsCutAnywhereIsRefused() {
        byte[] whole = ALL_KINDS.strip().getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatIllegalArgumentException().as("%s bytes", length).isThrownBy(() -> JsonMembers.of(cut, "object"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[1]",
                "\"text\"",
                "{} 1",
                "{\"a\" 1}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":1 2}",
                "{a:1}",
                "{\"a\":1,\"a\":2}",
                "{\"\\u0061\":1}"
            })
    void whatIsNoObjectOrNamesAMemberStrangelyIsRefused(String json) {
        assertThatIllegalArgumentException().isThrownBy(() -> members(json));
    }

    @Test
    void whateverStandsThereItEndsAndSaysNothingElseThanAnObjectOrARefusal() {
        long seed = Long.getLong("basewatch.seed", System.nanoTime());
        Random random = new Random(seed);
        String letters = "{}[]\",:\\ a1";
        for (int n = 0; n < 100_000; n++) {
            StringBuilder json = new StringBuilder("{");
            int length = random.nextInt(16);
            for (int i = 0; i < length; i++) {
                json.append(letters.charAt(random.nextInt(letters.length())));
            }
            try {
                members(json.toString());
            } catch (IllegalArgumentException e) {
                assertThat(e).as("seed %s: %s", seed, json).isExactlyInstanceOf(IllegalArgumentException.class);
            }
        }
    }
}
