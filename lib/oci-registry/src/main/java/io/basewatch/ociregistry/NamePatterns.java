package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.NamePattern;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which names are watched: those that one of {@code include} matches (all, when it is empty) and none of {@code exclude} does.
 * What stars and question marks stand for: {@link NamePattern}.
 */
public final class NamePatterns {

    public static final NamePatterns ALL = new NamePatterns(null, null);

    private final List<String> include;
    private final List<String> exclude;
    private final List<NamePattern> included;
    private final List<NamePattern> excluded;

    /**
     * @param include null or empty: all
     * @param exclude null or empty: none
     * @throws IllegalArgumentException when a pattern is empty
     */
    public NamePatterns(@Nullable List<String> include, @Nullable List<String> exclude) {
        this.include = include == null ? List.of() : List.copyOf(include);
        this.exclude = exclude == null ? List.of() : List.copyOf(exclude);
        this.included = this.include.stream().map(NamePatterns::compile).toList();
        this.excluded = this.exclude.stream().map(NamePatterns::compile).toList();
    }

    public List<String> include() {
        return include;
    }

    public List<String> exclude() {
        return exclude;
    }

    public boolean accepts(String name) {
        return (included.isEmpty() || matches(included, name)) && !matches(excluded, name);
    }

    /** Whether {@code include} lists names, not patterns: then nobody needs to be asked what there is. */
    public boolean isPlainNames() {
        return !include.isEmpty()
                && include.stream().noneMatch(pattern -> pattern.indexOf('*') >= 0 || pattern.indexOf('?') >= 0);
    }

    /**
     * The namespaces to which all that is included belongs: the first segments, of a kind that nests them all literal ones but the last.
     *
     * @throws IllegalArgumentException when there is none, or a pattern begins with a wildcard
     */
    List<String> namespaces(RegistryKind kind) {
        Set<String> namespaces = new LinkedHashSet<>();
        for (String pattern : include) {
            String literal = pattern.replaceFirst("[*?].*$", "");
            int slash =
                    kind == RegistryKind.GITLAB && !isPlainNames() ? literal.lastIndexOf('/') : literal.indexOf('/');
            if (slash <= 0) {
                throw new IllegalArgumentException("repositories.include '" + pattern + "' of a registry of kind "
                        + kind.word() + " names no namespace; write it as 'acme/**'");
            }
            namespaces.add(literal.substring(0, slash));
        }
        if (namespaces.isEmpty()) {
            throw new IllegalArgumentException(
                    "a registry of kind " + kind.word()
                            + " lists no repositories but those of a namespace; name it under repositories.include, as 'acme/**'");
        }
        return List.copyOf(namespaces);
    }

    private static boolean matches(List<NamePattern> patterns, String name) {
        return patterns.stream().anyMatch(pattern -> pattern.matches(name));
    }

    private static NamePattern compile(String glob) {
        if (glob.isBlank()) {
            throw new IllegalArgumentException("a pattern of names is empty; leave the line out to watch all names");
        }
        return NamePattern.of(glob);
    }

    /** Whether the same is written, in the same order. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NamePatterns patterns
                && include.equals(patterns.include)
                && exclude.equals(patterns.exclude);
    }

    @Override
    public int hashCode() {
        return 31 * include.hashCode() + exclude.hashCode();
    }

    @Override
    public String toString() {
        return "include " + (include.isEmpty() ? "all" : include) + ", exclude "
                + (exclude.isEmpty() ? "none" : exclude);
    }
}
