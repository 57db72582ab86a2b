package io.basewatch.tracing;

import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A step of a trace, from its beginning to its {@link #close}. It is in hand of the thread that began it until then, and what that thread begins meanwhile is below it. Where nothing is
 * traced it is {@link #NONE}, and costs nothing.
 *
 * <pre>{@code
 * try (Step step = Step.begin(What.RESULT_STORE)) {
 *     step.with(Step.DIGEST, digest.toString());
 *     ...
 * }
 * }</pre>
 */
public abstract class Step implements AutoCloseable {

    /** Names of what a step may be about. Values may be of any number; nothing that somebody keeps secret, and no address with a query, is one. */
    public static final String REGISTRY = "basewatch.registry";

    public static final String REPOSITORY = "basewatch.repository";
    public static final String TAG = "basewatch.tag";
    public static final String DIGEST = "basewatch.image.digest";
    public static final String LAYER = "basewatch.layer.digest";
    public static final String URGENCY = "basewatch.urgency";
    public static final String STATUS = "basewatch.status";

    /** Of nothing that is traced. */
    public static final Step NONE = new Step() {
        @Override
        Step child(What what, @Nullable Instant since) {
            return this;
        }

        @Override
        public Step with(String name, String value) {
            return this;
        }

        @Override
        public void failed(Throwable thrown) {}

        @Override
        public Optional<String> traceparent() {
            return Optional.empty();
        }

        @Override
        void end(@Nullable Instant at) {}
    };

    private static final ThreadLocal<Step> IN_HAND = ThreadLocal.withInitial(() -> NONE);

    private @Nullable Step before;

    Step() {}

    /** Below the step in hand of this thread; where there is none, the first of a trace. */
    public static Step begin(What what) {
        return begin(what, null);
    }

    /**
     * The same.
     *
     * @param since when it began; null for now
     */
    public static Step begin(What what, @Nullable Instant since) {
        Step above = inHand();
        return take(above == NONE ? Tracing.first(what, since, null) : above.child(what, since));
    }

    /**
     * Begins a step below one of another process.
     *
     * @param traceparent of that one, as W3C's Trace Context writes it; null, or anything else, for none: then it is the first of a trace
     */
    public static Step continued(What what, @Nullable String traceparent) {
        return take(Tracing.first(what, null, traceparent));
    }

    /** Below this one, from now on, in whichever thread; that one has it in hand. */
    public final Step below(What what) {
        return take(child(what, null));
    }

    /** The one that was begun last in this thread and is not closed. */
    public static Step inHand() {
        return IN_HAND.get();
    }

    private static Step take(Step step) {
        if (step != NONE) {
            step.before = IN_HAND.get();
            IN_HAND.set(step);
        }
        return step;
    }

    abstract Step child(What what, @Nullable Instant since);

    /** Says what it is about; of a long value only the beginning is told. */
    public abstract Step with(String name, String value);

    /** It did not come to what it should. Only the kind of what was thrown is told: messages name addresses and values. */
    public abstract void failed(Throwable thrown);

    /** By which another process goes on with the trace; empty when nothing is traced. */
    public abstract Optional<String> traceparent();

    abstract void end(@Nullable Instant at);

    /** By the thread that began it. */
    @Override
    public final void close() {
        close(null);
    }

    /** Closes a step that had ended before. */
    public final void closeAsOf(Instant ended) {
        close(ended);
    }

    private void close(@Nullable Instant ended) {
        if (this == NONE) {
            return;
        }
        end(ended);
        if (IN_HAND.get() == this) {
            if (before == null || before == NONE) {
                IN_HAND.remove();
            } else {
                IN_HAND.set(before);
            }
        }
    }
}
