package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenServicesTest {

    private static RegistrySettings registry(String url) {
        return RegistrySettings.of(URI.create(url));
    }

    @ParameterizedTest
    @CsvSource({
        "https://docker.io, https://auth.docker.io/token",
        "https://registry.gitlab.com, https://gitlab.com/jwt/auth",
        "https://registry.example.co.uk, https://auth.example.co.uk/token",
        "https://registry.example.com:5000, https://login.sso.example.com:8443/token",
        "https://registry.corp.internal, https://gitlab.corp.internal/jwt/auth",
        "https://one.azurecr.io, https://one.azurecr.io/oauth2/token",
        "https://10.0.0.1:5000, https://10.0.0.1/token",
        "https://registry:5000, https://REGISTRY:5001/token",
        "http://127.0.0.1:5000, http://127.0.0.1:5001/token",
        "http://registry.example.com, https://registry.example.com/token",
    })
    void aServiceOfTheRegistrysOwnDomainIsTold(String registry, String service) {
        assertThat(TokenServices.objection(registry(registry), URI.create(service)))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "https://registry.example.com, https://auth.example.org/token",
        "https://registry.example.com, https://example.com.evil.test/token",
        "https://registry.example.com, https://badexample.com/token",
        "https://one.azurecr.io, https://two.azurecr.io/oauth2/token",
        "https://registry.one.co.uk, https://registry.two.co.uk/token",
        "https://one.github.io, https://two.github.io/token",
        "https://1.dkr.ecr.us-east-1.amazonaws.com, https://2.dkr.ecr.us-east-1.amazonaws.com/token",
        "https://1.dkr.ecr.us-east-1.amazonaws.com, https://bucket.s3.amazonaws.com/token",
        "https://one.jfrog.io, https://two.jfrog.io/token",
        "https://europe-docker.pkg.dev, https://us-docker.pkg.dev/v2/token",
        "https://registry.one.svc.cluster.local, https://auth.two.svc.cluster.local/token",
        "https://10.0.0.1, https://10.0.0.2/token",
        "https://10.0.0.1.nip.io, https://10.0.0.2.nip.io/token",
        "https://registry.internal, https://auth.internal/token",
        "https://registry, https://auth/token",
        "http://registry.example.com, http://auth.example.com/token",
        "http://registry.example.com, https://auth.example.com/token",
    })
    void anotherServiceIsToldOnlyWhenItIsConfigured(String registry, String service) {
        URI at = URI.create(service);
        assertThat(TokenServices.objection(registry(registry), at))
                .get()
                .asString()
                .contains("add token-services: [" + at.getHost() + "] to this registry in basewatch.registries");
        assertThat(TokenServices.objection(registry(registry).withTokenServices(List.of(at.getHost())), at))
                .isEmpty();
        assertThat(TokenServices.objection(registry(registry).withTokenServices(List.of("x." + at.getHost())), at))
                .isPresent();
    }

    @Test
    void aConfiguredServiceIsOnePortOfOneHost() {
        RegistrySettings settings = registry("https://registry.example.com")
                .withTokenServices(List.of("Auth.Example.org:8443", "b.test:443"));
        assertThat(TokenServices.objection(settings, URI.create("https://auth.example.org:8443/token")))
                .isEmpty();
        assertThat(TokenServices.objection(settings, URI.create("https://b.test/token")))
                .isEmpty();
        assertThat(TokenServices.objection(settings, URI.create("https://auth.example.org:9443/token")))
                .get()
                .asString()
                .contains("[auth.example.org:9443]");
    }

    @Test
    void aRegistryThatSpeaksHttpsHasNoServiceByPlainHttp() {
        RegistrySettings settings = registry("https://registry.example.com");
        URI service = URI.create("http://registry.example.com/token");
        assertThat(TokenServices.objection(settings, service)).get().asString().contains("plain http");
        assertThat(TokenServices.objection(settings.withTokenServices(List.of("registry.example.com")), service))
                .isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://auth.example.com/token", "auth.example.com/token", "", "a b", "user@host"})
    void namesASettingThatIsNoHost(String value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> registry("https://registry.example.com").withTokenServices(List.of(value)))
                .withMessageContaining("tokenServices")
                .withMessageContaining("host[:port]");
    }
}
