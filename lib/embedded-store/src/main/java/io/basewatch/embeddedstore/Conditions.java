package io.basewatch.embeddedstore;

import de.bwaldvogel.mongo.bson.Document;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a query demands of a field, as far as an index can use it. */
final class Conditions {

    private static final List<String> GREATER = List.of("$gt", "$gte");

    private static final List<String> LESS = List.of("$lt", "$lte");

    private static final Set<String> LOGICAL = Set.of("$and", "$or", "$nor");

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

    /**
     * What documents that were found by their {@code _id} must fulfil still. To hold each of a thousand against a thousand values costs more than to read them.
     *
     * @param query of which {@link #equalTo} knows the ids
     */
    static Document besideId(Document query) {
        Object condition = query.get("_id");
        boolean saysMore = condition instanceof Document operators && operators.size() > 1;
        if (saysMore || valuesIn(condition) == null) {
            return query;
        }
        Document rest = query.clone();
        rest.remove("_id");
        return rest;
    }

    /** The key at which a scan in the order of {@code _id} may begin: what the query's {@code $gt} or {@code $gte} says; null when it says nothing. */
    static @Nullable String firstId(Document query) {
        return keyOfId(query, GREATER);
    }

    /** The key behind which no document can match: what the query's {@code $lt} or {@code $lte} says; null when it says nothing. */
    static @Nullable String lastId(Document query) {
        return keyOfId(query, LESS);
    }

    private static @Nullable String keyOfId(Document query, List<String> operators) {
        for (Object operand : operands(query, "_id", operators)) {
            if (KeyEncoding.isExact(operand)) {
                return KeyEncoding.ofId(operand);
            }
        }
        return null;
    }

    /** The keys between which the date of a field must lie, both inclusive. */
    record Dates(String from, String to) {}

    /** Null when the query says of the field neither from nor until when. */
    static @Nullable Dates dates(Document query, String field) {
        Instant from = null;
        for (Object operand : operands(query, field, GREATER)) {
            from = operand instanceof Instant date && (from == null || date.isAfter(from)) ? date : from;
        }
        Instant to = null;
        for (Object operand : operands(query, field, LESS)) {
            to = operand instanceof Instant date && (to == null || date.isBefore(to)) ? date : to;
        }
        return from == null && to == null ? null : new Dates(KeyEncoding.fromDate(from), KeyEncoding.toDate(to));
    }

    /** What the query holds a field against with one of these operators, all of which it must fulfil. */
    private static List<Object> operands(Document query, String field, List<String> operators) {
        List<Object> found = new ArrayList<>();
        if (query.get(field) instanceof Document said) {
            for (String operator : operators) {
                Object operand = said.get(operator);
                if (operand != null) {
                    found.add(operand);
                }
            }
        }
        if (query.get("$and") instanceof Collection<?> all) {
            for (Object each : all) {
                if (each instanceof Document condition) {
                    found.addAll(operands(condition, field, operators));
                }
            }
        }
        return found;
    }

    /**
     * The fields of a document that an answer needs: those it gives, is chosen by and sorted by.
     *
     * @param projection fields that the answer gives; null or empty for all
     * @return names of the first level; null for all
     */
    static @Nullable Set<String> fieldsOf(Document query, @Nullable Document orderBy, @Nullable Document projection) {
        if (projection == null || projection.isEmpty()) {
            return null;
        }
        Set<String> fields = new HashSet<>();
        fields.add("_id");
        for (Map.Entry<String, Object> field : projection.entrySet()) {
            boolean isGiven = isTrue(field.getValue()) && field.getKey().indexOf('$') < 0;
            if (!isGiven && !(field.getKey().equals("_id") && projection.size() > 1)) {
                return null;
            }
            fields.add(root(field.getKey()));
        }
        for (String field : orderBy == null ? Set.<String>of() : orderBy.keySet()) {
            fields.add(root(field));
        }
        return addFieldsOf(query, fields) ? fields : null;
    }

    /** False where it is not known which they are. */
    private static boolean addFieldsOf(Document query, Set<String> fields) {
        for (Map.Entry<String, Object> condition : query.entrySet()) {
            String field = condition.getKey();
            if (!field.startsWith("$")) {
                fields.add(root(field));
            } else if (!LOGICAL.contains(field) || !(condition.getValue() instanceof Collection<?> all)) {
                return false;
            } else {
                for (Object each : all) {
                    if (!(each instanceof Document inner) || !addFieldsOf(inner, fields)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    private static boolean isTrue(@Nullable Object value) {
        return value instanceof Number number ? number.doubleValue() != 0 : Boolean.TRUE.equals(value);
    }

    /** {@code in} of {@code in.g}. */
    private static String root(String field) {
        int dot = field.indexOf('.');
        return dot < 0 ? field : field.substring(0, dot);
    }
}
