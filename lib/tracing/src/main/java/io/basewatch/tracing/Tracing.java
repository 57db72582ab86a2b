package io.basewatch.tracing;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Whether steps of this process are told to anybody; until the first of these is made, and after it was closed, they are not. */
public final class Tracing implements AutoCloseable {

    /** Begins the first step of this process in a trace. */
    interface Beginning extends AutoCloseable {
        Step first(What what, @Nullable Instant since, @Nullable String traceparent);

        /** What was not sent yet is, for some seconds at most. */
        @Override
        void close();
    }

    private static final AtomicReference<@Nullable Beginning> NOW = new AtomicReference<>();

    private final @Nullable Beginning own;

    Tracing(@Nullable Beginning own) {
        this.own = own;
        if (own != null) {
            NOW.set(own);
        }
    }

    /**
     * As the settings say; where they name no endpoint nothing of OpenTelemetry is even loaded.
     *
     * @param service the name of this process
     */
    static Tracing of(TracingSettings settings, String service) {
        return new Tracing(settings.endpoint() == null ? null : OpenTelemetryStep.to(settings, service));
    }

    static Step first(What what, @Nullable Instant since, @Nullable String traceparent) {
        Beginning beginning = NOW.get();
        return beginning == null ? Step.NONE : beginning.first(what, since, traceparent);
    }

    @Override
    public void close() {
        if (own != null) {
            NOW.compareAndSet(own, null);
            own.close();
        }
    }
}
