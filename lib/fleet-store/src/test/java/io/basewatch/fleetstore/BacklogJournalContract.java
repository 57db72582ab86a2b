package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.fleetstore.BacklogJournal.Line;
import io.basewatch.fleetstore.BacklogJournal.Standing;
import java.time.Duration;
import java.time.Instant;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class BacklogJournalContract extends StoreUnderTest {

    private FleetStore store;
    private BacklogJournal journal;

    @BeforeEach
    void openStore() {
        store = open();
        journal = store.backlogJournal();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private static Standing standing(String id, long images) {
        return new Standing(id, "library/" + id, images / 2.0, images);
    }

    @Test
    void anEntryStandsFromWhenItIsSeenUntilItIsNotAndMayComeBack() {
        Instant first = clock.instant();
        journal.note(List.of(standing("a", 4), standing("b", 1)));
        clock.pass(Duration.ofDays(3));
        journal.note(List.of(standing("a", 2)));
        Instant second = clock.instant();
        assertThat(journal.open().values()).containsExactly(new Line("a", "library/a", first, null, 0, 1.0, 2));
        assertThat(journal.closed(10)).containsExactly(new Line("b", "library/b", first, second, 0, 0.5, 1));
        clock.pass(Duration.ofDays(1));
        Instant third = clock.instant();
        journal.note(List.of(standing("a", 2), standing("b", 6)));
        assertThat(journal.open().get("b")).isEqualTo(new Line("b", "library/b", third, null, 1, 3.0, 6));
        assertThat(journal.closed(10)).isEmpty();
        assertThat(journal.countClosed()).isZero();
    }

    @Test
    void whatWentLastIsToldFirst() {
        journal.note(List.of(standing("a", 1), standing("b", 1), standing("c", 1)));
        clock.pass(Duration.ofDays(1));
        journal.note(List.of(standing("a", 1), standing("c", 1)));
        clock.pass(Duration.ofDays(1));
        journal.note(List.of());
        assertThat(journal.closed(2)).extracting(Line::id).containsExactly("a", "c");
        assertThat(journal.countClosed()).isEqualTo(3);
    }

    @Test
    void whatCameAndWentUnnotedIsRememberedUnlessItIsKnown() {
        Instant now = clock.instant();
        Instant came = now.minus(Duration.ofDays(90));
        Instant went = now.minus(Duration.ofDays(30));
        journal.note(List.of(standing("a", 4)));
        journal.remember(standing("a", 9), came, went);
        journal.remember(standing("b", 2), came, went);

        assertThat(journal.open().values()).containsExactly(new Line("a", "library/a", now, null, 0, 2.0, 4));
        assertThat(journal.closed(10)).containsExactly(new Line("b", "library/b", came, went, 0, 1.0, 2));
        assertThatIllegalArgumentException().isThrownBy(() -> journal.remember(standing("c", 1), went, came));
    }

    @Test
    void whoeverIsCutShortOrNotesTwiceEndsUpLikeAModel() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Line> model = new TreeMap<>();
        for (int round = 0; round < 40; round++) {
            clock.pass(Duration.ofHours(1 + random.nextInt(50)));
            List<Standing> now = new ArrayList<>();
            for (String id : List.of("a", "b", "c", "d", "e", "f")) {
                if (random.nextInt(3) > 0) {
                    now.add(standing(id, 1 + random.nextInt(3)));
                }
            }
            int cut = random.nextInt(now.size() + 1);
            try {
                journal.note(new AbstractList<>() {
                    @Override
                    public Standing get(int index) {
                        if (index >= cut) {
                            throw new IllegalStateException("killed");
                        }
                        return now.get(index);
                    }

                    @Override
                    public int size() {
                        return now.size();
                    }
                });
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("killed");
            }
            journal.note(now);
            if (random.nextBoolean()) {
                store.backlogJournal().note(now);
            }
            apply(model, now, clock.instant());
            Map<String, Line> kept = new TreeMap<>(journal.open());
            journal.closed(100).forEach(line -> kept.put(line.id(), line));
            assertThat(kept).as("seed %d, round %d", seed, round).isEqualTo(model);
        }
    }

    private static void apply(Map<String, Line> model, List<Standing> now, Instant at) {
        model.replaceAll((id, line) -> line.closedAt() == null
                        && now.stream().noneMatch(entry -> entry.id().equals(id))
                ? new Line(id, line.name(), line.openedAt(), at, line.reopened(), line.score(), line.images())
                : line);
        for (Standing entry : now) {
            Line before = model.get(entry.id());
            boolean isBack = before != null && before.closedAt() != null;
            model.put(
                    entry.id(),
                    new Line(
                            entry.id(),
                            entry.name(),
                            before == null || isBack ? at : before.openedAt(),
                            null,
                            before == null ? 0 : before.reopened() + (isBack ? 1 : 0),
                            entry.score(),
                            entry.images()));
        }
    }
}
