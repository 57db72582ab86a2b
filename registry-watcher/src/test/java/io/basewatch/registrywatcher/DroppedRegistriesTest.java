package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.eventlog.EventLogUnavailableException;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEvent.ImagePushed;
import io.basewatch.fleetmodel.ImageEvent.TagRemoved;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.HandMovedClock;
import io.basewatch.fleetstore.TagFilter;
import io.basewatch.fleetstore.TagLedger;
import io.basewatch.fleetstore.TagLedger.Intent;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DroppedRegistriesTest {

    private static final Digest IMAGE = Digest.parse("sha256:" + "a".repeat(64));

    @TempDir
    Path folder;

    private final HandMovedClock clock = new HandMovedClock();
    private final List<ImageEvent> told = new ArrayList<>();
    private EmbeddedStore engine;
    private FleetStore store;
    private TagLedger ledger;

    @BeforeEach
    void openStore() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString(), clock);
        ledger = store.tagLedger();
        for (String registry : List.of("a.example.com", "b.example.com:5000")) {
            for (String name : List.of("app", "team/other")) {
                for (int tag = 0; tag < 60; tag++) {
                    ImagePushed event = new ImagePushed(
                            new Repository(registry, name), "t" + tag, IMAGE, IMAGE, null, 1, clock.instant());
                    ledger.remember(event.repository(), Map.of(event.tag(), new SeenTag(IMAGE, 1, 1)), Map.of());
                    if (tag < 3) {
                        store.imageArchive().apply(event);
                    }
                }
            }
        }
    }

    @AfterEach
    void closeStore() {
        store.close();
        engine.close();
    }

    private DroppedRegistries watcher(String name, String... configured) {
        return watcher(name, (urgency, event) -> told.add(event), configured);
    }

    private DroppedRegistries watcher(String name, BiConsumer<Urgency, ImageEvent> publisher, String... configured) {
        return new DroppedRegistries(
                name, () -> List.of(configured), store.watchRoll(), ledger, publisher, event -> {}, clock);
    }

    private void silence() {
        clock.pass(DroppedRegistries.SILENCE);
    }

    @Test
    void theTagsOfARegistryThatWasTakenOutOfTheConfigurationAreRemoved() throws Exception {
        watcher("watcher", "a.example.com", "b.example.com:5000").look();
        DroppedRegistries smaller = watcher("watcher", "a.example.com");
        clock.pass(DroppedRegistries.SILENCE.minusMillis(1));
        smaller.look();
        assertThat(told).isEmpty();

        clock.pass(Duration.ofMillis(1));
        smaller.look();

        assertThat(told).hasSize(120).allSatisfy(event -> {
            assertThat(event).isInstanceOf(TagRemoved.class);
            assertThat(event.repository().registry()).isEqualTo("b.example.com:5000");
        });
        told.forEach(store.imageArchive()::apply);
        assertThat(store.queries().tags(TagFilter.all(), null, 100).tags())
                .hasSize(6)
                .allSatisfy(tag -> assertThat(tag.repository().registry()).isEqualTo("a.example.com"));
        assertThat(ledger.repositories("b.example.com:5000")).isEmpty();
        assertThat(store.watchRoll().of("watcher")).hasSize(1);
        smaller.look();
        assertThat(told).hasSize(120);
    }

    @Test
    void theLastRegistryCanBeDroppedToo() throws Exception {
        watcher("watcher", "a.example.com").look();
        silence();
        watcher("watcher").look();
        assertThat(told).hasSize(120);
    }

    @Test
    void whatWatchersOfOtherNamesWatchIsLeftAlone() throws Exception {
        watcher("first", "a.example.com").look();
        watcher("second", "b.example.com:5000").look();
        silence();
        watcher("second", "b.example.com:5000").look();
        assertThat(told).isEmpty();

        // Both had it; one still has.
        watcher("second", "a.example.com", "b.example.com:5000").look();
        silence();
        watcher("first").look();
        assertThat(told).isEmpty();
        assertThat(store.watchRoll().of("first")).isEmpty();
    }

    @Test
    void aWatcherOfTheSameNameThatLivesKeepsItsRegistries() throws Exception {
        DroppedRegistries old = watcher("watcher", "a.example.com", "b.example.com:5000");
        DroppedRegistries renewed = watcher("watcher", "a.example.com");
        for (int n = 0; n < 20; n++) {
            old.look();
            clock.pass(DroppedRegistries.GLANCE);
            renewed.look();
        }
        assertThat(told).isEmpty();
    }

    @Test
    void whatAFailureLeftIsDroppedByTheNextLook() throws Exception {
        watcher("watcher", "b.example.com:5000").look();
        silence();
        DroppedRegistries failing = watcher("watcher", (urgency, event) -> {
            if (told.size() == 70) {
                throw new EventLogUnavailableException("no broker", null);
            }
            told.add(event);
        });
        assertThatThrownBy(failing::look).isInstanceOf(EventLogUnavailableException.class);
        watcher("watcher").look();
        assertThat(told).hasSize(120);
        assertThat(ledger.repositories("b.example.com:5000")).isEmpty();
    }

    @Test
    void whatWasHalfToldIsRemovedByWhatItWasToBe() throws Exception {
        watcher("watcher", "c.example.com").look();
        Repository app = new Repository("c.example.com", "app");
        ledger.intend(app, Map.of("1", new Intent(IMAGE, false, 5)));
        silence();
        watcher("watcher").look();
        assertThat(told).singleElement().isInstanceOfSatisfying(TagRemoved.class, removed -> {
            assertThat(removed.digest()).isEqualTo(IMAGE);
            assertThat(removed.revision()).isGreaterThan(5);
        });
    }
}
