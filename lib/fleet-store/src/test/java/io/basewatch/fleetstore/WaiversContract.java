package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetstore.Waivers.Decision;
import io.basewatch.fleetstore.Waivers.End;
import io.basewatch.fleetstore.Waivers.Ended;
import io.basewatch.fleetstore.Waivers.Waiver;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class WaiversContract extends StoreUnderTest {

    private FleetStore store;
    private Waivers waivers;

    @BeforeEach
    void openStore() {
        store = open();
        waivers = store.waivers();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static Decision decision(String entry) {
        return new Decision(
                entry,
                "library/" + entry,
                List.of("past-support alpine 3.12", "certain:high elf-lost"),
                "goes in March",
                "ops",
                LocalDate.of(2027, 3, 31));
    }

    private Optional<Waiver> end(String id, End why, @Nullable String by, String detail) {
        return waivers.end(id, new Ended(clock.instant(), why, by, detail));
    }

    @Test
    void oneIsKeptAsItWasDecidedAndIsFoundByItsId() {
        Instant when = clock.instant();
        Waiver given = waivers.give(decision("base-a"), clock.instant()).orElseThrow();
        assertThat(given).isEqualTo(new Waiver("base-a.1", decision("base-a"), when, null));
        assertThat(store.waivers().find("base-a.1")).contains(given);
        assertThat(waivers.find("base-a.2")).isEmpty();
        assertThat(waivers.inForce()).containsExactly(given);
    }

    @Test
    void anEntryHasOneInForceAtMost() {
        waivers.give(decision("base-a"), clock.instant());
        assertThat(waivers.give(decision("base-a"), clock.instant())).isEmpty();
        assertThat(waivers.give(decision("base-b"), clock.instant())).isPresent();
        end("base-a.1", End.WITHDRAWN, "boss", "not agreed");
        assertThat(waivers.give(decision("base-a"), clock.instant())
                        .orElseThrow()
                        .id())
                .isEqualTo("base-a.2");
    }

    @Test
    void oneEndsOnceAndItsHistoryStays() {
        waivers.give(decision("base-a"), clock.instant());
        clock.pass(Duration.ofDays(2));
        Ended ended = new Ended(clock.instant(), End.CHANGED, null, "certain:critical elf-new");
        assertThat(end("base-a.1", End.CHANGED, null, "certain:critical elf-new")
                        .orElseThrow()
                        .ended())
                .isEqualTo(ended);
        clock.pass(Duration.ofDays(2));
        assertThat(end("base-a.1", End.WITHDRAWN, "boss", "too late")).isEmpty();
        assertThat(waivers.find("base-a.1").orElseThrow().ended()).isEqualTo(ended);
        assertThat(waivers.inForce()).isEmpty();
        assertThat(end("base-z.1", End.EXPIRED, null, "")).isEmpty();
    }

    @Test
    void pagesAreOfThoseThatAreAskedFor() {
        for (String entry : List.of("base-a", "base-b", "base-c")) {
            waivers.give(decision(entry), clock.instant());
        }
        end("base-b.1", End.EXPIRED, null, "its last day was 2027-03-31");
        waivers.give(decision("base-b"), clock.instant());
        assertThat(waivers.page(null, null, null, 2)).extracting(Waiver::id).containsExactly("base-a.1", "base-b.1");
        assertThat(waivers.page(null, null, "base-b.1", 9))
                .extracting(Waiver::id)
                .containsExactly("base-b.2", "base-c.1");
        assertThat(waivers.page(false, null, null, 9))
                .extracting(Waiver::id)
                .containsExactly("base-a.1", "base-b.2", "base-c.1");
        assertThat(waivers.page(true, "base-b", null, 9)).extracting(Waiver::id).containsExactly("base-b.1");
    }

    @Test
    void ofManyAtOnceOneIsGiven() throws Exception {
        List<Waiver> given = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int n = 0; n < 6; n++) {
            threads.add(new Thread(() ->
                    store.waivers().give(decision("base-a"), clock.instant()).ifPresent(given::add)));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(given).extracting(Waiver::id).containsExactly("base-a.1");
        assertThat(waivers.inForce()).hasSize(1);
    }
}
