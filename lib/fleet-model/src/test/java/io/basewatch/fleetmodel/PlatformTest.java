package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void linuxIsLinuxHoweverItIsSpelled() {
        assertThat(Platform.parse("linux/amd64").isLinux()).isTrue();
        assertThat(Platform.parse("Linux/amd64").isLinux()).isTrue();
        assertThat(Platform.parse("windows/amd64").isLinux()).isFalse();
    }
}
