package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A repository of one registry.
 *
 * @param registry host and, where it is not the scheme's own, port: {@code registry.example.com:5000}
 * @param name the path below the registry, as the registry spells it: {@code library/alpine}
 */
public record Repository(String registry, String name) implements Comparable<Repository> {

    public Repository {
        if (registry.isEmpty() || registry.indexOf('/') >= 0) {
            throw new IllegalArgumentException("registry '" + registry + "' is not host[:port]");
        }
        if (name.isEmpty()) {
            throw new IllegalArgumentException("repository of registry '" + registry + "' has an empty name");
        }
    }

    /**
     * @throws IllegalArgumentException when the text is not {@code host[:port]/name}
     */
    @JsonCreator
    public static Repository parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("repository '" + text + "' is not registry/name");
        }
        return new Repository(text.substring(0, slash), text.substring(slash + 1));
    }

    /** Whether this is {@link #toString} of it, without making that. */
    public boolean isWritten(String text) {
        int slash = registry.length();
        return text.length() == slash + 1 + name.length()
                && text.charAt(slash) == '/'
                && text.startsWith(registry)
                && text.endsWith(name);
    }

    @Override
    public int compareTo(Repository other) {
        // Most of those that are compared are of one registry, and there are very many of them.
        return registry.equals(other.registry)
                ? name.compareTo(other.name)
                : toString().compareTo(other.toString());
    }

    @JsonValue
    @Override
    public String toString() {
        return registry + "/" + name;
    }
}
