package io.basewatch.ociregistry;

import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Of a repository's tags that are versions, so many of the highest. What is no version ({@code latest}) is none of these and is watched as well. Versions are compared as Semantic Versioning
 * 2.0.0 has it (section 11), with a {@code v} before it or fewer numbers than three: {@code 1.2} is 1.2.0, of which {@code 1.2.0-rc.1} is older. What follows a {@code +} or {@code _}
 * says nothing of the order.
 *
 * <p>By date, so many of all tags whose date is known are the newest, versions or not; what has none is watched as well.
 *
 * @param number 1 or more
 */
public record NewestTags(int number, By by) {

    public static final NewestTags ALL = new NewestTags(Integer.MAX_VALUE);

    /** What makes a tag newer than another. */
    public enum By {
        VERSION,
        /** When it came to what it points at, as the registry's interface says. */
        DATE
    }

    /** Of the versions. */
    public NewestTags(int number) {
        this(number, By.VERSION);
    }

    private static final Pattern VERSION =
            Pattern.compile("[vV]?(\\d{1,18})(?:\\.(\\d{1,18}))?(?:\\.(\\d{1,18}))?(?:-([0-9A-Za-z.-]+))?(?:[+_].*)?");

    public boolean isAll() {
        return number == Integer.MAX_VALUE;
    }

    /**
     * Those of the tags that are left out.
     *
     * @param dates of tags, as far as they are known
     */
    public Set<String> leftOut(Collection<String> tags, Map<String, Instant> dates) {
        if (by == By.VERSION) {
            return leftOut(tags);
        }
        Set<String> old = new TreeSet<>();
        tags.stream()
                .filter(dates::containsKey)
                .sorted(Comparator.comparing((String tag) -> dates.getOrDefault(tag, Instant.EPOCH))
                        .reversed()
                        .thenComparing(Comparator.reverseOrder()))
                .skip(number)
                .forEach(old::add);
        return old;
    }

    /** Those of the tags that are left out, by version. */
    Set<String> leftOut(Collection<String> tags) {
        List<Version> versions = new ArrayList<>();
        for (String tag : tags) {
            Matcher version = VERSION.matcher(tag);
            if (version.matches()) {
                versions.add(new Version(tag, version));
            }
        }
        Set<String> old = new TreeSet<>();
        versions.stream().sorted(Comparator.reverseOrder()).skip(number).forEach(version -> old.add(version.tag));
        return old;
    }

    private static final class Version implements Comparable<Version> {
        private final String tag;
        private final long[] numbers = new long[3];
        private final String before;

        Version(String tag, Matcher version) {
            this.tag = tag;
            for (int n = 0; n < 3; n++) {
                String number = version.group(n + 1);
                numbers[n] = number == null ? 0 : Long.parseLong(number);
            }
            this.before = version.group(4) == null ? "" : version.group(4);
        }

        @Override
        public int compareTo(Version other) {
            for (int n = 0; n < 3; n++) {
                if (numbers[n] != other.numbers[n]) {
                    return Long.compare(numbers[n], other.numbers[n]);
                }
            }
            int order = compareBefore(before, other.before);
            return order != 0 ? order : tag.compareTo(other.tag);
        }

        private static int compareBefore(String one, String other) {
            if (one.isEmpty() || other.isEmpty()) {
                return Boolean.compare(one.isEmpty(), other.isEmpty());
            }
            String[] ones = one.split("\\.", -1);
            String[] others = other.split("\\.", -1);
            for (int n = 0; n < Math.min(ones.length, others.length); n++) {
                int order = comparePart(ones[n], others[n]);
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(ones.length, others.length);
        }

        private static int comparePart(String one, String other) {
            boolean isNumber = one.matches("\\d+");
            boolean isOtherNumber = other.matches("\\d+");
            if (isNumber && isOtherNumber) {
                return new BigInteger(one).compareTo(new BigInteger(other));
            }
            return isNumber == isOtherNumber ? one.compareTo(other) : isNumber ? -1 : 1;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Version version && tag.equals(version.tag);
        }

        @Override
        public int hashCode() {
            return tag.hashCode();
        }
    }
}
