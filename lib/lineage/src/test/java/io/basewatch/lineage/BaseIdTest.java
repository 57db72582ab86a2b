package io.basewatch.lineage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BaseIdTest {

    private static final Digest CHAIN = Images.digest("os");

    @ParameterizedTest
    @CsvSource({
        "linux/amd64, linux/amd64",
        "Linux/x86_64, linux/amd64",
        "linux/amd64/v1, linux/amd64",
        "linux/amd64/v3, linux/amd64/v3",
        "linux/arm64/v8, linux/arm64",
        "linux/aarch64, linux/arm64",
        "linux/arm64/v9, linux/arm64/v9",
        "linux/arm, linux/arm/v7",
        "linux/arm/7, linux/arm/v7",
        "linux/arm/v6, linux/arm/v6",
        "linux/armhf, linux/arm/v7",
        "linux/armel, linux/arm/v6",
        "linux/i386, linux/386",
        "linux/s390x, linux/s390x"
    })
    void platformsAreComparedAsContainerEnginesDo(String told, String normal) {
        assertThat(BaseId.normal(Platform.parse(told))).hasToString(normal);
        BaseId id = BaseId.ofChain(CHAIN, Platform.parse(told));
        assertThat(id).hasToString(CHAIN + "~" + normal.replace('/', '~'));
        assertThat(BaseId.parse(id.toString())).isEqualTo(id);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "alpine", "sha256:12", "claim-", "~linux~amd64"})
    void whatIsNoIdIsRefused(String text) {
        assertThatThrownBy(() -> BaseId.parse(text)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BaseId.parse(CHAIN + "~linux")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BaseId.parse(CHAIN + "~a~b~c~d")).isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "alpine, docker.io/library/alpine:latest",
        "alpine:3.20, docker.io/library/alpine:3.20",
        "library/alpine:3.20, docker.io/library/alpine:3.20",
        "index.docker.io/grafana/grafana, docker.io/grafana/grafana:latest",
        "localhost:5000/a, localhost:5000/a:latest",
        "quay.io/a/b:1, quay.io/a/b:1",
        "a b, a b",
        "'', ''",
        "x:, x:"
    })
    void oneBaseHasOneNameHoweverMuchOfItIsLeftOut(String written, String name) {
        assertThat(BaseId.claimedName(written)).isEqualTo(name.equals("a b") ? "docker.io/library/a b:latest" : name);
    }
}
