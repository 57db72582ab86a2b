package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;

/** A dataset that was taken, as it is kept over restarts: one file, of which the first line says what it is and the rest is the dataset, byte for byte. */
final class KeptDataset {

    private static final String FILE = "lifecycle.kept";

    private static final int MAX_HEAD = 1 << 16;

    private final String source;
    private final byte[] dataset;
    private final byte @Nullable [] signature;
    private final Download.Version version;
    private final Instant takenAt;

    /**
     * @param source as {@link FeedSettings#shown()}
     * @param signature null when it was not signed
     * @param takenAt when it came into force
     */
    KeptDataset(String source, byte[] dataset, byte @Nullable [] signature, Download.Version version, Instant takenAt) {
        this.source = source;
        this.dataset = dataset;
        this.signature = signature;
        this.version = version;
        this.takenAt = takenAt;
    }

    String source() {
        return source;
    }

    byte[] dataset() {
        return dataset;
    }

    byte @Nullable [] signature() {
        return signature;
    }

    Download.Version version() {
        return version;
    }

    Instant takenAt() {
        return takenAt;
    }

    /**
     * Null when there is none.
     *
     * @throws IOException when there is one that cannot be read
     */
    static @Nullable KeptDataset read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.isRegularFile(file)) {
            return null;
        }
        byte[] all;
        try (InputStream in = Files.newInputStream(file)) {
            all = in.readNBytes(DatasetCheck.MAX_BYTES + MAX_HEAD + 1);
        }
        int end = 0;
        while (end < all.length && all[end] != '\n') {
            end++;
        }
        try {
            JsonNode head = new JsonTree(Lifecycle.MAX_DEPTH).read(Arrays.copyOf(all, end));
            String signature = head.path("signature").asString(null);
            return new KeptDataset(
                    head.path("source").asString(""),
                    Arrays.copyOfRange(all, Math.min(end + 1, all.length), all.length),
                    signature == null ? null : Base64.getDecoder().decode(signature),
                    new Download.Version(
                            head.path("etag").asString(null),
                            head.path("lastModified").asString(null)),
                    Instant.parse(head.path("takenAt").asString("")));
        } catch (JacksonException | IllegalArgumentException | DateTimeException e) {
            throw new IOException(file + " is damaged: " + e.getMessage(), e);
        }
    }

    /** All or nothing, whenever the process ends. */
    void write(Path folder) throws IOException {
        StringWriter head = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), head)) {
            json.writeStartObject();
            json.writeStringProperty("source", source);
            json.writeStringProperty("takenAt", takenAt.toString());
            optional(json, "etag", version.etag());
            optional(json, "lastModified", version.lastModified());
            optional(
                    json,
                    "signature",
                    signature == null ? null : Base64.getEncoder().encodeToString(signature));
            json.writeEndObject();
        }
        Files.createDirectories(folder);
        Path file = folder.resolve(FILE);
        Path next = folder.resolve(FILE + ".new");
        byte[] line = (head + "\n").getBytes(StandardCharsets.UTF_8);
        byte[] all = Arrays.copyOf(line, line.length + dataset.length);
        System.arraycopy(dataset, 0, all, line.length, dataset.length);
        Files.write(next, all);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void optional(JsonGenerator json, String name, @Nullable String value) {
        if (value != null) {
            json.writeStringProperty(name, value);
        }
    }
}
