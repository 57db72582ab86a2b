package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.bson.Document;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a query demands of a field, as far as an index can use it. */
final class Conditions {

    private Conditions() {}

    /**
     * The values one of which the field must equal; null when the query does not say so, or says it of a value that an index does not know
     * (null, which a missing field equals too, or a document).
     */
    static @Nullable List<Object> equalTo(Document query, String field) {
        List<Object> values = valuesIn(query.get(field));
        if (values == null && query.get("$and") instanceof Collection<?> all) {
            for (Object each : all) {
                if (values == null && each instanceof Document condition) {
                    values = equalTo(condition, field);
                }
            }
        }
        return values;
    }

    private static @Nullable List<Object> valuesIn(@Nullable Object condition) {
        if (KeyEncoding.isExact(condition)) {
            return condition == null ? null : List.of(condition);
        }
        if (!(condition instanceof Document operators)) {
            return null;
        }
        if (operators.containsKey("$eq")) {
            return valuesIn(operators.get("$eq"));
        }
        if (operators.get("$in") instanceof Collection<?> in && in.stream().allMatch(KeyEncoding::isExact)) {
            return List.copyOf(in);
        }
        return null;
    }

    /** The key at which a scan in the order of {@code _id} may begin: what the query's {@code $gt} or {@code $gte} says, or the first. */
    static @Nullable String firstId(Document query) {
        if (query.get("_id") instanceof Document operators) {
            for (String operator : List.of("$gt", "$gte")) {
                if (KeyEncoding.isExact(operators.get(operator))) {
                    return KeyEncoding.ofId(operators.get(operator));
                }
            }
        }
        return null;
    }

    /** The key behind which no document can match: what the query's {@code $lt} or {@code $lte} says; null when it says nothing. */
    static @Nullable String lastId(Document query) {
        if (query.get("_id") instanceof Document operators) {
            for (String operator : List.of("$lt", "$lte")) {
                if (KeyEncoding.isExact(operators.get(operator))) {
                    return KeyEncoding.ofId(operators.get(operator));
                }
            }
        }
        return null;
    }
}
