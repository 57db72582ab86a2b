package io.basewatch.layerfacts;

import java.util.Arrays;

/** Parts of a layer's stored bytes that are wanted, from front to back, none touching another's inside; and which of them one request fetches. */
final class WantedParts {

    /** Of one layer; a registry has others to serve. */
    private static final int MAX_REQUESTS = 64;

    private final long leastGap;
    private long[] starts = new long[64];
    private long[] ends = new long[64];
    private int size;
    private long gap;

    /**
     * @param leastGap bytes between two parts that are rather read along than asked around
     */
    WantedParts(long leastGap) {
        this.leastGap = leastGap;
        this.gap = leastGap;
    }

    /** Adds a part behind all others. */
    void add(long start, long end) {
        if (size == starts.length) {
            starts = Arrays.copyOf(starts, 2 * size);
            ends = Arrays.copyOf(ends, 2 * size);
        }
        starts[size] = start;
        ends[size++] = end;
    }

    int size() {
        return size;
    }

    long start(int index) {
        return starts[index];
    }

    long end(int index) {
        return ends[index];
    }

    /** Settles how the parts are fetched, so that it takes no more requests than are decent. */
    void settle() {
        gap = leastGap;
        while (requests() > MAX_REQUESTS) {
            gap = 2 * gap + 1;
        }
    }

    int requests() {
        int requests = 0;
        for (int i = 0; i < size; i = afterRun(i)) {
            requests++;
        }
        return requests;
    }

    /** What all requests together fetch. */
    long bytes() {
        long bytes = 0;
        for (int i = 0; i < size; i = afterRun(i)) {
            bytes += endOfRun(i) - starts[i];
        }
        return bytes;
    }

    /** Where the request ends that begins with this part. */
    long endOfRun(int index) {
        return ends[afterRun(index) - 1];
    }

    private int afterRun(int index) {
        int after = index + 1;
        while (after < size && starts[after] - ends[after - 1] <= gap) {
            after++;
        }
        return after;
    }
}
