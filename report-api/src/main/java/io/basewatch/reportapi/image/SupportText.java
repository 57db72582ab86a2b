package io.basewatch.reportapi.image;

import io.basewatch.fleetmodel.Support;
import java.io.StringWriter;
import java.util.IdentityHashMap;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.ser.std.StdSerializer;

/** Writes what is written of how long a release is supported, once for all images of a list that are of one. */
final class SupportText extends StdSerializer<Support> {

    SupportText() {
        super(Support.class);
    }

    @Override
    public void serialize(Support support, JsonGenerator json, SerializationContext context) {
        json.writeRawValue(written(context).texts().computeIfAbsent(support, each -> text(each, context)));
    }

    /** Of this answer. */
    private static Written written(SerializationContext context) {
        if (context.getAttribute(Written.class) instanceof Written written) {
            return written;
        }
        Written written = new Written(new IdentityHashMap<>());
        context.setAttribute(Written.class, written);
        return written;
    }

    private record Written(IdentityHashMap<Support, SerializableString> texts) {}

    private static SerializableString text(Support support, SerializationContext context) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = context.tokenStreamFactory().createGenerator(context, text)) {
            context.findValueSerializer(Support.class).serialize(support, json, context);
        }
        return new SerializedString(text.toString());
    }
}
