package io.basewatch.standalone;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetstore.FleetSummary;
import io.basewatch.fleetstore.StoreUnavailableException;
import io.basewatch.registrywatcher.WatcherProgress.LastSweep;
import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Follows the first sweep until nothing of it is left to do, and shows how far it is. */
final class FirstSweep {

    private static final Duration GLANCE = Duration.ofMillis(250);

    /** Within which Kafka must have been asked what waits. */
    private static final Duration FRESH = Duration.ofSeconds(10);

    private final AllInOne running;
    private final ProgressLine line;
    private final Forecast forecast = new Forecast();
    private final long start = System.nanoTime();

    FirstSweep(AllInOne running, PrintStream out, boolean terminal) {
        this.running = running;
        this.line = new ProgressLine(out, terminal ? Terminal.ofErr(Terminal.Colors.AUTO) : Terminal.PLAIN);
    }

    /** Returns when each registry's sweep has ended, well or not, and each image it found has a result. */
    void await() throws InterruptedException {
        await(new CountDownLatch(1));
    }

    /**
     * As {@link #await()}, unless the process is to end before.
     *
     * @return false when it is
     */
    boolean await(CountDownLatch ended) throws InterruptedException {
        OptionalLong sweptAt = OptionalLong.empty();
        while (true) {
            List<RegistryProgress> registries = running.watcher().snapshot();
            if (sweptAt.isEmpty() && registries.stream().allMatch(r -> r.lastSweep() != LastSweep.NONE)) {
                sweptAt = OptionalLong.of(System.nanoTime());
            }
            boolean done = sweptAt.isPresent() && running.analyzer().hasCaughtUp(sweptAt.getAsLong());
            // In this order: what is counted has then been stored.
            FleetSummary fleet;
            try {
                fleet = (done ? running.fleet() : running.recentFleet()).summary();
            } catch (StoreUnavailableException e) {
                // It may be brought to a newer version, which takes its time.
                line.show("waiting for the store: " + e.getMessage());
                if (ended.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    return false;
                }
                continue;
            }
            String state = state(registries, fleet, done ? "" : rest(registries, sweptAt.isPresent()), done);
            if (done) {
                line.finish(state);
                return true;
            }
            line.show(state);
            if (ended.await(GLANCE.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
    }

    /** From the events that wait in Kafka, those of an earlier run with them. What the sweep has not come to yet is not in it. */
    private String rest(List<RegistryProgress> registries, boolean swept) {
        OptionalLong waiting = running.analyzer().waiting(FRESH);
        if (waiting.isEmpty()) {
            return "";
        }
        long told =
                registries.stream().mapToLong(RegistryProgress::eventsPublished).sum();
        return forecast.rest(System.nanoTime(), told - waiting.getAsLong(), waiting.getAsLong())
                .map(rest -> (swept ? ", about " : ", at least ") + Forecast.text(rest) + " to go")
                .orElse("");
    }

    /** While there is something to do, the images are those that were told, whether the analyzer has met them or not. */
    private String state(List<RegistryProgress> registries, FleetSummary fleet, String rest, boolean done) {
        long tags = registries.stream().mapToLong(RegistryProgress::tagsFound).sum();
        long failures =
                registries.stream().mapToLong(RegistryProgress::failures).sum()
                        + fleet.byStatus().getOrDefault(AnalysisStatus.UNSCANNABLE, 0L)
                        + fleet.byStatus().getOrDefault(AnalysisStatus.PARTIAL, 0L);
        long images = done
                ? fleet.images()
                : Math.max(fleet.images(), running.watcher().imagesTold());
        return "sweep: %s found, %d of %s analysed, %s, %d s%s"
                .formatted(
                        Counted.of(tags, "tag", "tags"),
                        fleet.images() - fleet.pending(),
                        Counted.of(images, "image", "images"),
                        Counted.of(failures, "failure", "failures"),
                        Duration.ofNanos(System.nanoTime() - start).toSeconds(),
                        rest);
    }
}
