package io.basewatch.ociregistry;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;

/**
 * How long a registry asks to be left alone. Source of the format: RFC 9110, §10.2.3, with the dates of §5.6.7: the preferred one and the two obsolete ones that a recipient must
 * understand.
 */
final class RetryAfter {

    private static final Duration LONGEST = Duration.ofDays(1);

    /** What follows the day of the week, which says nothing new. */
    private static final String PREFERRED = "d MMM uuuu HH:mm:ss";

    private static final String ASCTIME = "MMM d HH:mm:ss uuuu";

    private RetryAfter() {}

    /** What an answer asks for, by the clock of who gave it. */
    static Duration of(Answer answer) {
        return parse(answer.header("Retry-After"), clock(answer.header("Date"), Instant.now()));
    }

    /**
     * What time it is where an answer comes from, as points in time that it names are meant by that clock.
     *
     * @param date the answer's, empty for none
     * @param ours where it says none that can be read
     */
    static Instant clock(String date, Instant ours) {
        String text = date.trim();
        try {
            return text.isEmpty() || text.length() > 64 ? ours : date(text, ours);
        } catch (DateTimeException e) {
            return ours;
        }
    }

    /** At most a day; zero when absent, malformed or past. */
    static Duration parse(String value, Instant now) {
        String text = value.trim();
        if (text.isEmpty() || text.length() > 64) {
            return Duration.ZERO;
        }
        try {
            Duration asked = text.chars().allMatch(c -> c >= '0' && c <= '9')
                    ? Duration.ofSeconds(Math.min(Long.parseLong(text), LONGEST.toSeconds()))
                    : Duration.between(now, date(text, now));
            return asked.isNegative() ? Duration.ZERO : asked.compareTo(LONGEST) > 0 ? LONGEST : asked;
        } catch (NumberFormatException | DateTimeException | ArithmeticException e) {
            return Duration.ZERO;
        }
    }

    private static Instant date(String text, Instant now) {
        String[] words = text.replace(',', ' ').trim().split("\\s+");
        String rest = String.join(" ", List.of(words).subList(1, words.length));
        String inUtc = rest.replaceFirst("(?i) (GMT|UTC|\\+0000)$", "");
        LocalDateTime date;
        if (words.length > 1 && words[1].indexOf('-') >= 0) {
            date = LocalDateTime.parse(inUtc, twoDigitYears(now));
        } else {
            boolean monthFirst = words.length > 1 && Character.isLetter(words[1].charAt(0));
            date = LocalDateTime.parse(
                    inUtc,
                    formatter().appendPattern(monthFirst ? ASCTIME : PREFERRED).toFormatter(Locale.ENGLISH));
        }
        return date.toInstant(ZoneOffset.UTC);
    }

    /** A year that seems to be more than 50 years ahead is one of the past with the same digits. */
    private static DateTimeFormatter twoDigitYears(Instant now) {
        int earliest = now.atOffset(ZoneOffset.UTC).getYear() - 49;
        return formatter()
                .appendPattern("d-MMM-")
                .appendValueReduced(ChronoField.YEAR, 2, 4, earliest)
                .appendPattern(" HH:mm:ss")
                .toFormatter(Locale.ENGLISH);
    }

    private static DateTimeFormatterBuilder formatter() {
        return new DateTimeFormatterBuilder().parseCaseInsensitive();
    }
}
