package io.basewatch.reportapi.image;

import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.ReportJson;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.lineage.Member.CaveatKey;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.std.StdSerializer;

/**
 * Writes an image's line, character by character what the mapper makes of its fields: with a thousand of them on a page, finding out about those took longer than all else. How long a release is
 * supported is written once for all lines of an answer that say it.
 */
final class ItemSerializer extends StdSerializer<ImageItem> {

    ItemSerializer() {
        super(ImageItem.class);
    }

    @Override
    public void serialize(ImageItem item, JsonGenerator json, SerializationContext context) {
        Answer answer = answer(context);
        put(item, answer);
        answer.line().writeTo(json);
    }

    private record Answer(JsonText line, Map<Support, String> supports) {}

    private static Answer answer(SerializationContext context) {
        if (context.getAttribute(Answer.class) instanceof Answer answer) {
            return answer;
        }
        Answer answer = new Answer(new JsonText(), new IdentityHashMap<>());
        context.setAttribute(Answer.class, answer);
        return answer;
    }

    private static void put(ImageItem item, Answer answer) {
        JsonText line = answer.line();
        line.put("{\"reference\":");
        line.text(item.reference());
        line.put(",\"references\":");
        references(line, item.references());
        line.put(",\"referenceCount\":");
        line.number(item.referenceCount());
        line.put(",\"digest\":");
        line.text(item.digest().toString());
        text(line, ",\"platform\":", item.platform());
        line.put(",\"status\":");
        line.text(item.status());
        ImageItem.Release distro = item.distro();
        if (distro != null) {
            line.put(",\"distro\":{\"id\":");
            line.text(distro.id());
            text(line, ",\"version\":", distro.version());
            text(line, ",\"codename\":", distro.codename());
            text(line, ",\"variant\":", distro.variant());
            line.put("}");
        }
        text(line, ",\"libc\":", item.libc());
        if (item.support() != null) {
            line.put(",\"support\":");
            line.put(answer.supports().computeIfAbsent(item.support(), ReportJson::write));
        }
        if (item.caveats() != null) {
            line.put(",\"caveats\":");
            caveats(line, item.caveats());
        }
        if (item.created() != null) {
            line.put(",\"created\":");
            line.time(item.created());
        }
        if (item.analyzedAt() != null) {
            line.put(",\"analyzedAt\":");
            line.time(item.analyzedAt());
        }
        if (item.compressedBytes() != null) {
            line.put(",\"compressedBytes\":");
            line.number(item.compressedBytes());
        }
        line.put("}");
    }

    /** Without making a text of each, of which there are ten thousand on a page. */
    private static void references(JsonText line, List<ImageReference> references) {
        line.put("[");
        for (int i = 0; i < references.size(); i++) {
            line.put(i == 0 ? "" : ",");
            ImageReference reference = references.get(i);
            if (reference.tag() == null || reference.digest() != null) {
                line.text(reference.toString());
            } else {
                Repository repository = reference.repository();
                line.text(repository.registry(), "/", repository.name(), ":", reference.tag());
            }
        }
        line.put("]");
    }

    private static void caveats(JsonText line, ImageItem.Caveats caveats) {
        line.put("{\"certain\":");
        line.number(caveats.certain());
        line.put(",\"risk\":");
        line.number(caveats.risk());
        line.put(",\"info\":");
        line.number(caveats.info());
        CaveatKey worst = caveats.worst();
        if (worst != null) {
            line.put(",\"worst\":{\"id\":");
            line.text(worst.id());
            text(line, ",\"kind\":", worst.kind());
            text(line, ",\"severity\":", worst.severity());
            line.put("}");
        }
        line.put("}");
    }

    /** @param value written as its {@code toString}; null for none */
    private static void text(JsonText line, String name, @Nullable Object value) {
        if (value != null) {
            line.put(name);
            line.text(value.toString());
        }
    }
}
