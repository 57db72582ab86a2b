package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.lifecycle.LifecycleDataset.Cycle;
import io.basewatch.lifecycle.LifecycleDataset.Product;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The way from what an image says of itself to a product's cycle. Form and meaning of the fields: {@code releases.json}. */
final class LifecycleMapping {

    private static final Pattern NO_WORD = Pattern.compile("[^\\p{L}\\p{N}-]");

    /** Versions longer than this are nobody's: they come from images and are hostile until shown otherwise. */
    private static final int MAX_VERSION = 64;

    private static final Pattern NUMBERS = Pattern.compile("[vV]?(\\d{1,9})(?:\\.(\\d{1,9}))?(?:\\.\\d{1,14})*");

    private final Map<String, List<Entry>> entriesById;

    private LifecycleMapping(Map<String, List<Entry>> entriesById) {
        this.entriesById = entriesById;
    }

    /**
     * What an image's names lead to.
     *
     * @param cycle null when the product is known and the release is not
     * @param prerelease the image is a snapshot from before the cycle's first day
     */
    record Release(String product, @Nullable Cycle cycle, boolean prerelease) {}

    /** Empty when no product answers to that id. */
    Optional<Release> release(
            String id, @Nullable String version, @Nullable String codename, @Nullable String variant) {
        String kind = variant == null ? "" : variant.toLowerCase(Locale.ROOT);
        String asked = version == null || version.length() > MAX_VERSION ? null : version;
        for (Entry entry : entriesById.getOrDefault(id.toLowerCase(Locale.ROOT), List.of())) {
            if (entry.variants.isEmpty() || entry.variants.contains(kind)) {
                return Optional.of(entry.release(new Names(asked, firstWord(codename), kind)));
            }
        }
        return Optional.empty();
    }

    /** {@code Trusty Tahr} and {@code trusty} are one. */
    private static @Nullable String firstWord(@Nullable String codename) {
        if (codename == null || codename.isBlank()) {
            return null;
        }
        return NO_WORD.split(codename.strip(), 2)[0].toLowerCase(Locale.ROOT);
    }

    private record Names(@Nullable String version, @Nullable String codename, String variant) {}

    private record Entry(Product product, Set<String> variants, boolean codenameConfirms, List<Rule> rules) {

        Release release(Names names) {
            for (Rule rule : rules) {
                Cycle cycle = rule.cycle(names, product);
                if (cycle != null) {
                    return contradicts(names, cycle)
                            ? new Release(product.id(), null, false)
                            : new Release(product.id(), cycle, rule.prerelease);
                }
            }
            return new Release(product.id(), null, false);
        }

        void requireCycles() {
            for (Rule rule : rules) {
                for (String cycle : rule.fixedCycles()) {
                    if (!product.cycles().containsKey(cycle)) {
                        throw new IllegalArgumentException("release mapping of '" + product.id() + "' leads to cycle '"
                                + cycle + "', which the dataset does not have");
                    }
                }
            }
        }

        private boolean contradicts(Names names, Cycle cycle) {
            if (!codenameConfirms || names.version() == null || names.codename() == null || cycle.codename() == null) {
                return false;
            }
            return !names.codename().equals(firstWord(cycle.codename()))
                    && product.cycles().values().stream()
                            .anyMatch(other -> names.codename().equals(firstWord(other.codename())));
        }
    }

