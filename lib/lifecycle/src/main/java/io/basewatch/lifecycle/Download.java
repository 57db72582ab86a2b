package io.basewatch.lifecycle;

import io.basewatch.lifecycle.DatasetRefused.Why;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One file over HTTP: of bounded size, within a bounded time, and only if it is another one than before. Follows no redirect. */
final class Download {

    private final HttpClient client;
    private final Duration timeout;

    Download(Duration timeout) {
        this.timeout = timeout;
        this.client = HttpClient.newBuilder()
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(timeout)
                .build();
    }

    /**
     * What tells one version of a file from another.
     *
     * @param etag null when the server gave none
     * @param lastModified likewise
     */
    record Version(@Nullable String etag, @Nullable String lastModified) {
        static final Version NONE = new Version(null, null);
    }

    /** A file's bytes and which version of it they are. */
    static final class Fetched {

        private final byte[] bytes;
        private final Version version;

        private Fetched(byte[] bytes, Version version) {
            this.bytes = bytes;
            this.version = version;
        }

        byte[] bytes() {
            return bytes;
        }

        Version version() {
            return version;
        }
    }

    /**
     * Null when it is still the version that is known.
     *
     * @param maxBytes a larger file is refused
     */
    @Nullable
    Fetched get(URI url, Version known, int maxBytes) throws DatasetRefused, InterruptedException {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(url).timeout(timeout).header("User-Agent", "basewatch");
        if (known.etag() != null) {
            request.header("If-None-Match", known.etag());
        } else if (known.lastModified() != null) {
            request.header("If-Modified-Since", known.lastModified());
        }
        HttpResponse<byte[]> response = send(request.build(), maxBytes);
        int status = response.statusCode();
        if (status == 304 && !known.equals(Version.NONE)) {
            return null;
        }
        if (status != 200) {
            throw new DatasetRefused(
                    Why.UNREADABLE,
                    "it was answered with status " + status
                            + (status == 304
                                    ? " (nothing has changed), though nothing of it is known here"
                                    : status / 100 == 3
                                            ? ": redirects are not followed, give the address they lead to"
                                            : ", not 200"));
        }
        return new Fetched(response.body(), new Version(header(response, "ETag"), header(response, "Last-Modified")));
    }

    /** Of a length that can be sent back. */
    private static @Nullable String header(HttpResponse<?> response, String name) {
        return response.headers()
                .firstValue(name)
                .filter(value -> value.length() <= 500)
                .orElse(null);
    }

    private HttpResponse<byte[]> send(HttpRequest request, int maxBytes) throws DatasetRefused, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, head -> new BoundedBody(maxBytes));
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new DatasetRefused(Why.UNREADABLE, "it was not there after " + timeout.toSeconds() + " s");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            for (int depth = 0; cause != null && depth < 10; depth++) {
                if (cause instanceof TooLarge) {
                    throw new DatasetRefused(Why.TOO_LARGE, "it has more than " + maxBytes + " bytes");
                }
                if (cause.getCause() == null) {
                    break;
                }
                cause = cause.getCause();
            }
            throw new DatasetRefused(
                    Why.UNREADABLE,
                    "it cannot be had: "
                            + (cause == null
                                    ? "no answer"
                                    : cause.getClass().getSimpleName()
                                            + (cause.getMessage() == null ? "" : ", " + cause.getMessage())));
        } finally {
            answer.cancel(true);
        }
    }

    private static final class TooLarge extends RuntimeException {}

    private static final class BoundedBody implements BodySubscriber<byte[]> {

        private final CompletableFuture<byte[]> body = new CompletableFuture<>();
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final int max;
        private Flow.@Nullable Subscription subscription;

        BoundedBody(int max) {
            this.max = max;
        }

        @Override
        public CompletionStage<byte[]> getBody() {
            return body;
        }

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
            given.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> piece) {
            for (ByteBuffer each : piece) {
                if (body.isDone()) {
                    return;
                }
                if (bytes.size() + each.remaining() > max) {
                    if (subscription != null) {
                        subscription.cancel();
                    }
                    body.completeExceptionally(new TooLarge());
                    return;
                }
                byte[] copy = new byte[each.remaining()];
                each.get(copy);
                bytes.write(copy, 0, copy.length);
            }
        }

        @Override
        public void onError(Throwable failure) {
            body.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            body.complete(bytes.toByteArray());
        }
    }
}
