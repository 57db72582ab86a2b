package io.basewatch.registrywatcher;

import io.basewatch.fleetstore.LedgerComparison;
import io.basewatch.fleetstore.LedgerComparison.Difference;
import io.basewatch.fleetstore.LedgerComparison.Result;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares what the fleet says of each watched registry with what was told, when it is time and when somebody asks; has it told again. */
final class FleetComparison {

    private static final Logger log = LoggerFactory.getLogger(FleetComparison.class);

    /** Differences of one comparison that the log names one by one. */
    private static final int NAMED = 20;

    /**
     * The last comparison of a registry.
     *
     * @param ended when; null while the first one since this process started is still to come, or another process does it
     * @param differences by kind, in lower case
     */
    record Report(@Nullable Instant ended, long compared, long waiting, Map<String, Long> differences) {}

    private final Supplier<List<String>> registries;
    private final Duration interval;
    private final Duration grace;
    private final LedgerComparison comparison;
    private final BiConsumer<String, Difference> counted;
    private final Consumer<String> sweepNow;
    private final Clock clock;
    private final String owner = Long.toString(ProcessHandle.current().pid());
    private final Map<String, Report> reports = new ConcurrentHashMap<>();
    private volatile boolean asked;

    /**
     * @param registries that are watched at this moment
     * @param counted hears of the registry and of what differed, once for each tag
     * @param sweepNow is told a registry of which something is to be told again
     */
    FleetComparison(
            Supplier<List<String>> registries,
            Duration interval,
            Duration grace,
            LedgerComparison comparison,
            BiConsumer<String, Difference> counted,
            Consumer<String> sweepNow,
            Clock clock) {
        this.registries = registries;
        this.interval = interval;
        this.grace = grace;
        this.comparison = comparison;
        this.counted = counted;
        this.sweepNow = sweepNow;
        this.clock = clock;
    }

    /** How often to look whether it is time. */
    Duration glance() {
        Duration minute = Duration.ofMinutes(1);
        return interval.compareTo(minute) < 0 ? interval : minute;
    }

    /** The next look compares everything, whenever that was done last. */
    void ask() {
        asked = true;
    }

    /** What was compared since this process started, by registry. */
    Map<String, Report> reports() {
        return new TreeMap<>(reports);
    }

    void look() throws InterruptedException {
        boolean now = asked;
        for (String registry : registries.get()) {
            comparison.begin(registry);
            Instant last = comparison.lastCompared(registry).orElse(Instant.MIN);
            if (now || !last.plus(interval).isAfter(clock.instant())) {
                compare(registry);
            }
        }
        // Not before: what breaks on the way is asked for still.
        if (now) {
            asked = false;
        }
    }

    private void compare(String registry) throws InterruptedException {
        AtomicInteger named = new AtomicInteger();
        Optional<Result> compared = comparison.compare(registry, owner, grace, (tag, difference) -> {
            counted.accept(registry, difference);
            if (named.getAndIncrement() < NAMED) {
                log.warn(
                        "the fleet differs from what was told, told again tag={} difference={}", tag, name(difference));
            }
        });
        if (compared.isEmpty()) {
            log.info("another watcher compares the fleet with what was told registry={}", registry);
            return;
        }
        Result result = compared.get();
        Map<String, Long> differences = new TreeMap<>();
        result.differences().forEach((difference, number) -> differences.put(name(difference), number));
        reports.put(registry, new Report(clock.instant(), result.compared(), result.waiting(), differences));
        log.info(
                "the fleet compared with what was told registry={} tags={} waiting={} differences={}",
                registry,
                result.compared(),
                result.waiting(),
                differences);
        if (!differences.isEmpty()) {
            sweepNow.accept(registry);
        }
    }

    static String name(Difference difference) {
        return difference.name().toLowerCase(Locale.ROOT);
    }
}
