package io.basewatch.reportapi.web;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A place in a list, opaque to clients: what is in it may change.
 *
 * @param list the list it belongs to; a cursor of another one is refused
 * @param key of the last item seen; null at the beginning
 */
public record Cursor(String list, @Nullable String key) {

    private static final int MAX_LENGTH = 1024;

    /**
     * @param after as {@link #write} gave it; null for the beginning
     * @param isKey whether a text can be a key of that list
     * @throws BadParameterException when it is none of this list's cursors
     */
    public static Cursor read(String list, @Nullable String after, Predicate<String> isKey) {
        if (after == null) {
            return new Cursor(list, null);
        }
        String text = decoded(after);
        if (text != null && text.startsWith(list + ":")) {
            String key = text.substring(list.length() + 1);
            if (isKey.test(key)) {
                return new Cursor(list, key);
            }
        }
        throw new BadParameterException("after", after, "the value from 'next' of the page before, or leave it out");
    }

    private static @Nullable String decoded(String after) {
        if (after.length() > MAX_LENGTH) {
            return null;
        }
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(after);
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (IllegalArgumentException | CharacterCodingException e) {
            return null;
        }
    }

    String write(String lastKey) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString((list + ":" + lastKey).getBytes(StandardCharsets.UTF_8));
    }
}
