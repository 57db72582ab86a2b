package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DistroTest {

    @Test
    void releasesAreCalledAsPeopleCallThem() {
        assertThat(Distro.releaseCalled("alpine", "3.18.9", null, null, "3.18")).isEqualTo("alpine 3.18");
        assertThat(Distro.releaseCalled("debian", null, "trixie", "testing", null))
                .isEqualTo("debian trixie");
        assertThat(Distro.releaseCalled("arch", null, null, null, null)).isEqualTo("arch");
        assertThat(Distro.releaseCalled("debian", "12", "bookworm", "distroless", "debian12"))
                .isEqualTo("distroless debian12");
        assertThat(Distro.releaseCalled("debian", "12", "bookworm", "distroless", null))
                .isEqualTo("distroless debian12");
        assertThat(Distro.releaseCalled("centos", "9", null, "stream", "9")).isEqualTo("centos stream 9");
        assertThat(Distro.releaseCalled("centos", "8", null, null, "8")).isEqualTo("centos 8");
    }
}
