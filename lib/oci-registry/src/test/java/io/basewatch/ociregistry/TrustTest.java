package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.registrytestkit.LocalRegistry;
import io.basewatch.registrytestkit.Traffic;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** By whom, as whom and to whom a registry is spoken to. */
class TrustTest {

    private static final String SECRET = "s3cret-Pa55word";

    @TempDir
    Path folder;

    private static RegistrySettings settings(URI url) {
        return TestSettings.of(url).withRetries(1, java.time.Duration.ofMillis(1), java.time.Duration.ofMillis(5));
    }

    // --- files

    @Test
    void aPasswordInAFileIsUsedAsSoonAsItChanges() throws Exception {
        try (LocalRegistry local =
                LocalRegistry.builder().basicAuth("alice", SECRET).start()) {
            Path file = Files.writeString(folder.resolve("password"), "old-one\n");
            Registry registry = Registry.connect(settings(local.url()).withPasswordFile("alice", file));
            assertThatThrownBy(registry::check)
                    .hasMessageContaining("in " + file)
                    .hasMessageNotContaining("old-one");
            Files.writeString(file, SECRET + "\n");
            registry.check();
            Files.delete(file);
            assertThatThrownBy(registry::check).hasMessageContaining(file + " with the password is not there");
            Files.writeString(file, "\n");
            assertThatThrownBy(registry::check).hasMessageContaining("is empty");
        }
    }

