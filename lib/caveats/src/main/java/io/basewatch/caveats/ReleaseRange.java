package io.basewatch.caveats;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of releases, of musl or of Alpine: {@code >=1.2.4 <1.2.6}. All of its bounds must hold. A package's revision ({@code -r4}) is not part of a release; a
 * snapshot ({@code 1.2.4_git20230717}) is later than the release that it names, a preview ({@code 3.21.0_alpha20240923}) is earlier.
 */
final class ReleaseRange {

    private static final Pattern BOUND = Pattern.compile("(>=|<=|==|<|>)(\\d+(?:\\.\\d+)*)");
    private static final Pattern RELEASE = Pattern.compile("v?(\\d{1,9}(?:\\.\\d{1,9}){0,9})([^0-9.].*)?");
    private static final Pattern PREVIEW = Pattern.compile("[._-]?(?:alpha|beta|pre|rc).*");
    private static final Pattern SNAPSHOT = Pattern.compile("[._+-]?(?:git|cvs|svn|hg|p)\\d?.*");

    /** A release by its numbers, and whether it is before (-1), or after (1) the one that is so numbered. */
    private record Release(List<Integer> numbers, int shift) implements Comparable<Release> {

        static @Nullable Release parse(String text) {
            Matcher matcher = RELEASE.matcher(text.strip());
            if (!matcher.matches()) {
                return null;
            }
            List<Integer> numbers = new ArrayList<>();
            for (String part : matcher.group(1).split("\\.", -1)) {
                numbers.add(Integer.valueOf(part));
            }
            String rest = matcher.group(2) == null ? "" : matcher.group(2);
            int shift = PREVIEW.matcher(rest).matches()
                    ? -1
                    : SNAPSHOT.matcher(rest).matches() ? 1 : 0;
            return new Release(numbers, shift);
        }

        @Override
        public int compareTo(Release other) {
            for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
                int compared = Integer.compare(number(i), other.number(i));
                if (compared != 0) {
                    return compared;
                }
            }
            return Integer.compare(shift, other.shift);
        }

        private int number(int place) {
            return place < numbers.size() ? numbers.get(place) : 0;
        }
    }

    private record Bound(String sign, Release release) {
        boolean holds(Release asked) {
            int compared = asked.compareTo(release);
            return switch (sign) {
                case ">=" -> compared >= 0;
                case "<=" -> compared <= 0;
                case "<" -> compared < 0;
                case ">" -> compared > 0;
                default -> compared == 0;
            };
        }
    }

    private final String text;
    private final List<Bound> bounds;

    private ReleaseRange(String text, List<Bound> bounds) {
        this.text = text;
        this.bounds = bounds;
    }

    /** @throws IllegalArgumentException when it is no range; the empty text is the range of all */
    static ReleaseRange parse(String text) {
        List<Bound> bounds = new ArrayList<>();
        for (String part : text.isBlank() ? new String[0] : text.strip().split("\\s+")) {
            Matcher matcher = BOUND.matcher(part);
            Release release = matcher.matches() ? Release.parse(matcher.group(2)) : null;
            if (release == null) {
                throw new IllegalArgumentException(
                        "'" + text + "' is no range of releases: write bounds such as '>=1.2.4 <1.2.6'");
            }
            bounds.add(new Bound(matcher.group(1), release));
        }
        return new ReleaseRange(text, List.copyOf(bounds));
    }

    boolean isAll() {
        return bounds.isEmpty();
    }

    /** False for a version that is no release's: of that nothing is known. */
    boolean holds(String version) {
        Release asked = Release.parse(version);
        return asked != null && bounds.stream().allMatch(bound -> bound.holds(asked));
    }

    /** Negative when the first is the older one; 0 when they are one release, or one of them is none. */
    static int compare(String version, String other) {
        Release first = Release.parse(version);
        Release second = Release.parse(other);
        return first == null || second == null ? 0 : first.compareTo(second);
    }

    @Override
    public String toString() {
        return text;
    }
}
