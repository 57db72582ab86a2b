package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "curl -u x https://bob:hunter2@example.com/a | curl -u x https://***@example.com/a",
                "DB_PASSWORD=hunter2 ./run | DB_PASSWORD=*** ./run",
                "run --api-key hunter2 --port 80 | run --api-key *** --port 80",
                "echo password: hunter2; ls | echo password: ***; ls",
                "export TOKEN='a b c' && x | export TOKEN=*** && x",
                "npm config set //r/:_authToken npm_0123456789012345678901234567890123456789 | npm config set //r/:_authToken ***",
                "git clone ghp_0123456789abcdefABCDEF | git clone ***",
                "x AKIAIOSFODNN7EXAMPLE y | x *** y",
                "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl y | x *** y",
                "x aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z y0aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z12 | x aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z ***",
            })
    void masksWhatLooksLikeASecretInAText(String text, String masked) {
        assertThat(Secrets.masked(text)).isEqualTo(masked);
        assertThat(Secrets.masked(masked)).isEqualTo(masked);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/bin/sh -c #(nop) ADD file:8c0f1ed2b5b1bb7b0a4e6e4e8de9d2a6a3c9f0a1b2c3d4e5f60718293a4b5c6d in / ",
                "RUN apk add --no-cache tokenizers passt",
                "java -Xss2m -XX:MaxRAMPercentage=75 -jar /app/keyboard.jar",
                "https://example.com/path?x=1",
                "LD_PRELOAD=/usr/lib/preloadable_libiconv.so php",
                "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            })
    void leavesAnyOtherText(String text) {
        assertThat(Secrets.masked(text)).isEqualTo(text);
    }

    private static Pattern pattern(String name) throws ReflectiveOperationException {
        Field field = Secrets.class.getDeclaredField(name);
        field.setAccessible(true);
        return (Pattern) field.get(null);
    }

    /** By the patterns alone, which are much slower. */
    @Test
    void masksTheSameAsThePatternsOverAllOfTheText() throws Exception {
        Pattern url = pattern("IN_URL");
        Pattern known = pattern("KNOWN");
        Pattern assigned = pattern("ASSIGNED");
        List<String> words = List.of(
                "PASS",
                "password",
                "Token",
                "tokens",
                "api",
                "key",
                "api_key",
                "ACCESS-KEY",
                "cred",
                "bearer",
                "salt",
                "x",
                "my.",
                "A_",
                "-",
                ".",
                "_",
                "=",
                ":",
                " ",
                "  ",
                "\n",
                "\"",
                "'",
                "value",
                ";",
                "|",
                "&",
                ")",
                "€",
                "İ",
                "ſalt",
                "\uD83D\uDE00",
                "\uDE00",
                "\u212Aey",
                "passphrase",
                "secret",
                "authorization",
                "Cookie",
                "+",
                "/",
                "https",
                "://",
                "me:it@here",
                "@",
                "g",
                "ghp_",
                "aaaaaaaaaaaaaaaaaaaa",
                "AKIA",
                "AAAAAAAAAAAAAAAA",
                "sk",
                "npm_",
                "xoxb-",
                "eyJ",
                "-----BEGIN ",
                "PRIVATE KEY-----");
        Random random = new Random(11);
        for (int n = 0; n < 100_000; n++) {
            StringBuilder made = new StringBuilder();
            for (int left = random.nextInt(14); left > 0; left--) {
                made.append(words.get(random.nextInt(words.size())));
            }
            String text = made.toString();
            assertThat(Secrets.masked(text))
                    .as("text %d: '%s'", n, text)
                    .isEqualTo(assigned.matcher(known.matcher(url.matcher(text).replaceAll("$1***@"))
                                    .replaceAll("***"))
                            .replaceAll("$1***"));
        }
    }

    @Test
    void masksALongRandomWordWhereverItStands() {
        String random = "aB3dE5fG7hI9jK1lM3nO5pQ7rS9tU1vW3xY5z12Q".repeat(3);
        for (int length : new int[] {39, 40, 41, 79, 80, 81, 120}) {
            String word = random.substring(0, length);
            for (int before = 0; before < 130; before++) {
                for (String others : List.of("x ", "ordinary-word ", " ")) {
                    String start = others.repeat(before).substring(0, before);
                    String text = (before == 0 ? "" : start.substring(1) + " ") + word + " end";
                    assertThat(Secrets.masked(text)).isEqualTo(length < 40 ? text : text.replace(word, "***"));
                }
            }
        }
    }

    @Test
    void masksTheWordBehindAFlagThatNamesASecret() {
        assertThat(Secrets.maskedArguments(List.of(
                        "serve", "--token", "secret", "--db-password=x", "-p", "80", "--secret", "--verbose", "on")))
                .containsExactly(
                        "serve", "--token", "***", "--db-password=***", "-p", "80", "--secret", "--verbose", "on");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DB_PASSWORD",
                "apiKey",
                "API_KEY",
                "github.token",
                "JAVA_KEYSTORE_PASSWORD",
                "dbPassword",
                "NODE_AUTH_TOKEN",
                "AWS_SECRET_ACCESS_KEY"
            })
    void masksTheWholeValueUnderANameOfASecret(String name) {
        assertThat(Secrets.maskedValue(name, "x y")).isEqualTo("***");
        assertThat(Secrets.maskedValue(name, "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "LD_LIBRARY_PATH",
                "NODE_OPTIONS",
                "PYTHONPATH",
                "MALLOC_ARENA_MAX",
                "org.opencontainers.image.authors",
                "monkey"
            })
    void keepsTheValueUnderAnyOtherName(String name) {
        assertThat(Secrets.maskedValue(name, "x y")).isEqualTo("x y");
    }
}
