package io.basewatch.reportapi.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.reportapi.access.AccessProperties.Mode;
import io.basewatch.reportapi.access.AccessProperties.Oidc;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessPropertiesTest {

    private static final Oidc NONE = new Oidc("", "", "roles", null, "sub", "", "", "");

    @ParameterizedTest
    @CsvSource({
        "AUTO, 127.0.0.1, true",
        "AUTO, localhost, true",
        "AUTO, ::1, true",
        "AUTO, 0.0.0.0, false",
        "AUTO, ::, false",
        "AUTO, 192.0.2.1, false",
        "AUTO, , false",
        "OPEN, 0.0.0.0, true",
        "CLOSED, 127.0.0.1, false"
    })
    void isOpenWhereOnlyThisMachineCanAskUnlessToldOtherwise(Mode mode, String address, boolean isOpen) {
        assertThat(AccessConfiguration.isOpen(new AccessProperties(mode, 0, List.of(), "", "", NONE), address))
                .isEqualTo(isOpen);
    }

    @Test
    void anIssuerWithoutAudienceOrRolesIsRefused() {
        assertThatThrownBy(() -> new AccessProperties(
                        Mode.AUTO,
                        1,
                        List.of(),
                        "",
                        "",
                        new Oidc("https://id.example", " ", "roles", Map.of(), "sub", "", "", "")))
                .hasMessageContaining("basewatch.access.oidc.audience");
        assertThatThrownBy(() -> new AccessProperties(
                        Mode.AUTO,
                        1,
                        List.of(),
                        "",
                        "",
                        new Oidc("https://id.example", "basewatch", "roles", null, "sub", "", "", "")))
                .hasMessageContaining("basewatch.access.oidc.roles");
    }

    @Test
    void aClientWithoutIssuerOrWithTwoSecretsIsRefusedAndNoSecretIsTold() {
        assertThatThrownBy(() -> properties(new Oidc("", "", "roles", null, "sub", "page", "", "")))
                .hasMessageContaining("basewatch.access.oidc.issuer-uri");
        Map<String, Role> roles = Map.of("staff", Role.READER);
        assertThatThrownBy(() -> properties(
                        new Oidc("https://id.example", "", "roles", roles, "sub", "page", "hush-4711", "/run/secret")))
                .hasMessageContaining("client-secret-file")
                .hasMessageNotContaining("hush-4711");
        AccessProperties good =
                properties(new Oidc("https://id.example", "", "roles", roles, "sub", "page", "hush-4711", ""));
        assertThat(good.oidc().audience()).as("tokens for the page's client").isEqualTo("page");
        assertThat(good.toString()).contains("clientId=page").doesNotContain("hush-4711");
    }

    private static AccessProperties properties(Oidc oidc) {
        return new AccessProperties(Mode.AUTO, 1, List.of(), "", "", oidc);
    }

    @Test
    void aTokenThatCouldBeGuessedIsRefusedWithoutBeingTold() {
        assertThatThrownBy(() -> new AccessProperties(Mode.AUTO, 1, List.of(), "bw_secret", "", NONE))
                .hasMessageContaining("basewatch.access.operator-token")
                .hasMessageNotContaining("bw_secret");
        String token = "bw_" + "a1".repeat(32);
        assertThat(new AccessProperties(Mode.AUTO, 1, List.of(), token, "", NONE).toString())
                .doesNotContain(token);
        assertThatThrownBy(() -> new AccessProperties(Mode.AUTO, 1, List.of(), token, token, NONE))
                .hasMessageContaining("scraper-token");
    }

    @Test
    void soManyAMinuteOfEachAndNoMore() {
        AtomicLong now = new AtomicLong();
        Buckets buckets = new Buckets(60, now::get);
        for (int n = 0; n < 60; n++) {
            assertThat(buckets.take("a")).isZero();
        }
        assertThat(buckets.take("a")).isEqualTo(Duration.ofSeconds(1));
        assertThat(buckets.take("b")).isZero();
        now.addAndGet(Duration.ofMillis(1001).toNanos());
        assertThat(buckets.take("a")).isZero();
        assertThat(buckets.take("a")).isPositive();
        for (int n = 0; n < 20_000; n++) {
            buckets.take("address " + n);
        }
        assertThat(new Buckets(0, now::get).take("a")).isZero();
    }
}
