package io.basewatch.layeranalyzer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.Repository;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The corpus of real images behind a real docker-registry process, and what that process says it was asked for. Tests are skipped where either is missing. */
final class CorpusRegistry implements AutoCloseable {

    private static final Path FOLDER = Path.of(System.getProperty("basewatch.corpus", "../../shared/corpus"));
    private static final Pattern BLOB_GET =
            Pattern.compile("\"GET /v2/\\S+/blobs/(sha256:[0-9a-f]{64}) HTTP/1.1\" (200|206) (\\d+)");

    private final Process process;
    private final String host;
    private final Path log;
    private final JsonNode images;

    private CorpusRegistry(Process process, String host, Path log, JsonNode images) {
        this.process = process;
        this.host = host;
        this.log = log;
        this.images = images;
    }

    static CorpusRegistry serve(Path scratch) throws Exception {
        assumeTrue(Files.isRegularFile(FOLDER.resolve("truth.json")), "the corpus of real images is not at " + FOLDER);
        boolean installed = List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "docker-registry")));
        assumeTrue(installed, "docker-registry is not installed (Debian package docker-registry)");
        int port = freePort();
        Path config = scratch.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                log: {level: error, accesslog: {disabled: false}}
                storage:
                  filesystem: {rootdirectory: %s}
                  maintenance: {readonly: {enabled: true}}
                http: {addr: "127.0.0.1:%d", secret: corpus}
                """.formatted(
                        FOLDER.resolve("registry").toAbsolutePath().normalize(), port));
        Path log = scratch.resolve("registry.log");
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        awaitAnswer(process, port);
        JsonNode images = JsonMapper.shared()
                .readTree(Files.readAllBytes(FOLDER.resolve("truth.json")))
                .get("images");
        return new CorpusRegistry(process, "127.0.0.1:" + port, log, images);
    }

    static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    private static void awaitAnswer(Process process, int port) throws Exception {
        for (int i = 0; i < 200; i++) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return;
            } catch (IOException notYet) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("docker-registry ended with " + process.exitValue(), notYet);
                }
                Thread.sleep(50);
            }
        }
        throw new IllegalStateException("docker-registry does not answer");
    }

    String url() {
        return "http://" + host;
    }

    /** One for each image, as if each had a tag of its own. */
    ImagePushed[] pushes() {
        List<ImagePushed> pushes = new ArrayList<>();
        for (JsonNode image : images) {
            Digest digest = Digest.parse(image.get("digest").asString());
            pushes.add(new ImagePushed(
                    new Repository(host, image.get("repo").asString()),
                    "t" + pushes.size(),
                    digest,
                    digest,
                    null,
                    1,
                    Instant.now()));
        }
        return pushes.toArray(ImagePushed[]::new);
    }

    /** Sizes of all layers, by the digest in the manifest. */
    Map<String, Long> layerSizes() {
        Map<String, Long> sizes = new TreeMap<>();
        for (JsonNode image : images) {
            for (JsonNode layer : image.get("layers")) {
                sizes.put(layer.get("digest").asString(), layer.get("size").asLong());
            }
        }
        return sizes;
    }

    /** What the process' access log says of layers so far: for each the bytes of each time it was sent. */
    Map<String, List<Long>> layersSent() throws IOException {
        Map<String, List<Long>> sent = new LinkedHashMap<>();
        Map<String, Long> layers = layerSizes();
        Matcher line = BLOB_GET.matcher(Files.readString(log));
        while (line.find()) {
            if (layers.containsKey(line.group(1))) {
                sent.computeIfAbsent(line.group(1), digest -> new ArrayList<>()).add(Long.parseLong(line.group(3)));
            }
        }
        return sent;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }
}
