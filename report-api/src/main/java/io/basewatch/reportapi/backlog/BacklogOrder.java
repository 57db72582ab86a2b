package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.reportapi.web.BadParameterException;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/** What a list of entries may be sorted by. What is the same in that comes in the order of benefit, then of ids, so that the order is the same each time. */
@SuppressWarnings("ImmutableEnumChecker")
enum BacklogOrder {
    SCORE(Entry::score),
    BENEFIT(entry -> entry.benefit().total()),
    /** The least first. */
    EFFORT(entry -> -entry.effort().total()),
    IMAGES(Entry::images),
    TAGS(Entry::tags),
    REPOSITORIES(Entry::repositories);

    /** Of a place in such a list, as a regular expression. */
    static final String KEY = "[0-9.E-]{1,24}_[0-9.E-]{1,24}_" + BacklogController.ID;

    private final ToDoubleFunction<Entry> value;
    private final Comparator<Entry> comparator;

    BacklogOrder(ToDoubleFunction<Entry> value) {
        this.value = value;
        this.comparator = Comparator.comparingDouble(value)
                .reversed()
                .thenComparing(Comparator.comparingDouble(
                                (Entry entry) -> entry.benefit().total())
                        .reversed())
                .thenComparing(Entry::id);
    }

    Comparator<Entry> comparator() {
        return comparator;
    }

    /** The place of an entry. */
    String key(Entry entry) {
        return value.applyAsDouble(entry) + "_" + entry.benefit().total() + "_" + entry.id();
    }

    /**
     * Whether an entry comes behind a place, wherever the one that gave it is by now.
     *
     * @param key matches {@link #KEY}
     */
    Predicate<Entry> isBehind(String key) {
        String[] parts = key.split("_", 3);
        double first;
        double benefit;
        try {
            first = Double.parseDouble(parts[0]);
            benefit = Double.parseDouble(parts[1]);
        } catch (NumberFormatException e) {
            throw new BadParameterException(
                    "after", "backlog:" + key, "the value from 'next' of the page before, or leave it out");
        }
        return entry -> {
            double its = value.applyAsDouble(entry);
            if (its != first) {
                return its < first;
            }
            return entry.benefit().total() != benefit
                    ? entry.benefit().total() < benefit
                    : entry.id().compareTo(parts[2]) > 0;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
