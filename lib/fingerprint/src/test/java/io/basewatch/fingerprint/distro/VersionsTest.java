package io.basewatch.fingerprint.distro;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class VersionsTest {

    @Test
    void takesNoReleaseForAnotherWhoseNumberBeginsAlike() {
        assertThat(Versions.startsWith("3.24.1", "3.2")).isFalse();
        assertThat(Versions.startsWith("3.2.1", "3.2")).isTrue();
        assertThat(Versions.startsWith("10", "1")).isFalse();
        assertThat(Versions.startsWith("12.8", "12")).isTrue();
    }

    @Test
    void comparesAsFarAsBothSay() {
        assertThat(Versions.agree("12", "12.8")).isTrue();
        assertThat(Versions.agree("7.9.2009", "7.9")).isTrue();
        assertThat(Versions.agree("3.20.3", "3.20.7")).isTrue();
        assertThat(Versions.agree("3.20.3", "3.21.0")).isFalse();
        assertThat(Versions.agree("9", "10")).isFalse();
    }
}
