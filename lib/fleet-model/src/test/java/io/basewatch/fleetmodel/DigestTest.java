package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {

    @Test
    void isTheTextItWasParsedFrom() {
        String text = "sha256:" + "0123456789abcdef".repeat(4);
        assertThat(Digest.parse(text)).hasToString(text).isEqualTo(Digest.parse(text));
        assertThat(Digest.parse("sha512:" + "0".repeat(128)).javaAlgorithm()).isEqualTo("SHA-512");
    }

    @Test
    void ofAFinishedHashIsItsHex() throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest("".getBytes(StandardCharsets.UTF_8));
        assertThat(Digest.ofSha256(hash))
                .hasToString("sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sha256",
                "sha256:",
                "sha256:abc",
                "md5:d41d8cd98f00b204e9800998ecf8427e",
                "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
                "sha256:../../../../../../../../../../../../../../../../../etc/passwd/aaaaaa"
            })
    void refusesWhatIsNoDigestAndShowsIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Digest.parse(text))
                .withMessageContaining("digest");
    }
}
