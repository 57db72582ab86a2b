package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.time.Duration;

/** When reading a layer has taken too long. Looked at once per buffer: a source that blocks has its own timeouts. */
final class Deadline {

    private final Duration allowed;
    private final long start = System.nanoTime();

    Deadline(Duration allowed) {
        this.allowed = allowed;
    }

    void check() throws LayerFault {
        if (System.nanoTime() - start > allowed.toNanos()) {
            throw new LayerFault(
                    Reason.Code.TIMEOUT,
                    "reading the layer took longer than the limit of " + allowed.toSeconds() + " s");
        }
    }
}
