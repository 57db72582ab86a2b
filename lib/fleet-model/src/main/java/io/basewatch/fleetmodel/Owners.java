package io.basewatch.fleetmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who owns what: entries by patterns of repositories, and entries by a label of the image, of which the first that has an answer counts.
 *
 * <p>No label counts that nobody has named. The usual ones (vendor, authors, maintainer) are handed down from a base to all that is built on it, and would make its makers the
 * owners of the fleet.
 */
public final class Owners {

    /** A label's value comes from the image. */
    private static final int MAX_NAME = 100;

    /**
     * As configured: either repositories and their owner, or a label whose value is the owner.
     *
     * @param repositories patterns, see {@link NamePattern#matches(Repository)}
     */
    public record Entry(
            @Nullable List<String> repositories,
            @Nullable String owner,
            @Nullable String label) {}

    /**
     * @param name of the owner
     * @param how for people: {@code repositories payments/**}, {@code label org.example.team}
     */
    public record Owner(String name, String how) {}

    private record Rule(
            List<NamePattern> patterns,
            @Nullable String owner,
            @Nullable String label) {

        Optional<Owner> owner(Repository repository, Map<String, String> labels) {
            if (label != null) {
                return Optional.ofNullable(labels.get(label))
                        .map(String::strip)
                        .filter(Rule::isName)
                        .map(name -> new Owner(name, "label " + label));
            }
            return patterns.stream()
                    .filter(pattern -> pattern.matches(repository))
                    .findFirst()
                    .map(pattern -> new Owner(String.valueOf(owner), "repositories " + pattern));
        }

        private static boolean isName(String text) {
            return !text.isEmpty()
                    && text.length() <= MAX_NAME
                    && text.codePoints().noneMatch(Character::isISOControl);
        }
    }

    /** Nothing is anybody's. */
    public static final Owners NONE = new Owners(List.of());

    private final List<Rule> rules;

    private Owners(List<Rule> rules) {
        this.rules = rules;
    }

    /**
     * @param entries in the order in which they are asked
     * @throws IllegalArgumentException naming key, value and what would do
     */
    public static Owners of(List<Entry> entries) {
        List<Rule> rules = new ArrayList<>();
        for (Entry entry : entries) {
            String key = "basewatch.owners[" + rules.size() + "]";
            boolean isOfLabel = entry.label() != null && !entry.label().isBlank();
            boolean isOfRepositories =
                    entry.repositories() != null && !entry.repositories().isEmpty();
            if (isOfLabel == isOfRepositories) {
                throw new IllegalArgumentException(
                        key + " has " + (isOfLabel ? "both" : "neither") + " 'repositories' "
                                + (isOfLabel ? "and" : "nor")
                                + " 'label': give patterns of repositories with their 'owner', or a label whose value is the owner");
            }
            if (isOfRepositories && (entry.owner() == null || entry.owner().isBlank())) {
                throw new IllegalArgumentException(
                        key + ".owner is missing: say whose the repositories " + entry.repositories() + " are");
            }
            if (isOfLabel && entry.owner() != null) {
                throw new IllegalArgumentException(key + ".owner is '" + entry.owner()
                        + "' beside a label: leave it out, the label's value is the owner");
            }
            rules.add(new Rule(
                    NamePattern.ofEntry(key, entry.repositories() == null ? List.of() : entry.repositories()),
                    entry.owner(),
                    isOfLabel ? entry.label() : null));
        }
        return new Owners(List.copyOf(rules));
    }

    /** Whose an image is that lies there; empty when no entry has an answer. */
    public Optional<Owner> owner(Repository repository, Map<String, String> labels) {
        return rules.stream()
                .flatMap(rule -> rule.owner(repository, labels).stream())
                .findFirst();
    }

    /** Whose a repository is: by patterns alone, as labels are images'. */
    public Optional<Owner> owner(Repository repository) {
        return owner(repository, Map.of());
    }
}
