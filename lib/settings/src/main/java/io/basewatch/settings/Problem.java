package io.basewatch.settings;

import org.jspecify.annotations.Nullable;

/**
 * Something is wrong with a setting.
 *
 * @param key as it is written, such as {@code basewatch.registries[0].user}
 * @param place where it stands, such as {@code basewatch.yaml:12}; null when nobody knows
 * @param text what is wrong and what would do; never a secret
 */
public record Problem(String key, @Nullable String place, String text) {

    /** A message that may quote an address, without the password that may be in it. */
    public static String withoutSecrets(String message) {
        return message.replaceAll("://[^\\n]*@", "://***@");
    }

    /** In one line. */
    @Override
    public String toString() {
        return (place == null ? "" : place + ": ") + key + " " + text;
    }
}
