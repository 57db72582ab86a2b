package io.basewatch.standalone;

import io.basewatch.fleetstore.FleetCount;
import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** What {@code serve} and {@code demo} share: start, show the first sweep, show the fleet, and serve until told to end. */
final class Serving {

    private Serving() {}

    /** What somebody does beside it. */
    interface Companion {

        Companion NONE = new Companion() {};

        /** The first sweep may have begun. */
        default void started(AllInOne running) throws Exception {}

        /** The first sweep is over, and all that it found is analysed. */
        default void swept(AllInOne running) throws Exception {}
    }

    /**
     * @param shown what standard output is
     * @param once whether to end after the first sweep instead of serving on
     */
    static int run(
            AllInOne.Settings settings,
            boolean once,
            Terminal shown,
            Companion companion,
            PrintStream out,
            PrintStream err)
            throws Exception {
        long start = System.nanoTime();
        CountDownLatch ended = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        err.println("basewatch: starting, all data under " + settings.data());
        try (AllInOne running = AllInOne.start(settings)) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                // No interrupt: it could meet the services while they end what they have in hand.
                ended.countDown();
                awaitBriefly(closed);
            }));
            err.printf(
                    "basewatch: ready after %.1f s, API on %s%n",
                    Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0, running.url());
            running.lookFirst();
            err.println("basewatch: open " + running.url() + " to see the fleet");
            if (running.isWaitingForAToken()) {
                err.println(
                        "basewatch: nobody may ask from elsewhere yet: ./basewatch token create NAME --role operator --data "
                                + settings.data());
            }
            if (!show(running, shown, companion, ended, out, err)) {
                return Basewatch.OK;
            }
            if (!once) {
                err.println("basewatch: watching; Ctrl-C ends it");
                ended.await();
            }
        } finally {
            closed.countDown();
        }
        return Basewatch.OK;
    }

    /**
     * Shows the first sweep, then the fleet and where more of it is.
     *
     * @return false when the process is to end before
     */
    static boolean show(
            AllInOne running,
            Terminal shown,
            Companion companion,
            CountDownLatch ended,
            PrintStream out,
            PrintStream err)
            throws Exception {
        companion.started(running);
        if (!new FirstSweep(running, err, Boolean.getBoolean("basewatch.terminal")).await(ended)) {
            return false;
        }
        companion.swept(running);
        out.println();
        FleetCount fleet = running.fleet();
        out.print(FleetTable.of(
                fleet.summary(), fleet.standsOn(), running.lifecycle(), LocalDate.now(ZoneOffset.UTC), shown));
        out.println();
        out.println("Page      " + running.url());
        out.println("API       " + running.url() + "/api/v1/fleet");
        out.println("OpenAPI   " + running.url() + "/swagger-ui/index.html");
        out.println("Backlog   " + running.url() + "/api/v1/backlog");
        out.println("Metrics   " + running.url() + "/actuator/prometheus");
        out.flush();
        return true;
    }

    /** The process lives until the services have finished what they have in hand, or half a minute. */
    private static void awaitBriefly(CountDownLatch closed) {
        try {
            if (!closed.await(30, TimeUnit.SECONDS)) {
                System.err.println("basewatch: ended with work in hand; it is done again at the next start");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
