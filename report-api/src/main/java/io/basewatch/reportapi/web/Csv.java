package io.basewatch.reportapi.web;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Values as RFC 4180 has them. What images say of themselves cannot become a formula in a spreadsheet. */
public final class Csv {

    private Csv() {}

    /** What a spreadsheet would take for a formula gets an apostrophe before it. */
    public static String cell(@Nullable Object value) {
        String text = Objects.toString(value, "");
        boolean isNumber = value instanceof Number;
        if (!isNumber && !text.isEmpty() && "=+-@\t\r".indexOf(text.charAt(0)) >= 0) {
            text = "'" + text;
        }
        return isPlain(text) ? text : "\"" + text.replace("\"", "\"\"") + "\"";
    }

    /** By hand: long lists have tens of thousands of these. */
    private static boolean isPlain(String text) {
        for (int n = 0; n < text.length(); n++) {
            if ("\",\r\n".indexOf(text.charAt(n)) >= 0) {
                return false;
            }
        }
        return true;
    }
}
