package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AwsKeyTest {

    private static final String KEY = "AKIDEXAMPLE:wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    private static final String SESSION =
            "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";

    /** AWS' published suite of test vectors (aws-sig-v4-test-suite), those without a query or a path. */
    @ParameterizedTest
    @CsvSource({
        "get-vanilla, GET, , , , , 5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        "post-vanilla, POST, , , , , 5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        "post-header-key-case, POST, MY-HEADER1, value1, , , c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        "post-header-value-case, POST, My-Header1, VALUE1, , , cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
        "post-x-www-form-urlencoded, POST, Content-Type, application/x-www-form-urlencoded, Param1=value1, , ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
        "post-sts-header-before, POST, , , , session, 85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
    })
    void signsAsThePublishedVectorsSay(
            String name, String method, String header, String value, String body, String session, String signature) {
        AwsKey key = AwsKey.parse(session == null ? KEY : KEY + ":" + SESSION);
        Map<String, String> headers = header == null ? Map.of() : Map.of(header, value);
        Map<String, String> proof = key.proof(
                method,
                URI.create("https://example.amazonaws.com/"),
                headers,
                body == null ? "" : body,
                "us-east-1",
                "service",
                Instant.parse("2015-08-30T12:36:00Z"));
        String own = header == null ? "" : header.toLowerCase(java.util.Locale.ROOT) + ";";
        String names = own.startsWith("content") ? own + "host;x-amz-date" : "host;" + own + "x-amz-date";
        assertThat(proof)
                .as(name)
                .containsEntry("X-Amz-Date", "20150830T123600Z")
                .containsEntry(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders="
                                + names + (session == null ? "" : ";x-amz-security-token") + ", Signature="
                                + signature);
        assertThat(proof.get("X-Amz-Security-Token")).isEqualTo(session == null ? null : SESSION);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s3cret", "AKID:", ":s3cret", "AKID:s3cret:", "AKID:s3cret\nX: y", "AKID:s3 cret"})
    void whatIsNoAccessKeyIsRefusedWithoutTellingIt(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AwsKey.parse(text))
                .withMessageContaining("ACCESS-KEY-ID:SECRET-ACCESS-KEY")
                .withMessageNotContaining("s3");
    }

    @Test
    void theSecretPartsAreNotPrinted() {
        assertThat(AwsKey.parse("AKID:s3cret:t0ken").toString())
                .contains("AKID")
                .doesNotContain("s3cret")
                .doesNotContain("t0ken");
    }
}
