package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.HandMovedClock;
import io.basewatch.fleetstore.LedgerComparison.Difference;
import io.basewatch.fleetstore.TagLedger.SeenTag;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FleetComparisonTest {

    private static final Repository APP = new Repository("a.example.com", "app");
    private static final Digest IMAGE = Digest.parse("sha256:" + "a".repeat(64));

    @TempDir
    Path folder;

    private final HandMovedClock clock = new HandMovedClock();
    private final List<String> counted = new ArrayList<>();
    private final List<String> swept = new ArrayList<>();
    private EmbeddedStore engine;
    private FleetStore store;

    @BeforeEach
    void openStore() {
        engine = EmbeddedStore.start(folder.resolve("store.db"));
        store = FleetStore.connect(engine.connectionString(), clock);
    }

    @AfterEach
    void closeStore() {
        store.close();
        engine.close();
    }

    private FleetComparison comparison() {
        return new FleetComparison(
                () -> List.of("a.example.com"),
                Duration.ofHours(24),
                Duration.ofMinutes(10),
                store.ledgerComparison(),
                (registry, difference) -> counted.add(registry + " " + difference),
                swept::add,
                clock);
    }

    @Test
    void comparesOncePerIntervalAlsoAcrossRestarts() throws Exception {
        comparison().look();
        store.tagLedger().remember(APP, Map.of("1", new SeenTag(IMAGE, 1, 1)), Map.of());
        clock.pass(Duration.ofHours(24).minusMillis(1));
        comparison().look();
        assertThat(counted).isEmpty();

        clock.pass(Duration.ofMillis(1));
        FleetComparison restarted = comparison();
        restarted.look();

        assertThat(counted).containsExactly("a.example.com " + Difference.UNKNOWN);
        assertThat(swept).as("told again at once").containsExactly("a.example.com");
        assertThat(restarted.reports().get("a.example.com").differences()).containsExactly(Map.entry("unknown", 1L));
        store.tagLedger().remember(APP, Map.of("2", new SeenTag(IMAGE, 1, 1)), Map.of());
        clock.pass(Duration.ofHours(1));
        comparison().look();
        assertThat(counted).hasSize(1);
    }

    @Test
    void comparesAtOnceWhenSomebodyAsks() throws Exception {
        FleetComparison comparison = comparison();
        comparison.look();
        store.tagLedger().remember(APP, Map.of("1", new SeenTag(IMAGE, 1, 1)), Map.of());
        clock.pass(Duration.ofMinutes(10));
        comparison.look();
        assertThat(counted).isEmpty();

        comparison.ask();
        comparison.look();
        assertThat(counted).hasSize(1);
        clock.pass(Duration.ofHours(1));
        comparison.look();
        assertThat(comparison.reports().get("a.example.com").ended())
                .isEqualTo(clock.instant().minusSeconds(3600));
    }
}
