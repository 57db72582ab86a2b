package io.basewatch.fingerprint.distro;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A pattern of a table's row, compiled when something is first held against it: most rows of a table are of files that an image does not have, and compiling all of them takes a JVM that
 * has just begun eleven milliseconds, before it reads the first byte of an image. Thread-safe.
 */
final class LatePattern {

    private final String text;
    private volatile @Nullable Pattern compiled;

    LatePattern(String text) {
        this.text = text;
        // In tests all of them are.
        assert Pattern.compile(text) != null;
    }

    /** Whether it has a group of that name. */
    boolean names(String group) {
        return text.contains("(?<" + group + ">");
    }

    /**
     * @throws PatternSyntaxException when it is no pattern: the table is ours
     */
    Matcher matcher(CharSequence held) {
        Pattern pattern = compiled;
        if (pattern == null) {
            pattern = Pattern.compile(text);
            compiled = pattern;
        }
        return pattern.matcher(held);
    }
}
