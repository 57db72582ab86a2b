package io.basewatch.ociregistry;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An answer's body as a stream that gives up when nothing comes for a while; the JDK's own waits forever. At most two of the client's pieces (16 KiB each) are held.
 * Read by one thread; may be closed by another.
 */
final class TimedBody extends InputStream implements BodySubscriber<TimedBody> {

    /** What the client hands over: a piece, the end, or a failure. */
    private record Signal(
            List<ByteBuffer> buffers, boolean end, @Nullable Throwable failure) {}

    private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
    private final ArrayDeque<ByteBuffer> buffers = new ArrayDeque<>();
    private final Duration silence;
    private volatile Flow.@Nullable Subscription subscription;
    private volatile boolean closed;
    private boolean ended;

    TimedBody(Duration silence) {
        this.silence = silence;
    }

    @Override
    public CompletionStage<TimedBody> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (closed) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> piece) {
        signals.add(new Signal(piece, false, null));
    }

    @Override
    public void onError(Throwable failure) {
        signals.add(new Signal(List.of(), false, failure));
    }

    @Override
    public void onComplete() {
        signals.add(new Signal(List.of(), true, null));
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, into.length);
        if (length == 0) {
            return 0;
        }
        if (closed) {
            throw new IOException("stream is closed");
        }
        while (true) {
            ByteBuffer first = buffers.peek();
            if (first == null) {
                if (ended) {
                    return -1;
                }
                await();
            } else if (!first.hasRemaining()) {
                buffers.remove();
            } else {
                int count = Math.min(length, first.remaining());
                first.get(into, offset, count);
                return count;
            }
        }
    }

    private void await() throws IOException {
        Signal signal;
        try {
            signal = signals.poll(silence.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while reading");
        }
        if (signal == null) {
            throw new HttpTimeoutException("nothing received for " + silence);
        }
        if (signal.failure() != null) {
            throw new IOException("connection lost: " + signal.failure().getMessage(), signal.failure());
        }
        if (signal.end()) {
            ended = true;
            return;
        }
        buffers.addAll(signal.buffers());
        Flow.Subscription open = subscription;
        if (open != null) {
            open.request(1);
        }
    }

    /** Drops the connection unless the body was read to its end. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            // Wakes a reader of another thread.
            signals.add(new Signal(List.of(), false, new IOException("stream was closed")));
            Flow.Subscription open = subscription;
            if (open != null && !ended) {
                open.cancel();
            }
        }
    }
}