    @Test
    void aMountedSecretIsUsedWhenItsLinkIsSwapped() throws Exception {
        try (LocalRegistry local =
                LocalRegistry.builder().basicAuth("alice", SECRET).start()) {
            Files.writeString(Files.createDirectory(folder.resolve("..1")).resolve("password"), "a-wrong-one-xyz");
            Files.writeString(Files.createDirectory(folder.resolve("..2")).resolve("password"), SECRET);
            Files.createSymbolicLink(folder.resolve("..data"), Path.of("..1"));
            Path file = Files.createSymbolicLink(folder.resolve("password"), Path.of("..data", "password"));
            Registry registry = Registry.connect(settings(local.url()).withPasswordFile("alice", file));
            assertThatThrownBy(registry::check).isInstanceOf(RegistryException.class);
            Path swapped = Files.createSymbolicLink(folder.resolve("..tmp"), Path.of("..2"));
            Files.move(
                    swapped,
                    folder.resolve("..data"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            registry.check();
        }
    }

    @Test
    void dockersConfigIsReadAgainWhenItChanges() throws Exception {
        try (LocalRegistry local =
                LocalRegistry.builder().basicAuth("alice", SECRET).start()) {
            Path file = Files.writeString(folder.resolve("config.json"), dockerConfig(local, SECRET));
            Registry registry = Registry.connect(settings(local.url()).withDockerConfig(file));
            registry.check();
            long before = local.traffic().requests().size();
            Files.writeString(file, "{\"auths\":{}}   ");
            assertThatThrownBy(registry::check).hasMessageContaining("none found in");
            Files.writeString(file, dockerConfig(local, SECRET));
            registry.check();
            assertThat(local.traffic().requests()).hasSizeGreaterThan((int) before);
        }
    }

    private static String dockerConfig(LocalRegistry local, String password) {
        String pair = Base64.getEncoder().encodeToString(("alice:" + password).getBytes(StandardCharsets.UTF_8));
        return "{\"auths\":{\"" + local.host() + "\":{\"auth\":\"" + pair + "\"}}}";
    }

    @Test
    void anInterfacesTokenInAFileIsUsedAsSoonAsItChanges() throws Exception {
        try (RawServer api = new RawServer(
                request -> request.headers().getOrDefault("authorization", "").equals("Bearer " + SECRET)
                        ? RawServer.Reply.of("[]".getBytes(StandardCharsets.UTF_8), "Content-Type", "application/json")
                        : RawServer.Reply.status(403))) {
            Path file = Files.writeString(folder.resolve("token"), "old-one\n");
            Registry registry = Registry.connect(settings(api.url())
                    .withKind(RegistryKind.HARBOR, null, null)
                    .withApiTokenFile(file));
            assertThatThrownBy(() ->
                            registry.listing(NamePatterns.ALL).repositories().next())
                    .isInstanceOf(RegistryException.class)
                    .hasMessageNotContaining("old-one");
            Files.writeString(file, SECRET + "\n");
            assertThat(registry.listing(NamePatterns.ALL).repositories().next().orElse(List.of()))
                    .isEmpty();
        }
    }

    // --- proxies

    /** Passes tunnels on to whoever knows the password, wherever they are asked to lead. */
    private static final class Tunnels implements AutoCloseable {

        private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final List<String> asked = new CopyOnWriteArrayList<>();

        Tunnels(int target) throws IOException {
            Thread thread = new Thread(() -> {
                while (!door.isClosed()) {
                    try {
                        Socket client = door.accept();
                        new Thread(() -> serve(client, target)).start();
                    } catch (IOException e) {
                        return;
                    }
                }
            });
            thread.setDaemon(true);
            thread.start();
        }

        private void serve(Socket client, int target) {
            try (client) {
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    int c = client.getInputStream().read();
                    if (c < 0) {
                        return;
                    }
                    head.append((char) c);
                }
                asked.add(head.toString());
                String pair = Base64.getEncoder().encodeToString(("me:" + SECRET).getBytes(StandardCharsets.UTF_8));
                boolean known =
                        head.toString().toLowerCase(java.util.Locale.ROOT).contains("proxy-authorization: ")
                                && head.toString().contains("Basic " + pair);
                if (!known) {
                    client.getOutputStream()
                            .write("HTTP/1.1 407 No\r\nProxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
                    return;
                }
                try (Socket there = new Socket(InetAddress.getLoopbackAddress(), target)) {
                    client.getOutputStream().write("HTTP/1.1 200 Yes\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    Thread back = new Thread(() -> copy(there, client));
                    back.start();
                    copy(client, there);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void copy(Socket from, Socket to) {
            try {
                from.getInputStream().transferTo(to.getOutputStream());
                to.shutdownOutput();
            } catch (IOException e) {
                // One side has ended.
            }
        }

        @Override
        public void close() throws IOException {
            door.close();
        }
    }

    @Test
    void aProxyIsToldItsPasswordAndTheRegistryIsNot() throws Exception {
        KeyStore keys = OwnCertificatesTest.selfSigned(folder, "CN=localhost", "dns:localhost");
        Path pem = OwnCertificatesTest.pem(folder, keys);
        try (LocalRegistry local = LocalRegistry.builder()
                        .tls(OwnCertificatesTest.context(keys))
                        .start();
                Tunnels tunnels = new Tunnels(local.url().getPort())) {
            RegistrySettings by = settings(
                            URI.create("https://localhost:" + local.url().getPort()))
                    .withCertificates(List.of(pem));
            String address = "127.0.0.1:" + tunnels.door.getLocalPort();
            Registry.connect(by.withProxy("http://me:" + SECRET + "@" + address))
                    .check();
            assertThat(tunnels.asked).singleElement().asString().startsWith("CONNECT localhost:");
            assertThat(local.traffic().requests())
                    .hasSize(1)
                    .extracting(Traffic.Request::headers)
                    .noneMatch(headers -> headers.containsKey("proxy-authorization"));

            assertThatThrownBy(() -> Registry.connect(by.withProxy("http://me:wrong-one@" + address))
                            .check())
                    .isInstanceOf(RegistryException.class)
                    .hasMessageContaining("the proxy on the way")
                    .hasMessageNotContaining("wrong-one");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/iam",
                "http://127.0.0.1:8081/actuator",
                "http://[::ffff:10.0.0.1]/x",
                "http://2130706433/x",
                "http://0x7f.0.0.1/x",
                "http://0177.0.0.1/x",
                "http://127.1/x"
            })
    void aPublicRegistryHasNobodyAskedOnThisSideNeitherByRedirectNorByRealm(String there) throws Exception {
        for (boolean redirect : List.of(true, false)) {
            try (RawServer proxy = new RawServer(request -> redirect
                    ? RawServer.Reply.status(307, "Location", there)
                    : RawServer.Reply.status(
                            401, "WWW-Authenticate", "Bearer realm=\"" + there + "\",service=\"x\""))) {
                // A name that is nobody's: what answers for it is the proxy.
                Registry registry = Registry.connect(settings(URI.create("http://registry.invalid"))
                        .withProxy(proxy.url().toString()));
                assertThatThrownBy(registry::check).isInstanceOf(RegistryException.class);
                assertThat(proxy.seen())
                        .allMatch(
                                seen -> seen.headers().getOrDefault("host", "").equals("registry.invalid"));
            }
        }
    }

    // --- our own certificate

    @Test
    void aRegistryThatAsksWhoWeAreIsShownOurCertificate() throws Exception {
        KeyStore server = OwnCertificatesTest.selfSigned(
                Files.createDirectory(folder.resolve("s")), "CN=localhost", "dns:localhost");
        Path trusted = OwnCertificatesTest.pem(Files.createDirectory(folder.resolve("t")), server);
        KeyStore client =
                OwnCertificatesTest.selfSigned(Files.createDirectory(folder.resolve("c")), "CN=watcher", "dns:watcher");
        Path certificate = OwnCertificatesTest.pem(folder.resolve("c"), client);
        Path key = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(client.getKey("server", OwnCertificatesTest.PASSWORD)
                                        .getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");
        List<String> shown = new CopyOnWriteArrayList<>();
        try (SSLServerSocket door = asking(server, client)) {
            Thread serving = new Thread(() -> serve(door, shown));
            serving.setDaemon(true);
            serving.start();
            RegistrySettings settings = settings(URI.create("https://localhost:" + door.getLocalPort()))
                    .withCertificates(List.of(trusted));
            assertThatThrownBy(() -> Registry.connect(settings).check()).isInstanceOf(RegistryException.class);
            Registry.connect(settings.withIdentity(new ClientIdentity(certificate, key)))
                    .check();
            assertThat(shown).containsExactly("CN=watcher");
        }
        Files.writeString(key, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Registry.connect(
                        settings(URI.create("https://r.example")).withIdentity(new ClientIdentity(certificate, key))))
                .withMessageContaining("openssl pkcs8 -topk8");
    }

    private static SSLServerSocket asking(KeyStore server, KeyStore client) throws Exception {
        KeyStore known = KeyStore.getInstance("PKCS12");
        known.load(null, null);
        known.setCertificateEntry("client", client.getCertificate("server"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(known);
        javax.net.ssl.KeyManagerFactory keys =
                javax.net.ssl.KeyManagerFactory.getInstance(javax.net.ssl.KeyManagerFactory.getDefaultAlgorithm());
        keys.init(server, OwnCertificatesTest.PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        SSLServerSocket door = (SSLServerSocket)
                context.getServerSocketFactory().createServerSocket(0, 5, InetAddress.getLoopbackAddress());
        door.setNeedClientAuth(true);
        return door;
    }

    private static void serve(SSLServerSocket door, List<String> shown) {
        while (!door.isClosed()) {
            try (SSLSocket socket = (SSLSocket) door.accept()) {
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
                Optional<String> first = Optional.ofNullable(in.readLine());
                while (first.isPresent() && !in.readLine().isEmpty()) {
                    // The rest of the request's head.
                }
                shown.add(socket.getSession().getPeerPrincipal().getName());
                socket.getOutputStream()
                        .write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
                                .getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // Who does not show a certificate is shown the door.
            }
        }
    }
}
