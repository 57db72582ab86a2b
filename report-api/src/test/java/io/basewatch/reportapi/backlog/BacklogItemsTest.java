package io.basewatch.reportapi.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.basewatch.backlog.Effort;
import io.basewatch.backlog.Entry;
import io.basewatch.backlog.Points;
import io.basewatch.backlog.Target;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.BacklogJournal.Line;
import io.basewatch.fleetstore.Waivers.Decision;
import io.basewatch.fleetstore.Waivers.Waiver;
import io.basewatch.lineage.Member;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

class BacklogItemsTest {

    private static final LocalDate DAY = LocalDate.of(2026, 11, 26);

    /** As images may be called by somebody who wants to be taken for something else. */
    private static final List<String> NAMES =
            List.of("one.example/a:1", "\",\"reopened\":0,\"rank\":0", "{\"rank\":0", "\u00e9\u2028\ud83d\ude00\t\\\"");

    private final JsonMapper json = JsonMapper.builder()
            .changeDefaultPropertyInclusion(inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
            .build();

    private static Entry entry(int number, double score) {
        String name = NAMES.get(number % NAMES.size());
        return new Entry(
                "base-" + number,
                List.of(),
                name,
                NAMES,
                number % 2 == 0 ? null : new Member.Ground("alpine", "3.12.12", null, null),
                Libc.Family.MUSL,
                Support.unknown(null, DAY),
                Set.of(Entry.Why.MUSL),
                number,
                0,
                2,
                1,
                Map.of("team \"a\"", 3L),
                new Points(1.25, 2, 0),
                new Effort(1, List.of(new Effort.Part("least", 1, 1, "nothing is for nothing"))),
                score,
                List.of(new Entry.Finding("a-caveat", Caveat.Kind.CERTAIN, Caveat.Severity.HIGH, 1)),
                List.of(),
                List.of(new Entry.Change(
                        new Repository("one.example", "a"),
                        Digest.sha256Of(name.getBytes(StandardCharsets.UTF_8)),
                        List.of("1"),
                        1,
                        new Effort(1, List.of()),
                        0,
                        null,
                        null,
                        new Target("debian:12-slim", null, "bookworm", false, "the same"))),
                1,
                0);
    }

    private static List<Ranked> entries(int number) {
        List<Ranked> ranked = new ArrayList<>();
        for (int n = 0; n < number; n++) {
            ranked.add(new Ranked(entry(n, 100 - n), n + 1));
        }
        return ranked;
    }

    private static @Nullable Waiver waiver(Entry entry) {
        return entry.id().endsWith("2")
                ? new Waiver(
                        entry.id() + ".1",
                        new Decision(entry.id(), "a", List.of(), "\"later\"", "jo", DAY.plusDays(3)),
                        Instant.EPOCH,
                        null)
                : null;
    }

    private static BacklogItems items(List<Ranked> ranked, LocalDate day, ItemTexts texts) {
        Instant seen = Instant.parse("2026-11-20T08:00:00.120Z");
        return new BacklogItems(
                ranked,
                day,
                Map.of("base-1", new Line("base-1", "a", seen, null, 2, 1, 1)),
                BacklogItemsTest::waiver,
                texts);
    }

    private static String lines(BacklogItems items) {
        StringBuilder lines = new StringBuilder();
        for (int n = 0; n < items.size(); n++) {
            items.writeTo(lines, n);
            lines.append('\n');
        }
        return lines.toString();
    }

    private String plain(BacklogItems items) {
        return json.writeValueAsString(new ArrayList<>(items));
    }

    @Test
    void theyAreWrittenAsAnyListOfItems() {
        BacklogItems items = items(entries(6), DAY, new ItemTexts(json));
        assertThat(plain(items)).contains("\"openedAt\":\"2026-11-20T08:00:00.120Z\"", "\"waiver\":{");
        for (int time = 0; time < 2; time++) {
            assertThat(json.writeValueAsString(items)).isEqualTo(plain(items));
            assertThat(new String(json.writeValueAsBytes(items), StandardCharsets.UTF_8))
                    .isEqualTo(plain(items));
            assertThat(lines(items).lines())
                    .containsExactlyElementsOf(
                            items.stream().map(ModelJson::write).toList());
        }
    }

    @Test
    void anEntryThatIsAnotherByNowIsWrittenAnew() {
        ItemTexts texts = new ItemTexts(json);
        json.writeValueAsString(items(entries(3), DAY, texts));
        List<Ranked> moved = List.of(new Ranked(entry(1, 7.5), 1), new Ranked(entry(0, 7), 2));
        BacklogItems items = items(moved, DAY, texts);
        assertThat(json.writeValueAsString(items))
                .isEqualTo(plain(items))
                .startsWith("[{\"rank\":1,\"score\":7.5,\"id\":\"base-1\"");
    }

    @Test
    void anEntryOfAnotherDayIsAnother() {
        ItemTexts texts = new ItemTexts(json);
        Entry today = entry(1, 1);
        Entry later = entry(1, 2);
        ItemTexts.Text ofToday = texts.of(today, DAY);
        assertThat(texts.of(later, DAY.plusDays(1)).first()).isNotEqualTo(ofToday.first());
        assertThat(texts.of(today, DAY)).isSameAs(ofToday);
    }

    @Test
    void theTagOfAnAnswerIsAnotherWhenAnythingInItIs() {
        List<Ranked> ranked = entries(4);
        BacklogItems items = items(ranked, DAY, new ItemTexts(json));
        String tag = items.tag("");
        assertThat(tag).matches("W/\"[0-9a-f]{32}\"");
        assertThat(items(entries(4), DAY, new ItemTexts(json)).tag("")).isEqualTo(tag);
        BacklogItems moved =
                items(List.of(ranked.get(1), ranked.get(0), ranked.get(2), ranked.get(3)), DAY, new ItemTexts(json));
        List<Ranked> other = new ArrayList<>(ranked);
        other.set(3, new Ranked(entry(3, 97.5), 4));
        List<Ranked> lower = new ArrayList<>(ranked);
        lower.set(3, new Ranked(ranked.get(3).entry(), 5));
        Map<String, Line> none = Map.of();
        ItemTexts texts = new ItemTexts(json);
        assertThat(List.of(
                        tag,
                        items.tag("next"),
                        moved.tag(""),
                        items(ranked.subList(0, 3), DAY, texts).tag(""),
                        items(other, DAY, texts).tag(""),
                        items(lower, DAY, texts).tag(""),
                        new BacklogItems(ranked, DAY, none, BacklogItemsTest::waiver, texts).tag(""),
                        new BacklogItems(ranked, DAY, none, entry -> null, texts).tag("")))
                .doesNotHaveDuplicates();
    }

    @Test
    void whatWasAskedForLastIsKeptAndNoMoreThanThereIsRoomFor() {
        ItemTexts texts = new ItemTexts(json, 20_000);
        List<Ranked> ranked = entries(100);
        List<ItemTexts.Text> made =
                ranked.stream().map(each -> texts.of(each.entry(), DAY)).toList();
        assertThat(texts.bytes()).isBetween(10_000L, 20_000L);
        assertThat(texts.of(ranked.get(99).entry(), DAY)).isSameAs(made.get(99));
        assertThat(texts.of(ranked.get(0).entry(), DAY))
                .isNotSameAs(made.get(0))
                .isEqualTo(made.get(0));
        assertThat(texts.bytes()).isLessThanOrEqualTo(20_000L);
        assertThat(new ItemTexts(json, 10).of(ranked.get(0).entry(), DAY)).isEqualTo(made.get(0));
    }
}
