package io.basewatch.ociregistry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Answers each request as it is told to, with any bytes. */
final class RawServer implements AutoCloseable {

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    /** A request; header names are in lower case. */
    record Seen(String method, URI uri, Map<String, String> headers, String body) {}

    record Reply(int status, Map<String, String> headers, byte[] body, boolean chunked) {
        static Reply of(byte[] body, String... headers) {
            Map<String, String> named = new java.util.LinkedHashMap<>();
            for (int i = 0; i < headers.length; i += 2) {
                named.put(headers[i], headers[i + 1]);
            }
            return new Reply(200, named, body, false);
        }

        static Reply status(int status, String... headers) {
            Reply reply = of(new byte[0], headers);
            return new Reply(status, reply.headers, reply.body, false);
        }

        Reply inChunks() {
            return new Reply(status, headers, body, true);
        }
    }

    interface Handler {
        Reply answer(Seen request) throws Exception;
    }

    RawServer(Handler handler) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                handle(handler, exchange);
            }
        });
        server.start();
    }

    private void handle(Handler handler, HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        Map<String, String> headers = new java.util.TreeMap<>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(java.util.Locale.ROOT), values.get(0)));
        Seen request = new Seen(exchange.getRequestMethod(), exchange.getRequestURI(), headers, body);
        seen.add(request);
        Reply reply;
        try {
            reply = handler.answer(request);
        } catch (Exception e) {
            throw new IOException(e);
        }
        reply.headers().forEach(exchange.getResponseHeaders()::add);
        boolean bodiless = request.method().equals("HEAD") || reply.body().length == 0 && !reply.chunked();
        exchange.sendResponseHeaders(reply.status(), bodiless ? -1 : reply.chunked() ? 0 : reply.body().length);
        if (!bodiless) {
            exchange.getResponseBody().write(reply.body());
        }
    }

    List<Seen> seen() {
        return seen;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
