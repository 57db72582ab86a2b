package io.basewatch.ociregistry;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What came back. Holds a place of the request budget until it is closed. */
final class Answer implements AutoCloseable {

    private static final int MAX_DRAINED_BYTES = 64 * 1024;

    private final HttpResponse<TimedBody> response;
    private final RequestBudget budget;
    private final AtomicBoolean closed = new AtomicBoolean();

    Answer(HttpResponse<TimedBody> response, RequestBudget budget) {
        this.response = response;
        this.budget = budget;
    }

    int status() {
        return response.statusCode();
    }

    /** Where it came from, after redirects. */
    URI uri() {
        return response.uri();
    }

    /** Empty text when the header is absent. */
    String header(String name) {
        return response.headers().firstValue(name).orElse("");
    }

    List<String> headers(String name) {
        return response.headers().allValues(name);
    }

    /** The length that the header promises; -1 when it does not. */
    long contentLength() {
        try {
            return Math.max(-1, Long.parseLong(header("Content-Length").trim()));
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    InputStream body() {
        // A proxy's refusal of a tunnel has none.
        return response.body() == null ? InputStream.nullInputStream() : response.body();
    }

    /** The body was longer than it may be. */
    static final class TooLongException extends IOException {
        TooLongException(int limit) {
            super("answer is longer than " + limit + " bytes");
        }
    }

    /** The whole body, without a coding that it came in. */
    byte[] bytes(int atMost, Duration within) throws IOException {
        return bytes(ContentCoding.undone(headers("Content-Encoding"), body()), atMost, within);
    }

    private byte[] bytes(InputStream in, int atMost, Duration within) throws IOException {
        if (contentLength() > atMost) {
            throw new TooLongException(atMost);
        }
        long deadline = System.nanoTime() + within.toNanos();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(Math.max(1024, (int) contentLength()));
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = in.read(buffer)) >= 0) {
            if (bytes.size() + count > atMost) {
                throw new TooLongException(atMost);
            }
            bytes.write(buffer, 0, count);
            if (System.nanoTime() - deadline > 0) {
                throw new HttpTimeoutException("answer not complete after " + within);
            }
        }
        return bytes.toByteArray();
    }

    /** Reads a short rest so that the connection can be used again. */
    void drain() {
        try {
            if (contentLength() <= MAX_DRAINED_BYTES) {
                bytes(body(), MAX_DRAINED_BYTES, Duration.ofSeconds(5));
            }
        } catch (IOException e) {
            // The connection is dropped below instead of being used again.
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            if (response.body() != null) {
                response.body().close();
            }
            budget.release();
        }
    }
}
