package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Everything that can be asked of a store, by name: each asks it at least one command. */
final class Doors {

    private Doors() {}

    static Map<String, ThrowingCallable> of(FleetStore store) {
        LayerFactsStore facts = store.layerFacts();
        StaleImages stale = store.staleImages();
        LayerFactsStore.Claim claim =
                facts.claim(Fleet.digest(1), "me", Duration.ofMinutes(1)).orElseThrow();
        Turns.Work work = store.turns().of("work", Duration.ofMinutes(1));
        Map<String, ThrowingCallable> doors = new TreeMap<>();
        doors.put("apply", () -> store.imageArchive().apply(Fleet.pushed(Fleet.SHOP, "1", Fleet.digest(1), 1)));
        doors.put("remove", () -> store.imageArchive().apply(Fleet.removed(Fleet.SHOP, "2", Fleet.digest(1), 2)));
        doors.put("save analysis", () -> store.imageArchive().save(Fleet.alpine(Fleet.digest(1))));
        doors.put("find analysis", () -> store.imageArchive().find(Fleet.digest(1)));
        doors.put("isAnalyzed", () -> store.imageArchive().isAnalyzed(Fleet.digest(1), Fleet.V1));
        doors.put(
                "remember",
                () -> store.tagLedger()
                        .remember(Fleet.SHOP, Map.of("1", new TagLedger.SeenTag(Fleet.digest(1), 1)), Map.of("2", 2L)));
        doors.put("ledger's tags", () -> store.tagLedger().tags(Fleet.SHOP));
        doors.put("ledger's removed", () -> store.tagLedger().removedTags(Fleet.SHOP));
        doors.put("ledger's repositories", () -> store.tagLedger().repositories("example.com"));
        doors.put("claim", () -> facts.claim(Fleet.digest(3), "me", Duration.ofMinutes(1)));
        doors.put(
                "save facts",
                () -> facts.save(
                        claim,
                        Fleet.digest(1),
                        Fleet.digest(2),
                        1,
                        List.of(new LayerFactsStore.Part("a", 1, new byte[3_000_000]))));
        // Which takes the older ones' chunks away.
        doors.put(
                "save newer facts",
                () -> facts.save(
                        claim,
                        Fleet.digest(1),
                        Fleet.digest(2),
                        1,
                        List.of(new LayerFactsStore.Part("a", 2, new byte[10]))));
        doors.put("renew", () -> facts.renew(claim, Duration.ofMinutes(1)));
        doors.put("release", () -> facts.release(claim));
        doors.put("find facts", () -> facts.find(Fleet.digest(2)));
        doors.put("facts' name", () -> facts.nameOf(Fleet.digest(1)));
        doors.put("stale page", () -> stale.page(Fleet.V1, null, 10));
        doors.put("turn", () -> work.take().ifPresent(Turn::close));
        doors.put("count", () -> store.queries().count(Clock.systemUTC()));
        doors.put("images", () -> store.queries().images(ImageFilter.all(), null, 10));
        doors.put("image", () -> store.queries().image(Fleet.digest(1)));
        doors.put("tags", () -> store.queries().tags(TagFilter.all(), null, 10));
        doors.put("repositories", () -> store.queries().repositories(null, null, 10));
        doors.put("reading", () -> store.reading().readChanges((content, left) -> {}));
        doors.put("history", () -> store.tagHistory().first());
        doors.put("all history", () -> store.tagHistory().forEachTag((known, stays) -> {}));
        doors.put("trend", () -> store.trends().kept(LocalDate.of(2026, 1, 1), LocalDate.of(2026, 2, 1)));
        doors.put(
                "keep trend",
                () -> store.trends().keep(new TrendArchive.Day(LocalDate.of(2026, 1, 1), Fleet.NOON, false, Map.of())));
        doors.put("token", () -> store.accessTokens().find("bw_none"));
        doors.put("session", () -> store.accessTokens().signedIn("bw_none"));
        doors.put("audit", () -> store.auditLog().add("me", "operator", "did", "it", "", "done"));
        doors.put("audited", () -> store.auditLog().page(null, 1));
        doors.put("tidying", () -> store.housekeeping().removeUnused(Duration.ofDays(30)));
        return doors;
    }

    /** Each door in a thread of its own, and how each ended. */
    static Map<String, Throwable> endsOf(Map<String, ThrowingCallable> doors, Duration within) throws Exception {
        Map<String, Throwable> ends = new ConcurrentHashMap<>();
        CountDownLatch ended = new CountDownLatch(doors.size());
        doors.forEach((door, use) -> {
            Thread thread = new Thread(
                    () -> {
                        try {
                            use.call();
                        } catch (Throwable e) {
                            ends.put(door, e);
                        } finally {
                            ended.countDown();
                        }
                    },
                    door);
            thread.setDaemon(true);
            thread.start();
        });
        boolean all = ended.await(within.toMillis(), TimeUnit.MILLISECONDS);
        Set<String> open = new TreeSet<>(doors.keySet());
        open.removeAll(ends.keySet());
        assertThat(all).as("not ended after %s: %s", within, open).isTrue();
        return new TreeMap<>(ends);
    }
}
