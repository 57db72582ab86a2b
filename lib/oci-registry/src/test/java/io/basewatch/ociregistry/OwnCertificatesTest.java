package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.registrytestkit.LocalRegistry;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OwnCertificatesTest {

    static final char[] PASSWORD = "changeit".toCharArray();

    @Test
    void trustsTheCertificatesOfTheOperatorBesideTheDefaultOnes(@TempDir Path folder) throws Exception {
        KeyStore keys = selfSigned(folder, "CN=localhost", "dns:localhost");
        Path pem = pem(folder, keys);
        try (LocalRegistry local = LocalRegistry.builder().tls(context(keys)).start()) {
            RegistrySettings settings = TestSettings.of(local.url());
            assertThatThrownBy(() -> Registry.connect(settings).check())
                    .hasMessageContaining("add that to the registry's certificates");
            Registry.connect(settings.withCertificates(List.of(pem))).check();
        }
    }

    @Test
    void doesNotTrustACertificateOfAnotherHost(@TempDir Path folder) throws Exception {
        KeyStore keys = selfSigned(folder, "CN=other.example", "dns:other.example");
        try (LocalRegistry local = LocalRegistry.builder().tls(context(keys)).start()) {
            RegistrySettings settings = TestSettings.of(local.url()).withCertificates(List.of(pem(folder, keys)));
            assertThatThrownBy(() -> Registry.connect(settings).check()).isInstanceOf(RegistryException.class);
        }
    }

    @Test
    void namesTheCertificateFileThatIsNone(@TempDir Path folder) throws Exception {
        Path none = Files.writeString(folder.resolve("ca.pem"), "no certificate");
        RegistrySettings settings = TestSettings.of(java.net.URI.create("https://r.example"));
        assertThatThrownBy(() -> Registry.connect(settings.withCertificates(List.of(none))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("ca.pem");
        assertThatThrownBy(() -> Registry.connect(settings.withCertificates(List.of(folder.resolve("absent.pem")))))
                .hasMessageContaining("absent.pem");
    }

    static KeyStore selfSigned(Path folder, String name, String alternative) throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "EC",
                        "-dname",
                        name,
                        "-ext",
                        "san=" + alternative,
                        "-validity",
                        "3650",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("keytool.log").toFile())
                .start();
        assertThat(keytool.waitFor())
                .as(Files.readString(folder.resolve("keytool.log")))
                .isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    static Path pem(Path folder, KeyStore keys) throws Exception {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(keys.getCertificate("server").getEncoded());
        return Files.writeString(
                folder.resolve("own.pem"), "-----BEGIN CERTIFICATE-----\n" + body + "\n-----END CERTIFICATE-----\n");
    }

    static SSLContext context(KeyStore keys) throws Exception {
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
