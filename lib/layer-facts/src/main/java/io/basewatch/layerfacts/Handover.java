package io.basewatch.layerfacts;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.BlockingDeque;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/**
 * Hands chunks from the thread that uncompresses to the one that walks, and back empty: so many of them that neither gets far ahead,
 * and uncompressing goes on while a large file's facts are made. The walking side always takes everything up to the end, also after it failed, so that the other one never waits in vain.
 */
final class Handover implements Uncompressed.Feed {

    private static final int CHUNKS = 24;

    private record Item(@Nullable Chunk chunk, @Nullable IOException failure) {}

    /** The one given back last is filled first: it may still be in the processor's cache, and what a short stream needs no more of is never made. */
    private final BlockingDeque<Chunk> free = new LinkedBlockingDeque<>(CHUNKS);

    /** Bounded by the chunks that exist. */
    private final BlockingQueue<Item> filled = new LinkedBlockingQueue<>();

    private boolean taken;

    /** Of the chunks, how many there may be yet. The uncompressing side's. */
    private int unmade = CHUNKS;

    /** For the uncompressing side: an empty chunk. */
    Chunk empty() throws InterruptedIOException {
        Chunk used = free.pollFirst();
        if (used != null) {
            return used;
        }
        if (unmade > 0) {
            unmade--;
            return new Chunk();
        }
        try {
            return free.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a layer was read");
        }
    }

    void give(Chunk chunk) {
        filled.add(new Item(chunk, null));
    }

    /** No more chunks come; the walking side meets the failure there, if there was one. */
    void end(@Nullable IOException failure) {
        filled.add(new Item(null, failure));
    }

    /** For the walking side. */
    @Override
    public @Nullable Chunk next(@Nullable Chunk used) throws IOException {
        if (used != null) {
            free.addFirst(used);
        }
        if (taken) {
            return null;
        }
        Item item = take();
        if (item.failure() != null) {
            throw item.failure();
        }
        return item.chunk();
    }

    /** For the walking side: whatever it does not want to see any more. */
    void discardRest() {
        while (!taken) {
            Chunk chunk = take().chunk();
            if (chunk != null) {
                free.add(chunk);
            }
        }
    }

    private Item take() {
        try {
            Item item = filled.take();
            taken = item.chunk() == null;
            return item;
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the thread that walks", e);
        }
    }
}
