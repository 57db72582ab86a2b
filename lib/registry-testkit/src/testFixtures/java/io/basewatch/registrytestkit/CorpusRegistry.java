package io.basewatch.registrytestkit;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The corpus of real images, served by a real docker-registry process. Tests that use it are skipped, with the reason, where either is missing. */
public final class CorpusRegistry implements AutoCloseable {

    private static final Path FOLDER = Path.of(System.getProperty("basewatch.corpus", "../../shared/corpus"));

    /** A line of docker-registry's access log, which has the form of Apache's. */
    private static final Pattern BLOB_SENT =
            Pattern.compile("\"GET /v2/\\S+/blobs/(sha256:[0-9a-f]{64}) HTTP/1\\.1\" (2\\d\\d) (\\d+) ");

    private final Process process;
    private final URI url;
    private final Path log;

    private CorpusRegistry(Process process, URI url, Path log) {
        this.process = process;
        this.url = url;
        this.log = log;
    }

    /** A blob that the registry sent, as its own log has it. */
    public record BlobSent(String digest, int status, long bytes) {}

    /**
     * @param scratch for the process' configuration and log
     */
    public static CorpusRegistry serve(Path scratch) throws Exception {
        assumeTrue(Files.isRegularFile(FOLDER.resolve("truth.json")), "the corpus of real images is not at " + FOLDER);
        assumeTrue(isInstalled("docker-registry"), "docker-registry is not installed (Debian package docker-registry)");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path config = scratch.resolve("registry.yml");
        Files.writeString(config, """
                version: 0.1
                log: {level: error, accesslog: {disabled: false}}
                storage:
                  filesystem: {rootdirectory: %s}
                  delete: {enabled: false}
                  maintenance: {readonly: {enabled: true}}
                http: {addr: "127.0.0.1:%d", secret: corpus}
                """.formatted(
                        FOLDER.resolve("registry").toAbsolutePath().normalize(), port));
        Path log = scratch.resolve("registry.log");
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        CorpusRegistry corpus = new CorpusRegistry(process, URI.create("http://127.0.0.1:" + port), log);
        corpus.awaitAnswer();
        return corpus;
    }

    public URI url() {
        return url;
    }

    /** {@code host:port}, as references begin. */
    public String host() {
        return url.getAuthority();
    }

    /** In the order they were sent. */
    public List<BlobSent> blobsSent() throws IOException {
        List<BlobSent> sent = new ArrayList<>();
        Matcher line = BLOB_SENT.matcher(Files.readString(log));
        while (line.find()) {
            sent.add(new BlobSent(line.group(1), Integer.parseInt(line.group(2)), Long.parseLong(line.group(3))));
        }
        return sent;
    }

    /** Sizes of all layers, by the digest in the manifest. */
    public static Map<String, Long> layerSizes() throws IOException {
        Map<String, Long> sizes = new TreeMap<>();
        for (JsonNode image : truth("images")) {
            for (JsonNode layer : image.get("layers")) {
                sizes.put(layer.get("digest").asString(), layer.get("size").asLong());
            }
        }
        return sizes;
    }

    /** The layers that were sent so far: for each the bytes of each time. */
    public Map<String, List<Long>> layersSent() throws IOException {
        Map<String, List<Long>> sent = new LinkedHashMap<>();
        Map<String, Long> layers = layerSizes();
        for (BlobSent blob : blobsSent()) {
            if (layers.containsKey(blob.digest())) {
                sent.computeIfAbsent(blob.digest(), digest -> new ArrayList<>()).add(blob.bytes());
            }
        }
        return sent;
    }

    /** Stops answering, as a registry does whose machine went away. */
    public void stop() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /**
     * What {@code truth.json} says, in its order.
     *
     * @param kind {@code images} or {@code others}
     */
    public static List<JsonNode> truth(String kind) throws IOException {
        JsonNode truth = JsonMapper.shared().readTree(Files.readAllBytes(FOLDER.resolve("truth.json")));
        List<JsonNode> list = new ArrayList<>();
        truth.get(kind).forEach(list::add);
        return list;
    }

    @Override
    public void close() throws Exception {
        stop();
    }

    private void awaitAnswer() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < 3000; i++) {
            try {
                http.send(HttpRequest.newBuilder(url.resolve("/v2/")).build(), HttpResponse.BodyHandlers.discarding());
                return;
            } catch (IOException notYet) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("docker-registry ended with " + process.exitValue(), notYet);
                }
                Thread.sleep(100);
            }
        }
        throw new IllegalStateException("docker-registry does not answer at " + url);
    }

    private static boolean isInstalled(String program) {
        for (String folder : System.getenv().getOrDefault("PATH", "").split(":")) {
            if (Files.isExecutable(Path.of(folder, program))) {
                return true;
            }
        }
        return false;
    }
}
