package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProxiesTest {

    private static final Map<String, String> ENVIRONMENT = Map.of(
            "HTTPS_PROXY", "http://secure.example:3128",
            "http_proxy", "plain.example:3129",
            "NO_PROXY", "corp.example,.inner.example, 10.0.0.0/8,fd00::/8,port.example:8443 192.168.1.7");

    @ParameterizedTest
    @CsvSource({
        "https://r.example/, http://secure.example:3128",
        "http://r.example/, http://plain.example:3129",
        "https://corp.example/, ",
        "https://a.corp.example/, ",
        "https://notcorp.example/, http://secure.example:3128",
        "https://a.inner.example/, ",
        "https://10.1.2.3/, ",
        "https://11.1.2.3/, http://secure.example:3128",
        "https://[fd12::1]/, ",
        "https://port.example:8443/, ",
        "https://port.example/, http://secure.example:3128",
        "http://192.168.1.7:5000/, ",
        "http://127.0.0.1:5000/, ",
        "https://[::1]/, ",
        "https://localhost/, "
    })
    void theEnvironmentSaysWhoIsAskedByWhom(String uri, String proxy) {
        HttpProxy found = new Proxies(null, ENVIRONMENT).of(URI.create(uri));
        assertThat(found == null ? null : found.toString()).isEqualTo(proxy);
    }

    @Test
    void aRegistrysOwnProxyAndNoneAreStrongerThanTheEnvironment() {
        HttpProxy own = HttpProxy.parse("proxy", "http://own.example:1");
        assertThat(new Proxies(own, ENVIRONMENT).of(URI.create("https://corp.example/")))
                .isEqualTo(own);
        assertThat(new Proxies(HttpProxy.parse("proxy", "none"), ENVIRONMENT).of(URI.create("https://r.example/")))
                .isNull();
        assertThat(new Proxies(null, Map.of("NO_PROXY", "*")).areUnset()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://me:s3cret@p.example:1",
                "socks5://me:s3cret@p.example",
                "http://me:s3 cret@p.example",
                "http://me:s3cret@p.example/path",
                "http://me:s3cret@"
            })
    void aProxyThatCannotBeIsNamedWithoutItsPassword(String text) {
        assertThatThrownBy(() -> new Proxies(null, Map.of("HTTPS_PROXY", text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessageContaining("HTTPS_PROXY")
                .hasMessageNotContaining("cret");
    }

    @Test
    void aPasswordIsInNoText() {
        HttpProxy proxy = HttpProxy.parse("proxy", "http://me:s3c%2Bret+@p.example:3128");
        assertThat(proxy.toString()).isEqualTo("http://p.example:3128");
        assertThat(proxy.authorization())
                .isEqualTo("Basic " + java.util.Base64.getEncoder().encodeToString("me:s3c+ret+".getBytes()));
    }
}
