package io.basewatch.reportapi.web;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A place in a list, opaque to clients: what is in it may change.
 *
 * @param list the list it belongs to; a cursor of another one is refused
 * @param key of the last item seen; null at the beginning
 */
public record Cursor(String list, @Nullable String key) {

    /** Of the key of an image, as a regular expression. */
    public static final String DIGEST_KEY = Parameters.DIGEST;

    /** Of the key of a repository or tag, as a regular expression: registry/name, registry/name:tag. */
    public static final String NAME_KEY = "[!-.0-~\\u00A1-\\uFFFF]+/[!-~\\u00A1-\\uFFFF]+";

    public static final int MAX_LENGTH = 1024;

    /**
     * @param after as {@link #write} gave it; null for the beginning
     * @param isKey whether a text can be a key of that list
     * @throws BadParameterException when it is none of this list's cursors
     */
    public static Cursor read(String list, @Nullable String after, Predicate<String> isKey) {
        if (after == null) {
            return new Cursor(list, null);
        }
        String prefix = list + ":";
        if (after.length() <= MAX_LENGTH && after.startsWith(prefix)) {
            String key = after.substring(prefix.length());
            if (!key.isEmpty() && isKey.test(key)) {
                return new Cursor(list, key);
            }
        }
        throw new BadParameterException("after", after, "the value from 'next' of the page before, or leave it out");
    }

    String write(String lastKey) {
        return list + ":" + lastKey;
    }
}
