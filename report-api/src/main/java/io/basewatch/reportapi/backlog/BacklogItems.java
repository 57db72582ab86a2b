package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.fleetmodel.ModelJson;
import io.basewatch.fleetstore.BacklogJournal.Line;
import io.basewatch.fleetstore.Waivers.Waiver;
import io.basewatch.reportapi.web.ContentTags;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.AbstractList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.annotation.JsonSerialize;
import tools.jackson.databind.ser.std.StdSerializer;

/** Lines of a backlog. In JSON they are what a list of {@link BacklogItem}s is, written from {@link ItemTexts}; each item is made when somebody looks at it. Never changes. */
@JsonSerialize(using = BacklogItems.Writer.class)
final class BacklogItems extends AbstractList<BacklogItem> {

    private final List<Ranked> ranked;
    private final LocalDate day;
    private final Map<String, Line> open;
    private final Map<String, Waiver> waived = new HashMap<>();
    private final ItemTexts texts;

    /**
     * @param day of the backlog that all are of
     * @param open what was noted, by entry
     * @param waivers the decision to leave an entry on that day; null where there is none
     */
    BacklogItems(
            List<Ranked> ranked,
            LocalDate day,
            Map<String, Line> open,
            Function<Entry, @Nullable Waiver> waivers,
            ItemTexts texts) {
        this.ranked = List.copyOf(ranked);
        this.day = day;
        this.open = open;
        this.texts = texts;
        for (Ranked each : ranked) {
            Waiver waiver = waivers.apply(each.entry());
            if (waiver != null) {
                waived.put(each.entry().id(), waiver);
            }
        }
    }

    @Override
    public BacklogItem get(int index) {
        Entry entry = ranked.get(index).entry();
        return BacklogItem.of(entry, ranked.get(index).rank(), open.get(entry.id()), waived.get(entry.id()));
    }

    @Override
    public int size() {
        return ranked.size();
    }

    /** As {@link #get} is written, but for the surrounding list or lines. */
    void writeTo(StringBuilder json, int index) {
        ItemTexts.Text text = texts.of(ranked.get(index).entry(), day);
        json.append(begin(index))
                .append(text.first().getValue())
                .append(middle(index))
                .append(text.rest().getValue())
                .append('}');
    }

    private void writeTo(JsonGenerator json, int index) {
        ItemTexts.Text text = texts.of(ranked.get(index).entry(), day);
        json.writeRawValue(begin(index));
        json.writeRaw(text.first());
        json.writeRaw(middle(index));
        json.writeRaw(text.rest());
        json.writeRaw('}');
    }

    /**
     * A tag for an answer with these items (RFC 9110, 8.8.3): another one when anything in them is another, and the same in each process. Nothing has to be written for it.
     *
     * @param beside what else is in the answer
     */
    String tag(String beside) {
        StringBuilder content = new StringBuilder(beside).append('\n');
        for (int n = 0; n < size(); n++) {
            content.append(begin(n))
                    .append(middle(n))
                    .append(texts.of(ranked.get(n).entry(), day).print().hex())
                    .append('\n');
        }
        return ContentTags.of(content.toString().getBytes(StandardCharsets.UTF_8));
    }

    private String begin(int index) {
        return "{\"rank\":" + ranked.get(index).rank();
    }

    /** What does not belong to the entry. */
    private String middle(int index) {
        Entry entry = ranked.get(index).entry();
        @Nullable Line noted = open.get(entry.id());
        BacklogItem.@Nullable WaivedBy waiver = BacklogItem.WaivedBy.of(waived.get(entry.id()));
        return (noted == null ? "" : ",\"openedAt\":" + ModelJson.write(noted.openedAt()))
                + ",\"reopened\":"
                + (noted == null ? 0 : noted.reopened())
                + (waiver == null ? "" : ",\"waiver\":" + ModelJson.write(waiver));
    }

    /** Writes the same as is written of a list of items. */
    static final class Writer extends StdSerializer<BacklogItems> {

        Writer() {
            super(BacklogItems.class);
        }

        @Override
        public void serialize(BacklogItems items, JsonGenerator json, SerializationContext context) {
            json.writeStartArray(items, items.size());
            for (int n = 0; n < items.size(); n++) {
                items.writeTo(json, n);
            }
            json.writeEndArray();
        }
    }
}
