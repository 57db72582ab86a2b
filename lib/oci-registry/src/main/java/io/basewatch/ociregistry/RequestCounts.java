package io.basewatch.ociregistry;

import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/** What a registry was asked, by all that ask it. Thread-safe. */
final class RequestCounts {

    private final Map<RequestKind, LongAdder> answered = new ConcurrentHashMap<>();
    private final LongAdder refused = new LongAdder();
    private volatile OptionalLong remaining = OptionalLong.empty();

    void answered(RequestKind kind) {
        answered.computeIfAbsent(kind, each -> new LongAdder()).increment();
    }

    void refused() {
        refused.increment();
    }

    /**
     * @param left as an answer says; empty where it says nothing, which changes nothing
     */
    void remaining(OptionalLong left) {
        if (left.isPresent()) {
            remaining = left;
        }
    }

    long of(RequestKind kind) {
        LongAdder count = answered.get(kind);
        return count == null ? 0 : count.sum();
    }

    long all() {
        return answered.values().stream().mapToLong(LongAdder::sum).sum();
    }

    long refusals() {
        return refused.sum();
    }

    OptionalLong remaining() {
        return remaining;
    }
}
