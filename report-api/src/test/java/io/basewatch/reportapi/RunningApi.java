package io.basewatch.reportapi;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.JudgementArchive;
import io.basewatch.reportapi.lineage.Projection;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The report API on a free port over the embedded store, on a fixed day. */
final class RunningApi implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

    private final EmbeddedStore store;
    private final ConfigurableApplicationContext context;
    private final HttpClient client = HttpClient.newHttpClient();
    private final String base;

    private RunningApi(EmbeddedStore store, ConfigurableApplicationContext context) {
        this.store = store;
        this.context = context;
        this.base = "http://127.0.0.1:" + context.getEnvironment().getProperty("local.server.port");
    }

    /** How long what comes in a moment is waited for: only what hangs needs as long, a busy machine may stand still for half a minute. */
    static final Duration PATIENCE = Duration.ofMinutes(5);

    /** @param more settings, as in {@code --basewatch.backlog.journal-interval=1s} */
    static RunningApi start(Path folder, String... more) {
        return start(EmbeddedStore.start(folder.resolve("store")), more);
    }

    /** @param store may be closed: then the API finds nobody there */
    static RunningApi start(EmbeddedStore store, String... more) {
        boolean isElsewhere = Stream.of(more).anyMatch(each -> each.startsWith("--server.address="));
        ConfigurableApplicationContext context = new SpringApplicationBuilder(FixedDay.class, ReportApi.class)
                .properties("spring.config.name=report-api", "basewatch.backlog.journal-interval=1h")
                .run(Stream.concat(
                                Stream.of(
                                        "--spring.mongodb.uri=" + store.connectionString()
                                                + "?serverSelectionTimeoutMS=700",
                                        "--logging.level.root=WARN",
                                        "--server.port=0",
                                        isElsewhere ? "--spring.main.banner-mode=off" : "--server.address=127.0.0.1",
                                        "--basewatch.report-api.metrics-refresh=1h"),
                                Stream.of(more))
                        .toArray(String[]::new));
        return new RunningApi(store, context);
    }

    @Configuration(proxyBeanMethods = false)
    static class FixedDay {
        @Bean
        Clock clock() {
            return Clock.fixed(NOW, ZoneOffset.UTC);
        }
    }

    ImageArchive archive() {
        return context.getBean(ImageArchive.class);
    }

    JudgementArchive judgements() {
        return context.getBean(JudgementArchive.class);
    }

    /** Sends a form, as a browser does. */
    HttpResponse<String> form(String path, String body, String... headers) {
        return send(HttpRequest.newBuilder(URI.create(base + path))
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .headers(headers)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .build());
    }

    <T> Collection<T> parts(Class<T> type) {
        return context.getBeansOfType(type).values();
    }

    /** One of its parts. */
    <T> T part(Class<T> type) {
        return context.getBean(type);
    }

    /** One that is not of this service: whoever looks for its kind finds it from now on. */
    void add(String name, Object part) {
        context.getBeanFactory().registerSingleton(name, part);
    }

    FleetMetrics metrics() {
        return context.getBean(FleetMetrics.class);
    }

    /** What is stored is in the tree of bases when this returns. */
    void readFleet() {
        try {
            context.getBean(Projection.class).refresh();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** Where it answers. */
    String url() {
        return base;
    }

    void stopStore() {
        store.close();
    }

    HttpResponse<String> get(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    /** What the server answers to these bytes. */
    String raw(String request) throws IOException {
        URI server = URI.create(base);
        try (Socket socket = new Socket(server.getHost(), server.getPort())) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    HttpResponse<String> send(String method, String path, String body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .header("Content-Type", "application/json");
        if (headers.length > 0) {
            request.headers(headers);
        }
        return send(request.build());
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    JsonNode json(String path) {
        HttpResponse<String> response = get(path);
        if (response.statusCode() != 200) {
            throw new AssertionError(path + " gave " + response.statusCode() + ": " + response.body());
        }
        return read(response.body());
    }

    static JsonNode read(String json) {
        return JsonMapper.shared().readTree(json);
    }

    @Override
    public void close() {
        context.close();
        store.close();
    }
}
