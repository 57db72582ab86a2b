package io.basewatch.registrywatcher;

import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.Entry;
import io.basewatch.fleetstore.WatchRoll;
import io.basewatch.fleetstore.WatchRoll.Watched;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells that the tags of a registry are gone that was taken out of the configuration. That is known by the watchers' name: a registry that is
 * written down for this name, is not in this configuration, and was not mentioned by anybody of this name for a while. What a watcher of another
 * name watches is left alone.
 */
final class DroppedRegistries {

    private static final Logger log = LoggerFactory.getLogger(DroppedRegistries.class);

    /** Several times {@link #GLANCE}: a watcher that lives is never taken to be gone. */
    static final Duration SILENCE = Duration.ofMinutes(2);

    static final Duration GLANCE = Duration.ofSeconds(30);

    private static final int BATCH = 100;

    private final String name;
    private final Supplier<List<String>> registries;
    private final WatchRoll roll;
    private final TagLedger ledger;
    private final Teller teller;
    private final Consumer<ImageEvent> told;
    private final Clock clock;
    private final Set<String> strange = new HashSet<>();

    /**
     * @param name of this watcher and of all that have its configuration
     * @param registries that are configured at this moment
     * @param told hears of each event that Kafka has acknowledged
     */
    DroppedRegistries(
            String name,
            Supplier<List<String>> registries,
            WatchRoll roll,
            TagLedger ledger,
            BiConsumer<Urgency, ImageEvent> publisher,
            Consumer<ImageEvent> told,
            Clock clock) {
        this.name = name;
        this.registries = registries;
        this.roll = roll;
        this.ledger = ledger;
        this.teller = new Teller(ledger, publisher, clock);
        this.told = told;
        this.clock = clock;
    }

    /** Mentions what is configured, and drops what is not any more. What breaks in the middle goes on with the next look. */
    void look() throws InterruptedException {
        List<String> configured = registries.get();
        roll.mention(name, configured);
        for (Watched watched : roll.of(name)) {
            String registry = watched.registry();
            if (configured.contains(registry)) {
                continue;
            }
            if (clock.instant().isBefore(watched.lastMentioned().plus(SILENCE))) {
                if (strange.add(registry)) {
                    log.warn(
                            "registry {} is not in this configuration, but was watched {} s ago by a watcher of this name; its tags leave the fleet {} s after that. A watcher with other registries needs another name: basewatch.watcher.name",
                            registry,
                            Duration.between(watched.lastMentioned(), clock.instant())
                                    .toSeconds(),
                            SILENCE.toSeconds());
                }
            } else if (drop(registry)) {
                strange.remove(registry);
                roll.forget(name, registry, SILENCE);
            }
        }
    }

    /** Gives whether nothing more is to be done for it. */
    private boolean drop(String registry) throws InterruptedException {
        if (roll.isWatchedBesides(name, registry, SILENCE)) {
            return true;
        }
        List<String> repositories = ledger.repositories(registry);
        log.info("registry dropped, its tags are removed registry={} repositories={}", registry, repositories.size());
        for (String repository : repositories) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (registries.get().contains(registry) || roll.isWatchedBesides(name, registry, SILENCE)) {
                log.info("registry is watched again, the rest of its tags stay registry={}", registry);
                return false;
            }
            remove(new Repository(registry, repository));
            roll.mention(name, registries.get());
        }
        return true;
    }

    private void remove(Repository repository) {
        List<Change> gone = new ArrayList<>();
        for (Map.Entry<String, Entry> each : ledger.entries(repository).entrySet()) {
            if (!each.getValue().removed()) {
                gone.add(Change.gone(each.getKey(), each.getValue(), Urgency.BACKFILL));
            }
        }
        for (int from = 0; from < gone.size(); from += BATCH) {
            teller.tell(repository, gone.subList(from, Math.min(gone.size(), from + BATCH)), told);
        }
    }
}
