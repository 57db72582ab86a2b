package io.basewatch.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A Prometheus of its own that scrapes one address every second: Debian's package {@code prometheus}, or what the variable {@code PROMETHEUS} names. */
final class PrometheusProcess implements AutoCloseable {

    private final Process process;
    private final int port;
    private final HttpClient client = HttpClient.newHttpClient();

    private PrometheusProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    static boolean isInstalled() {
        return program().isPresent();
    }

    private static Optional<Path> program() {
        return Stream.concat(
                        Stream.ofNullable(System.getenv("PROMETHEUS")).map(Path::of),
                        Stream.of(String.valueOf(System.getenv("PATH")).split(":"))
                                .map(folder -> Path.of(folder, "prometheus")))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /**
     * @param folder where it keeps everything
     */
    static PrometheusProcess scraping(URI target, Path folder) throws IOException {
        Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                global: {scrape_interval: 3s, scrape_timeout: 3s}
                scrape_configs:
                  - job_name: basewatch-report-api
                    metrics_path: /actuator/prometheus
                    static_configs: [{targets: ["%s"]}]
                """.formatted(target.getAuthority()));
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Process process = new ProcessBuilder(
                        program().orElseThrow().toString(),
                        "--config.file=" + config,
                        "--storage.tsdb.path=" + folder.resolve("tsdb"),
                        "--web.listen-address=127.0.0.1:" + port,
                        "--log.level=error")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        return new PrometheusProcess(process, port);
    }

    /** As Grafana fills in what a dashboard leaves open: all that can be chosen. */
    static String substituted(String expression) {
        return expression
                .replace("$__rate_interval", "1m")
                .replace("$registry", ".*")
                .replace("$owner", ".*");
    }

    /** How many series an expression has a number for at this moment; none while nobody answers yet. */
    int values(String expression) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/api/v1/query?query="
                        + URLEncoder.encode(expression, StandardCharsets.UTF_8)))
                .build();
        JsonNode answer;
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() == 400) {
                throw new IllegalArgumentException(expression + ": " + response.body());
            }
            if (response.statusCode() != 200) {
                return 0;
            }
            answer = JsonMapper.shared().readTree(response.body());
        } catch (ConnectException e) {
            if (!process.isAlive()) {
                throw new IllegalStateException("prometheus has ended with " + process.exitValue(), e);
            }
            return 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        int values = 0;
        for (JsonNode series : answer.at("/data/result")) {
            values += series.at("/value/1").asString("NaN").equals("NaN") ? 0 : 1;
        }
        return values;
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().join();
    }
}
