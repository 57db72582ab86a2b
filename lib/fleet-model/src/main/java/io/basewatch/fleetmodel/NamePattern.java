package io.basewatch.fleetmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * A pattern of names. {@code *} stands for any characters but {@code /}, {@code **} for any at all, {@code ?} for one but {@code /}; everything else for itself.
 */
public final class NamePattern {

    private final String glob;
    private final Pattern regex;

    private NamePattern(String glob, Pattern regex) {
        this.glob = glob;
        this.regex = regex;
    }

    /**
     * @throws IllegalArgumentException when it is blank
     */
    public static NamePattern of(String glob) {
        if (glob.isBlank()) {
            throw new IllegalArgumentException("a pattern of names is empty");
        }
        StringBuilder regex = new StringBuilder();
        for (int i = 0; i < glob.length(); i++) {
            char c = glob.charAt(i);
            if (c == '*' && i + 1 < glob.length() && glob.charAt(i + 1) == '*') {
                regex.append(".*");
                i++;
            } else if (c == '*') {
                regex.append("[^/]*");
            } else if (c == '?') {
                regex.append("[^/]");
            } else {
                regex.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return new NamePattern(glob, Pattern.compile(regex.toString(), Pattern.DOTALL));
    }

    /**
     * Those of a configured entry.
     *
     * @param key of the entry, for messages
     * @throws IllegalArgumentException when one is empty, naming it
     */
    public static List<NamePattern> ofEntry(String key, List<String> repositories) {
        List<NamePattern> patterns = new ArrayList<>();
        for (String each : repositories) {
            try {
                patterns.add(of(each));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        key + ".repositories[" + patterns.size() + "] is empty: give a pattern like payments/**", e);
            }
        }
        return patterns;
    }

    public boolean matches(String name) {
        return regex.matcher(name).matches();
    }

    /** Of registry and name, or of the name alone: {@code registry.example.com/payments/**}, {@code payments/**}. */
    public boolean matches(Repository repository) {
        return matches(repository.toString()) || matches(repository.name());
    }

    /** As it was given. */
    @Override
    public String toString() {
        return glob;
    }
}
