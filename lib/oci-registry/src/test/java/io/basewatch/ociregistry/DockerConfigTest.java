package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.ociregistry.DockerConfig.Given;
import io.basewatch.ociregistry.DockerConfig.Helper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerConfigTest {

    @TempDir
    Path folder;

    private DockerConfig config(String json) throws IOException {
        return DockerConfig.read(Files.writeString(folder.resolve("config.json"), json));
    }

    private static String auth(String user) {
        return "{\"auth\":\""
                + Base64.getEncoder().encodeToString((user + ":pass:word").getBytes(StandardCharsets.UTF_8)) + "\"}";
    }

    private static List<String> users(List<DockerConfig.Way> ways) {
        return ways.stream()
                .map(way -> way instanceof Given given && given.credentials() != null
                        ? given.credentials().username()
                        : way instanceof Helper helper ? helper.name() + " " + helper.server() : "none")
                .toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "team/app | app,team,host",
                "team/app/worker | app,team,host",
                "team/apple | team,host",
                "teams/app | host",
                "'' | host",
            })
    void theLongestPathComesFirst(String repository, String expected) throws Exception {
        DockerConfig config = config(
                "{\"auths\":{\"r.example:5000\":%s,\"r.example:5000/team/app\":%s,\"r.example:5000/team/\":%s,\"r.example\":%s}}"
                        .formatted(auth("host"), auth("app"), auth("team"), auth("other")));
        assertThat(users(config.ways("r.example:5000", repository))).containsExactly(expected.split(","));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r.example",
                "R.Example",
                "r.example/",
                "https://r.example",
                "https://r.example/",
                "https://r.example/v1/",
                "https://r.example/v2",
                "http://r.example/v2/",
                "HTTPS://r.example:443/v1/",
                "r.example:443",
                "https://r.example/team/app",
                "r.example/team"
            })
    void aKeyMayHaveASchemeAndTheAddressOfTheApi(String key) throws Exception {
        DockerConfig config = config("{\"auths\":{\"" + key + "\":" + auth("alice") + "}}");
        assertThat(users(config.ways("r.example", "team/app"))).containsExactly("alice");
        assertThat(config.ways("r.example.org", "team/app")).isEmpty();
        assertThat(config.ways("r.example:5000", "team/app")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://index.docker.io/v1/",
                "index.docker.io",
                "docker.io",
                "registry-1.docker.io",
                "https://registry.hub.docker.com/v2/",
                "docker.io/library",
                "docker.io/library/alpine"
            })
    void dockerHubHasManyNames(String key) throws Exception {
        DockerConfig config = config("{\"auths\":{\"" + key + "\":" + auth("alice") + "}}");
        assertThat(users(config.ways("registry-1.docker.io", "library/alpine"))).containsExactly("alice");
        assertThat(config.ways("auth.docker.io", "library/alpine")).isEmpty();
    }

    @Test
    void helpersComeBeforeWhatStandsInTheFile() throws Exception {
        DockerConfig config = config(
                "{\"auths\":{\"r.example\":%s,\"r.example/team\":%s,\"https://s.example/v1/\":{}},\"credHelpers\":{\"r.example\":\"one\",\"x\":\"y\"},\"credsStore\":\"all\"}"
                        .formatted(auth("host"), auth("team")));
        assertThat(users(config.ways("r.example", "team/app")))
                .containsExactly("all r.example/team", "team", "one r.example", "all r.example", "host");
        assertThat(users(config.ways("s.example", "team/app"))).containsExactly("all https://s.example/v1/");
        assertThat(users(config.ways("t.example", "team/app"))).containsExactly("all t.example");
        assertThat(users(config.ways("registry-1.docker.io", ""))).containsExactly("all https://index.docker.io/v1/");
    }

    @Test
    void readsWhatStandsInTheFileInAnyOfItsForms() throws Exception {
        DockerConfig config = config(
                "{\"auths\":{\"a\":%s,\"b\":{\"username\":\"bob\",\"password\":\"secret\"},\"c\":{\"auth\":\"x\",\"identitytoken\":\"token\"},\"d\":{},\"e\":null,\"f\":7}}"
                        .formatted(auth("alice")));
        assertThat(((Given) config.ways("a", "").get(0)).credentials())
                .isEqualTo(new Credentials("alice", "pass:word"));
        assertThat(((Given) config.ways("b", "").get(0)).credentials()).isEqualTo(new Credentials("bob", "secret"));
        assertThat(((Given) config.ways("c", "").get(0)).credentials()).isEqualTo(Credentials.refreshToken("token"));
        for (String none : List.of("d", "e", "f")) {
            assertThat(config.ways(none, "")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"auth\":\"c2VjcmV0\"}",
                "{\"auth\":\"!\"}",
                "{\"auth\":\"OnNlY3JldA==\"}",
                "{\"registrytoken\":\"secret\"}"
            })
    void saysWhatAnEntryLacksAndNotWhatItHas(String entry) throws Exception {
        DockerConfig config = config("{\"auths\":{\"a/team\":" + entry + ",\"a\":" + auth("alice") + "}}");
        List<DockerConfig.Way> ways = config.ways("a", "team/app");
        assertThat(users(ways)).containsExactly("none", "alice");
        assertThat(((Given) ways.get(0)).trouble()).isNotBlank().doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"auths\":{\"a\":{\"auth\":\"secret"})
    void aFileThatIsNoneIsNotQuoted(String json) {
        assertThatThrownBy(() -> config(json)).isInstanceOf(IOException.class).hasMessage("it is no JSON object");
    }

    @Test
    void fieldsOfAnotherKindHoldNothing() throws Exception {
        assertThat(config("{\"auths\":[],\"credHelpers\":\"x\",\"credsStore\":{}}")
                        .ways("a", "b"))
                .isEmpty();
    }
}
