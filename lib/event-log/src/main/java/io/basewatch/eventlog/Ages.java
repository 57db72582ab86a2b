package io.basewatch.eventlog;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** How long it took from a change until something came of it, by the same steps whoever measures it: so that the parts of the way can be laid beside each other. */
public final class Ages {

    private static final Duration[] STEPS = {
        Duration.ofSeconds(1),
        Duration.ofSeconds(5),
        Duration.ofSeconds(15),
        Duration.ofSeconds(30),
        Duration.ofMinutes(1),
        Duration.ofMinutes(2),
        Duration.ofMinutes(5),
        Duration.ofMinutes(10),
        Duration.ofMinutes(30),
        Duration.ofHours(1),
        Duration.ofHours(6),
        Duration.ofDays(1)
    };

    private Ages() {}

    /**
     * The meter of this name and these labels, made when first asked for.
     *
     * @param tags names and values in turn
     */
    public static Timer timer(MeterRegistry meters, String name, String description, String... tags) {
        return Timer.builder(name)
                .description(description)
                .tags(tags)
                .serviceLevelObjectives(STEPS)
                .register(meters);
    }

    /** Of clocks of two machines the later moment may be the earlier one: then it took no time. */
    public static void record(Timer timer, Duration age) {
        timer.record(age.isNegative() ? Duration.ZERO : age);
    }
}
