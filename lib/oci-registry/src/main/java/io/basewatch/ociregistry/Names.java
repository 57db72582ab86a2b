package io.basewatch.ociregistry;

import java.util.regex.Pattern;

/**
 * The names that may become part of an address. Source of the grammar: OCI distribution-spec, "Pulling manifests"; upper case is let through, since registries exist that have it.
 * No name that passes can leave its place in a path: no empty, {@code .} or {@code ..} segment, nothing that needs escaping.
 */
final class Names {

    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,127}");
    private static final Pattern REPOSITORY =
            Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*+(?:/[A-Za-z0-9_][A-Za-z0-9._-]*+)*+");
    private static final int MAX_REPOSITORY_CHARS = 255;

    private Names() {}

    static boolean isRepository(String name) {
        return name.length() <= MAX_REPOSITORY_CHARS
                && !name.contains("..")
                && REPOSITORY.matcher(name).matches();
    }

    static boolean isTag(String name) {
        return TAG.matcher(name).matches();
    }

    static String requireRepository(String name) {
        if (!isRepository(name)) {
            throw new IllegalArgumentException("'" + Printable.text(name) + "' is not a legal repository name");
        }
        return name;
    }

    static String requireTag(String name) {
        if (!isTag(name)) {
            throw new IllegalArgumentException("'" + Printable.text(name) + "' is not a legal tag");
        }
        return name;
    }
}
