package io.basewatch.ociregistry;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Debian's docker-registry as a process of ours; a test that wants one is skipped where it is not installed. */
final class DockerRegistry implements AutoCloseable {

    private static final List<String> PLACES =
            List.of("/usr/bin/docker-registry", "/usr/local/bin/docker-registry", "/usr/bin/registry");

    private final Process process;
    private final URI url;

    private DockerRegistry(Process process, URI url) {
        this.process = process;
        this.url = url;
    }

    URI url() {
        return url;
    }

    /**
     * @param content a storage folder, of which the registry gets links to read; null for an empty registry that can be written
     */
    static DockerRegistry start(Path work, Path content) throws Exception {
        String binary = PLACES.stream()
                .filter(place -> Files.isExecutable(Path.of(place)))
                .findFirst()
                .orElse("");
        assumeTrue(!binary.isEmpty(), "no docker-registry is installed (apt-get install docker-registry)");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Path storage = Files.createDirectories(work.resolve("storage"));
        if (content != null) {
            try (Stream<Path> top = Files.list(content)) {
                for (Path file : (Iterable<Path>) top::iterator) {
                    Files.createSymbolicLink(storage.resolve(file.getFileName()), file);
                }
            }
        }
        Path config = Files.writeString(work.resolve("config.yml"), """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage:
                  filesystem: {rootdirectory: "%s"}
                  maintenance: {readonly: {enabled: %s}}
                http: {addr: "127.0.0.1:%d", secret: test}
                """.formatted(storage, content != null, port));
        Process process = new ProcessBuilder(binary, "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("registry.log").toFile())
                .start();
        DockerRegistry registry = new DockerRegistry(process, URI.create("http://127.0.0.1:" + port));
        registry.awaitReady();
        return registry;
    }

    private void awaitReady() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest check = HttpRequest.newBuilder(url.resolve("/v2/")).build();
        for (int i = 0; i < 6000; i++) {
            try {
                if (http.send(check, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not up yet.
            }
            if (!process.isAlive()) {
                throw new IOException("docker-registry ended with exit code " + process.exitValue());
            }
            Thread.sleep(50);
        }
        close();
        throw new IOException("docker-registry did not come up");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }
}
