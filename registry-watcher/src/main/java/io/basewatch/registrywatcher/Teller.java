package io.basewatch.registrywatcher;

import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import io.basewatch.registrywatcher.Change.Looked;
import io.basewatch.tracing.Step;
import io.basewatch.tracing.What;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The only way in which anything is told: first the intents of a batch are in the ledger, then its events go to Kafka, then the ledger knows what
 * was acknowledged. Whatever stops this in the middle leaves an intent behind, by which the next sweep tells the tag again.
 */
final class Teller {

    private final TagLedger ledger;
    private final BiConsumer<Urgency, ImageEvent> publisher;
    private final Clock clock;

    /**
     * @param publisher returns after Kafka's acknowledgement or throws {@link EventLogUnavailableException}
     */
    Teller(TagLedger ledger, BiConsumer<Urgency, ImageEvent> publisher, Clock clock) {
        this.ledger = ledger;
        this.publisher = publisher;
        this.clock = clock;
    }

    /**
     * Tells a batch, in its order. What another watcher tells at this moment is left to that one.
     *
     * @param told hears of each event that Kafka has acknowledged
     * @throws EventLogUnavailableException when Kafka did not take an event; those before it are told
     * @throws RuntimeException of the store
     */
    void tell(Repository repository, List<Change> batch, Consumer<ImageEvent> told) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        Map<String, Intent> intents = new TreeMap<>();
        for (Change change : batch) {
            change.intent(change.revision(now)).ifPresent(intent -> intents.put(change.tag(), intent));
        }
        Set<String> granted = intents.isEmpty() ? Set.of() : ledger.intend(repository, intents);
        Map<String, SeenTag> there = new TreeMap<>();
        Map<String, Long> removed = new TreeMap<>();
        try {
            for (Change change : batch) {
                if (intents.containsKey(change.tag()) && !granted.contains(change.tag())) {
                    continue;
                }
                long revision = change.revision(now);
                List<ImageEvent> events = change.events(repository, revision, now);
                tell(repository, change, events, told);
                if (change.now() == null) {
                    removed.put(change.tag(), revision);
                } else {
                    int images = events.isEmpty()
                            ? SeenTag.NOTHING_TO_TELL
                            : change.now().images().size();
                    there.put(
                            change.tag(),
                            new SeenTag(
                                    change.now().tagDigest(),
                                    revision,
                                    images,
                                    change.selection(),
                                    change.referrers()));
                }
            }
        } finally {
            if (!there.isEmpty() || !removed.isEmpty()) {
                ledger.remember(repository, there, removed);
            }
        }
    }

    private void tell(Repository repository, Change change, List<ImageEvent> events, Consumer<ImageEvent> told) {
        Looked looked = change.looked();
        try (Step step = Step.begin(What.TAG_CHANGE, looked == null ? null : looked.from())) {
            step.with(Step.REGISTRY, repository.registry())
                    .with(Step.REPOSITORY, repository.name())
                    .with(Step.TAG, change.tag())
                    .with(Step.URGENCY, change.urgency().name().toLowerCase(Locale.ROOT));
            if (looked != null) {
                Step.begin(What.TAG_LOOK, looked.from()).closeAsOf(looked.to());
            }
            for (ImageEvent event : events) {
                publisher.accept(change.urgency(), event);
                told.accept(event);
            }
        }
    }
}
