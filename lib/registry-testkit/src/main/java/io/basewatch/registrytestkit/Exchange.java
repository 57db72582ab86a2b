package io.basewatch.registrytestkit;

import com.sun.net.httpserver.HttpExchange;
import io.basewatch.registrytestkit.Traffic.Request;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/** One request and its answer. The answer is in the {@link Traffic} before the client has it, so that whoever asked can count on it. */
final class Exchange implements AutoCloseable {

    private final HttpExchange http;
    private final Request request;
    private final Traffic traffic;
    private boolean answered;

    Exchange(HttpExchange http, Request request, Traffic traffic) {
        this.http = http;
        this.request = request;
        this.traffic = traffic;
    }

    Request request() {
        return request;
    }

    @Nullable
    String authorization() {
        return http.getRequestHeaders().getFirst("Authorization");
    }

    InputStream requestBody() {
        return http.getRequestBody();
    }

    void header(String name, String value) {
        http.getResponseHeaders().set(name, value);
    }

    void answer(int status, byte[] body) throws IOException {
        if (request.method().equals("HEAD")) {
            head(status, body.length);
        } else if (body.length == 0) {
            begin(status, -1);
        } else {
            try (OutputStream out = body(status, body.length)) {
                out.write(body);
            }
        }
    }

    /** Answers with the headers of a body that is not sent. */
    void head(int status, long length) throws IOException {
        header("Content-Length", String.valueOf(length));
        begin(status, -1);
    }

    /** Begins an answer of so many bytes; one that is closed earlier breaks the connection. */
    OutputStream body(int status, long length) throws IOException {
        begin(status, length);
        return http.getResponseBody();
    }

    private void begin(int status, long length) throws IOException {
        told(status);
        http.sendResponseHeaders(status, length);
    }

    private void told(int status) {
        if (!answered) {
            answered = true;
            traffic.answered(new Request(request.method(), request.path(), request.query(), request.headers(), status));
        }
    }

    @Override
    public void close() {
        told(0);
        http.close();
    }
}
