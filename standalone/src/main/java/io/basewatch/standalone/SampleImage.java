package io.basewatch.standalone;

import io.basewatch.fleetmodel.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/**
 * An image as a Dockerfile makes it, step by step. The same files give the same layer, whichever image it is in and whenever it is made.
 *
 * @param architecture {@code amd64}
 * @param layers bottom-up, each path (without a leading slash) → content
 * @param steps what made each of them
 * @param env {@code NAME=value}
 * @param command what is started; empty for nothing
 */
record SampleImage(
        String architecture,
        List<Map<String, byte[]>> layers,
        List<String> steps,
        List<String> env,
        List<String> command) {

    static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER = "application/vnd.oci.image.layer.v1.tar+gzip";

    SampleImage {
        layers = List.copyOf(layers);
        steps = List.copyOf(steps);
        env = List.copyOf(env);
        command = List.copyOf(command);
    }

    static SampleImage from(Map<String, byte[]> rootFileSystem) {
        return from("amd64", rootFileSystem);
    }

    static SampleImage from(String architecture, Map<String, byte[]> rootFileSystem) {
        return new SampleImage(
                architecture, List.of(rootFileSystem), List.of("ADD rootfs.tar.gz /"), List.of(), List.of());
    }

    /** One layer more. */
    SampleImage with(String step, Map<String, byte[]> files) {
        return new SampleImage(architecture, added(layers, files), added(steps, step), env, command);
    }

    SampleImage env(String variable) {
        return new SampleImage(architecture, layers, steps, added(env, variable), command);
    }

    SampleImage starts(String... words) {
        return new SampleImage(architecture, layers, steps, env, List.of(words));
    }

    private static <T> List<T> added(List<T> list, T more) {
        return Stream.concat(list.stream(), Stream.of(more)).toList();
    }

    /**
     * As a registry holds it.
     *
     * @param blobs the config and the layers, these bottom-up
     */
    @SuppressWarnings("ArrayRecordComponent") // Held, never compared.
    record Packed(Digest digest, byte[] manifest, List<byte[]> blobs) {

        /** As a folder of OCI image-spec, image-layout.md. */
        void writeTo(Path folder) throws IOException {
            Path content = Files.createDirectories(folder.resolve("blobs").resolve("sha256"));
            Files.write(content.resolve(digest.hex()), manifest);
            for (byte[] blob : blobs) {
                Files.write(content.resolve(Digest.sha256Of(blob).hex()), blob);
            }
            Files.writeString(folder.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
            Files.writeString(
                    folder.resolve("index.json"),
                    "{\"schemaVersion\":2,\"manifests\":[" + descriptor(MANIFEST, manifest) + "]}");
        }
    }

    Packed packed() {
        List<byte[]> blobs = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        List<String> descriptors = new ArrayList<>();
        for (Map<String, byte[]> layer : layers) {
            byte[] tar = tar(layer);
            byte[] stored = gzip(tar);
            ids.add(quoted(Digest.sha256Of(tar).toString()));
            descriptors.add(descriptor(LAYER, stored));
            blobs.add(stored);
        }
        byte[] config = utf8("""
                {"os":"linux","architecture":"%s","config":{"Env":[%s],"Entrypoint":[%s]},\
                "history":[%s],"rootfs":{"type":"layers","diff_ids":[%s]}}""".formatted(
                        architecture,
                        quotedAll(env),
                        quotedAll(command),
                        String.join(
                                ",",
                                steps.stream()
                                        .map(step -> "{\"created_by\":" + quoted(step) + "}")
                                        .toList()),
                        String.join(",", ids)));
        byte[] manifest = utf8("""
                {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[%s]}""".formatted(MANIFEST, descriptor(CONFIG, config), String.join(",", descriptors)));
        blobs.add(0, config);
        return new Packed(Digest.sha256Of(manifest), manifest, blobs);
    }

    static String descriptor(String mediaType, byte[] bytes) {
        return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
                .formatted(mediaType, Digest.sha256Of(bytes), bytes.length);
    }

    private static String quotedAll(List<String> words) {
        return String.join(",", words.stream().map(SampleImage::quoted).toList());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }

    private static byte[] tar(Map<String, byte[]> files) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : new TreeMap<>(files).entrySet()) {
                byte[] content = file.getValue();
                boolean isProgram =
                        content.length > 1 && (content[0] == 0x7f || (content[0] == '#' && content[1] == '!'));
                TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
                entry.setSize(content.length);
                entry.setModTime(0);
                entry.setMode(isProgram ? 0100755 : 0100644);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(byte[] bytes) {
        ByteArrayOutputStream stored = new ByteArrayOutputStream();
        try (OutputStream gzip = new GZIPOutputStream(stored)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return stored.toByteArray();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
