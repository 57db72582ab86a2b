package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.RawServer.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Proxies that compress what they were asked not to. */
class ContentCodingTest {

    private final TestImage image = TestImage.of("layer");

    private interface Coding {
        OutputStream over(OutputStream out) throws IOException;
    }

    private static byte[] coded(byte[] plain, Coding coding) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = coding.over(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    private static byte[] coded(byte[] plain, String coding) throws IOException {
        return switch (coding) {
            case "gzip" -> coded(plain, GZIPOutputStream::new);
            case "zlib" -> coded(plain, DeflaterOutputStream::new);
            case "raw" -> coded(plain, out -> new DeflaterOutputStream(out, new Deflater(9, true)));
            case "twice" -> coded(coded(plain, DeflaterOutputStream::new), GZIPOutputStream::new);
            default -> plain;
        };
    }

    private static Registry connect(RawServer server) {
        return Registry.connect(TestSettings.of(server.url()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "gzip | gzip",
                "gzip | GZip",
                "gzip | x-gzip",
                "zlib | deflate",
                "raw | deflate",
                "twice | deflate, gzip",
                "gzip | identity, gzip",
                "plain | identity",
                "plain | gzip",
            })
    void undoesACodingBeforeTheDigestIsCompared(String coding, String header) throws Exception {
        byte[] body = coded(image.manifest(), coding);
        try (RawServer server = new RawServer(request -> Reply.of(
                        body,
                        "Content-Encoding",
                        header,
                        "Docker-Content-Digest",
                        image.digest().toString())
                .inChunks())) {
            ImageSource source = connect(server).repository("team/app");
            assertThat(source.manifest("1").digest()).isEqualTo(image.digest());
            assertThat(connect(server)
                            .repository("team/app")
                            .manifest(image.digest().toString()))
                    .isInstanceOf(ImageManifest.class);
            assertThat(server.seen())
                    .allSatisfy(request -> assertThat(request.headers()).containsEntry("accept-encoding", "identity"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "gzip, gzip, gzip"})
    void namesACodingThatItCannotUndo(String header) throws Exception {
        try (RawServer server = new RawServer(request -> Reply.of(image.manifest(), "Content-Encoding", header))) {
            RegistryException e = catchThrowableOfType(
                    RegistryException.class,
                    () -> connect(server).repository("team/app").manifest("1"));
            assertThat(e)
                    .hasMessageContaining("Content-Encoding '" + header + "'")
                    .hasMessageContaining("team/app:1");
            assertThat(e.reason()).isEqualTo(Reason.Code.REGISTRY_UNAVAILABLE);
            assertThat(e.isTemporary()).isFalse();
            assertThat(server.seen()).hasSize(1);
        }
    }

    @Test
    void readsListsInACodingToo() throws Exception {
        byte[] body = coded("{\"tags\":[\"a\"]}".getBytes(StandardCharsets.UTF_8), "gzip");
        try (RawServer server = new RawServer(request -> Reply.of(body, "Content-Encoding", "gzip"))) {
            assertThat(connect(server).tags("team/app").next()).contains(java.util.List.of("a"));
        }
    }

    @Test
    void boundsWhatACodingBecomes() throws Exception {
        byte[] bomb = coded(new byte[64 << 20], "gzip");
        assertThat(bomb.length).isLessThan(100_000);
        try (RawServer server = new RawServer(request -> Reply.of(bomb, "Content-Encoding", "gzip"))) {
            RegistryException e = catchThrowableOfType(
                    RegistryException.class,
                    () -> connect(server).repository("team/app").manifest("1"));
            assertThat(e.reason()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 20, 100})
    void doesNotTakeACutCodingForTheWhole(int length) throws Exception {
        byte[] cut = java.util.Arrays.copyOf(coded(image.manifest(), "gzip"), length);
        try (RawServer server = new RawServer(request -> Reply.of(cut, "Content-Encoding", "gzip"))) {
            RegistryException e = catchThrowableOfType(
                    RegistryException.class,
                    () -> connect(server).repository("team/app").manifest("1"));
            assertThat(e.isTemporary()).isTrue();
        }
    }
}
