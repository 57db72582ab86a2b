package io.basewatch.reportapi.image;

import java.time.Instant;
import java.time.LocalDate;
import java.util.Arrays;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.io.JsonStringEncoder;

/** A value of JSON that is put together from its parts; used again for the next one. Not thread-safe. */
final class JsonText {

    private static final long SECONDS_OF_DAY = 86_400;
    private static final long YEAR_0 = LocalDate.of(0, 1, 1).toEpochDay() * SECONDS_OF_DAY;
    private static final long YEAR_10000 = LocalDate.of(10_000, 1, 1).toEpochDay() * SECONDS_OF_DAY;

    private char[] chars = new char[2048];
    private int length;

    /** Writes what was put since this was asked last. */
    void writeTo(JsonGenerator json) {
        json.writeRawValue(chars, 0, length);
        length = 0;
    }

    /** As it is: names, what stands between values, and what is JSON. */
    void put(String json) {
        int count = json.length();
        room(count);
        json.getChars(0, count, chars, length);
        length += count;
    }

    void text(String text) {
        put("\"");
        escape(text);
        put("\"");
    }

    /** As one text. */
    void text(String first, String second, String third, String fourth, String fifth) {
        put("\"");
        escape(first);
        escape(second);
        escape(third);
        escape(fourth);
        escape(fifth);
        put("\"");
    }

    private void escape(String text) {
        int from = length;
        put(text);
        for (int at = from; at < length; at++) {
            char c = chars[at];
            if (c < ' ' || c == '"' || c == '\\') {
                length = from;
                put(new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)));
                return;
            }
        }
    }

    void number(long number) {
        put(Long.toString(number));
    }

    /** {@link Instant#toString} in quotes. */
    void time(Instant time) {
        long second = time.getEpochSecond();
        if (second < YEAR_0 || second >= YEAR_10000) {
            text(time.toString());
            return;
        }
        LocalDate day = LocalDate.ofEpochDay(Math.floorDiv(second, SECONDS_OF_DAY));
        long ofDay = Math.floorMod(second, SECONDS_OF_DAY);
        put("\"");
        digits(day.getYear(), 4);
        put("-");
        digits(day.getMonthValue(), 2);
        put("-");
        digits(day.getDayOfMonth(), 2);
        put("T");
        digits(ofDay / 3600, 2);
        put(":");
        digits(ofDay / 60 % 60, 2);
        put(":");
        digits(ofDay % 60, 2);
        fraction(time.getNano());
        put("Z\"");
    }

    /** In groups of three, none where it is nothing. */
    private void fraction(int nanos) {
        if (nanos == 0) {
            return;
        }
        put(".");
        if (nanos % 1_000_000 == 0) {
            digits(nanos / 1_000_000, 3);
        } else if (nanos % 1_000 == 0) {
            digits(nanos / 1_000, 6);
        } else {
            digits(nanos, 9);
        }
    }

    /** With zeros in front. */
    private void digits(long number, int count) {
        room(count);
        long rest = number;
        for (int at = length + count - 1; at >= length; at--) {
            chars[at] = (char) ('0' + rest % 10);
            rest /= 10;
        }
        length += count;
    }

    private void room(int more) {
        if (chars.length - length < more) {
            chars = Arrays.copyOf(chars, Math.max(2 * chars.length, Math.addExact(length, more)));
        }
    }
}
