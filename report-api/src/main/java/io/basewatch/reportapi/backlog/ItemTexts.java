package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.fleetmodel.Digest;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.json.JsonMapper;

/**
 * What entries look like in JSON, but for what belongs to who asks and when: an entry never changes, and writing it is most of what a long list costs. Kept as long as an entry stands and there
 * is room, by what was asked for last. Thread-safe.
 */
final class ItemTexts {

    private static final long MOST_BYTES = 16 << 20;
    private static final int PART_OF_HEAP = 32;

    /** Once as characters, once as bytes; and what holds them. */
    private static final int COPIES = 2;

    private static final int BESIDE = 400;

    /** What stands before and between the two parts; names of fields cannot be taken for texts, in which quotes are escaped. */
    private static final String BEFORE = "{\"rank\":0";

    private static final String BETWEEN = ",\"reopened\":0";

    private final JsonMapper json;
    private final long most;
    private final Map<Key, Kept> kept = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;

    ItemTexts(JsonMapper json) {
        this(json, Math.min(MOST_BYTES, Runtime.getRuntime().maxMemory() / PART_OF_HEAP));
    }

    /** @param most bytes that are kept */
    ItemTexts(JsonMapper json, long most) {
        this.json = json;
        this.most = most;
    }

    private record Key(LocalDate day, String id) {}

    /** @param of what it was made of: another entry of that id looks different */
    private record Kept(WeakReference<Entry> of, Text text) {}

    /**
     * Fields of a {@link BacklogItem} as they stand in its JSON, each behind a comma.
     *
     * @param first those between the rank and what was noted of the entry
     * @param rest those behind what was noted and decided
     * @param print SHA-256 of both
     */
    record Text(SerializableString first, SerializableString rest, Digest print) {
        private int bytes() {
            return COPIES * (first.charLength() + rest.charLength()) + BESIDE;
        }
    }

    /** @param day of the backlog that the entry is of */
    Text of(Entry entry, LocalDate day) {
        Key key = new Key(day, entry.id());
        synchronized (kept) {
            Kept last = kept.get(key);
            if (last != null && last.of().refersTo(entry)) {
                return last.text();
            }
        }
        Text text = make(entry);
        synchronized (kept) {
            forget(kept.put(key, new Kept(new WeakReference<>(entry), text)));
            bytes += text.bytes();
            Iterator<Kept> oldest = kept.values().iterator();
            while (bytes > most) {
                forget(oldest.next());
                oldest.remove();
            }
        }
        return text;
    }

    /** About as many as are held. */
    long bytes() {
        synchronized (kept) {
            return bytes;
        }
    }

    private void forget(@Nullable Kept one) {
        bytes -= one == null ? 0 : one.text().bytes();
    }

    private Text make(Entry entry) {
        String text = json.writeValueAsString(BacklogItem.of(entry, 0, null, null));
        int between = text.indexOf(BETWEEN);
        if (!text.startsWith(BEFORE) || between < 0) {
            throw new IllegalStateException("an entry is not written in the order of its fields: " + entry.id());
        }
        return new Text(
                new SerializedString(text.substring(BEFORE.length(), between)),
                new SerializedString(text.substring(between + BETWEEN.length(), text.length() - 1)),
                Digest.sha256Of(text.getBytes(StandardCharsets.UTF_8)));
    }
}
