package io.basewatch.layeranalyzer;

import io.basewatch.layeranalyzer.Layers.Result;
import io.basewatch.ociregistry.Descriptor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads the layers of one image, from the lowest up, some of them at the same time, and gives what came of each in their order. Nothing is read that would not be read one after the other, but
 * for the layers that are in hand when another one turns out to be hopeless.
 *
 * <p>What a layer takes while it is read is bounded by its limits; so much can be taken by as many layers as are read at once, beside the facts that were given already.
 */
final class LayersAhead implements AutoCloseable {

    /** Each takes up to two threads, 4 MB, and its facts: with more, an image of many layers would need a heap of its own. */
    static final int MOST_AT_ONCE = 4;

    private record Begun(int n, Future<Result> result) {}

    private final List<Descriptor> layers;
    private final IntFunction<Callable<Result>> reading;
    private final int atOnce;
    private final @Nullable ExecutorService threads;
    private final Deque<Begun> begun = new ArrayDeque<>();
    private int given;

    /**
     * @param reading how the layer at a place is read; asked for when that layer's turn has come, in the thread that calls {@link #next}
     * @param atOnce 1: everything happens in the thread that calls {@link #next}
     */
    LayersAhead(List<Descriptor> layers, IntFunction<Callable<Result>> reading, int atOnce) {
        this.layers = layers;
        this.reading = reading;
        this.atOnce = Math.min(atOnce, layers.size());
        this.threads = this.atOnce < 2
                ? null
                : Executors.newFixedThreadPool(this.atOnce, work -> {
                    Thread thread = new Thread(work, "layer-ahead");
                    thread.setDaemon(true);
                    return thread;
                });
    }

    /** How many layers this machine should read at the same time for somebody who waits for one image. */
    static int worthwhile() {
        return Math.min(MOST_AT_ONCE, Runtime.getRuntime().availableProcessors());
    }

    /** What came of the next layer from below. */
    Result next() throws InterruptedException {
        if (threads == null) {
            return call(reading.apply(given++));
        }
        begin(threads);
        Begun lowest = begun.remove();
        given++;
        try {
            return lowest.result().get();
        } catch (ExecutionException e) {
            throw unchecked(e.getCause());
        }
    }

    /** As many as may be, up to one whose twin is being read: that one need not be read again. */
    private void begin(ExecutorService on) {
        for (int n = given + begun.size(); n < layers.size() && begun.size() < atOnce && !isBeingRead(n); n++) {
            begun.add(new Begun(n, on.submit(reading.apply(n))));
        }
    }

    private boolean isBeingRead(int n) {
        return begun.stream()
                .anyMatch(other ->
                        layers.get(other.n()).digest().equals(layers.get(n).digest()));
    }

    private static Result call(Callable<Result> reading) throws InterruptedException {
        try {
            return reading.call();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw unchecked(e);
        }
    }

    private static RuntimeException unchecked(@Nullable Throwable thrown) {
        if (thrown instanceof RuntimeException e) {
            return e;
        }
        if (thrown instanceof Error e) {
            throw e;
        }
        return new IllegalStateException("reading a layer ended as none should", thrown);
    }

    /** Layers that are still being read are given up. */
    @Override
    public void close() {
        if (threads != null) {
            threads.shutdownNow();
        }
    }
}