    private record Rule(
            Kind kind,
            Set<String> variants,
            @Nullable Pattern pattern,
            String cycle,
            Map<String, String> versions,
            boolean prerelease) {

        @Nullable
        Cycle cycle(Names names, Product product) {
            if (!variants.isEmpty() && !variants.contains(names.variant())) {
                return null;
            }
            if (kind == Kind.CODENAME) {
                return names.version() != null || names.codename() == null
                        ? null
                        : product.cycles().values().stream()
                                .filter(each -> names.codename().equals(firstWord(each.codename())))
                                .findFirst()
                                .orElse(null);
            }
            String taken = taken(names);
            if (taken == null) {
                return null;
            }
            return product.cycles().get(cycle.replace("{}", versions.getOrDefault(taken, taken)));
        }

        /** Those that it names itself. */
        List<String> fixedCycles() {
            List<String> cycles = new ArrayList<>(versions.values());
            if (!cycle.contains("{}")) {
                cycles.add(cycle);
            }
            return cycles;
        }

        /** What stands for {@code {}} in the cycle's name; null when the rule does not apply. */
        private @Nullable String taken(Names names) {
            String version = names.version();
            return switch (kind) {
                case VARIANT -> names.variant();
                case ROLLING -> "rolling";
                case EXACT -> version;
                case PATTERN ->
                    pattern != null
                                    && version != null
                                    && pattern.matcher(version).matches()
                            ? version
                            : null;
                case MAJOR -> numbers(version, 1);
                case MAJOR_MINOR -> numbers(version, 2);
                case CODENAME -> null;
            };
        }

        private static @Nullable String numbers(@Nullable String version, int count) {
            if (version == null) {
                return null;
            }
            Matcher matcher = NUMBERS.matcher(version);
            if (!matcher.matches() || (count == 2 && matcher.group(2) == null)) {
                return null;
            }
            return count == 1 ? matcher.group(1) : matcher.group(1) + "." + matcher.group(2);
        }
    }

    private enum Kind {
        EXACT,
        MAJOR,
        MAJOR_MINOR,
        CODENAME,
        PATTERN,
        VARIANT,
        ROLLING;

        static Kind parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT).replace('.', '_'));
        }
    }

    /**
     * @throws IllegalArgumentException when it is not of its form, or names a product that the dataset does not have
     */
    static LifecycleMapping read(byte[] json, LifecycleDataset dataset) {
        JsonNode root;
        try {
            root = new JsonTree(Lifecycle.MAX_DEPTH).read(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("release mapping is not JSON: " + e.getOriginalMessage(), e);
        }
        Map<String, List<Entry>> entries = new HashMap<>();
        for (JsonNode node : root.path("entries")) {
            String name = LifecycleDataset.text(node.path("product"));
            Product product = name == null ? null : dataset.products().get(name);
            if (product == null) {
                throw new IllegalArgumentException(
                        "release mapping names product '" + name + "', which the dataset does not have");
            }
            List<Rule> rules = new ArrayList<>();
            for (JsonNode rule : node.path("rules")) {
                rules.add(rule(product, rule));
            }
            Entry entry = new Entry(
                    product,
                    texts(node.path("variants")),
                    node.path("codename_confirms").asBoolean(false),
                    List.copyOf(rules));
            for (String id : texts(node.path("ids"))) {
                entries.computeIfAbsent(id, key -> new ArrayList<>()).add(entry);
            }
        }
        return new LifecycleMapping(entries);
    }

    /** @throws IllegalArgumentException when a rule leads to a cycle that the dataset does not have */
    void requireCycles() {
        for (List<Entry> entries : entriesById.values()) {
            for (Entry entry : entries) {
                entry.requireCycles();
            }
        }
    }

    private static Rule rule(Product product, JsonNode node) {
        String at = "release mapping of '" + product.id() + "'";
        String kindText = LifecycleDataset.text(node.path("kind"));
        String patternText = LifecycleDataset.text(node.path("pattern"));
        String cycle = LifecycleDataset.text(node.path("cycle"));
        Kind kind;
        Pattern pattern;
        try {
            kind = Kind.parse(String.valueOf(kindText));
            pattern = patternText == null ? null : Pattern.compile(patternText);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(at + ": 'pattern' is '" + patternText + "': " + e.getDescription(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(at + ": 'kind' is '" + kindText + "', which is no kind of rule", e);
        }
        String fixed = cycle == null ? (kind == Kind.ROLLING ? "rolling" : "{}") : cycle;
        Map<String, String> versions = new HashMap<>();
        node.path("versions").forEachEntry((from, to) -> versions.put(from, to.asString()));
        return new Rule(
                kind,
                texts(node.path("variants")),
                pattern,
                fixed,
                Map.copyOf(versions),
                node.path("prerelease").asBoolean(false));
    }

    private static Set<String> texts(JsonNode array) {
        Set<String> texts = new HashSet<>();
        for (JsonNode each : array) {
            texts.add(each.asString());
        }
        return Set.copyOf(texts);
    }
}
