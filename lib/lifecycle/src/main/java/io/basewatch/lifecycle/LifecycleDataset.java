package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.JsonMembers;
import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The dates: products, their cycles and how long each is supported. Form and meaning of the fields: {@code lifecycle.json}, "reading". */
record LifecycleDataset(LocalDate generated, Map<String, Product> products) {

    /** The form that this class reads; what has a higher number is left to newer versions. */
    static final int SCHEMA = 1;

    private static final int MAX_NAME = 200;

    LifecycleDataset {
        products = Collections.unmodifiableMap(new LinkedHashMap<>(products));
    }

    /** One of the distributions. Thread-safe. */
    static final class Product {

        private final String id;
        private final byte[] json;
        private volatile @Nullable Map<String, Cycle> cycles;

        private Product(String id, byte[] json) {
            this.id = id;
            this.json = json;
        }

        private Product(String id, JsonNode node) {
            this(id, new byte[0]);
            cycles = readCycles(id, node);
        }

        String id() {
            return id;
        }

        /** By name, in the dataset's order. */
        Map<String, Cycle> cycles() {
            Map<String, Cycle> read = cycles;
            if (read == null) {
                read = readCycles(id, new JsonTree(Lifecycle.MAX_DEPTH).read(json));
                cycles = read;
            }
            return read;
        }
    }

    /**
     * The end of one phase.
     *
     * @param day the last day; null when there is none or it is unknown
     * @param open the source says that no end is announced
     */
    record End(@Nullable LocalDate day, boolean open) {
        static final End UNKNOWN = new End(null, false);

        boolean isKnown() {
            return day != null || open;
        }

        /** The last day still counts. */
        boolean covers(LocalDate asked) {
            return open || (day != null && !asked.isAfter(day));
        }

        End later(End other) {
            if (open || other.day == null) {
                return this;
            }
            return day == null || other.day.isAfter(day) ? other : this;
        }
    }

    /**
     * Paid or opt-in fixes.
     *
     * @param name as the source has it
     */
    record Offer(String name, End end) {}

    /**
     * @param codename null when it has none
     * @param released first day; null when unknown
     * @param stated the phase of a release without dates; null where dates say it
     * @param offers of paid or opt-in fixes, the ordinary one before the legacy one
     */
    record Cycle(
            String name,
            @Nullable String codename,
            @Nullable LocalDate released,
            @Nullable SupportPhase stated,
            End standard,
            End security,
            List<Offer> offers,
            @Nullable String source,
            @Nullable String dataDate,
            boolean confirmed) {

        Cycle {
            offers = List.copyOf(offers);
        }

        /** The later one, where there are several. */
        End extended() {
            return offers.stream().map(Offer::end).reduce(End.UNKNOWN, End::later);
        }

        /** As seen from that day. */
        Support support(String product, LocalDate day) {
            return new Support(
                    product,
                    name,
                    phase(day),
                    released,
                    standard.day(),
                    security.day(),
                    extended().day(),
                    offers.stream()
                            .map(offer -> new Support.Extended(
                                    offer.name(), offer.end().day()))
                            .toList(),
                    attributedSource(),
                    dataDate,
                    day,
                    null,
                    null,
                    null,
                    null);
        }

        /** Of a snapshot from before the first day, of which nobody knows how long it will be supported. */
        Support unreleased(String product, LocalDate day) {
            return new Support(
                    product,
                    name,
                    SupportPhase.UNRELEASED,
                    released,
                    null,
                    null,
                    null,
                    List.of(),
                    attributedSource(),
                    dataDate,
                    day,
                    null,
                    null,
                    null,
                    null);
        }

        /** Whether its first day is known and not after that day. */
        boolean hasComeBy(LocalDate day) {
            return released != null && !day.isBefore(released);
        }

        SupportPhase phase(LocalDate day) {
            if (stated != null) {
                return stated;
            }
            if (released != null && day.isBefore(released)) {
                return SupportPhase.UNRELEASED;
            }
            if (standard.covers(day)) {
                return SupportPhase.STANDARD;
            }
            if (security.covers(day)) {
                // Where only the end of free fixes is known, nothing says that full support is over before it.
                return standard.isKnown() ? SupportPhase.LTS : SupportPhase.STANDARD;
            }
            if (!security.isKnown()) {
                return SupportPhase.UNKNOWN;
            }
            return extended().covers(day) ? SupportPhase.EXTENDED : SupportPhase.ENDED;
        }

        @Nullable
        String attributedSource() {
            if (confirmed) {
                return source;
            }
            return source == null ? "unconfirmed" : source + " (unconfirmed)";
        }
    }

    /**
     * @throws IllegalArgumentException when it is not of its form; names product, cycle, field and value
     */
    static LifecycleDataset read(byte[] json) {
        JsonNode root;
        try {
            root = new JsonTree(Lifecycle.MAX_DEPTH).read(json);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("lifecycle dataset is not JSON: " + e.getOriginalMessage(), e);
        }
        requireSchema(root.path("schema"));
        LocalDate generated = date("lifecycle dataset", "generated", root.path("generated"));
        if (generated == null) {
            throw new IllegalArgumentException("lifecycle dataset has no 'generated' date");
        }
        Map<String, Product> products = new LinkedHashMap<>();
        root.path("products").forEachEntry((id, node) -> products.put(name("product", id), new Product(id, node)));
        if (products.isEmpty()) {
            throw new IllegalArgumentException("lifecycle dataset has no 'products'");
        }
        return new LifecycleDataset(generated, products);
    }

    /**
     * As {@link #read}, of a dataset that has been read whole before: each product is read when it is asked for, as an image needs one at most.
     *
     * @throws IllegalArgumentException when it is not of its form, as far as that is seen now
     */
    static LifecycleDataset carried(byte[] json) {
        Map<String, byte[]> members = JsonMembers.of(json, "products");
        JsonTree tree = new JsonTree(Lifecycle.MAX_DEPTH);
        Map<String, Product> products = new LinkedHashMap<>();
        members.forEach((name, value) -> {
            if (name.startsWith("products/")) {
                String id = name.substring("products/".length());
                products.put(id, new Product(id, value));
            }
        });
        LocalDate generated =
                date("lifecycle dataset", "generated", tree.read(members.getOrDefault("generated", new byte[0])));
        return new LifecycleDataset(Objects.requireNonNull(generated), products);
    }

    /** A dataset without a number is of the first form. */
    private static void requireSchema(JsonNode schema) {
        if (schema.isMissingNode() || (schema.isInt() && schema.asInt() == SCHEMA)) {
            return;
        }
        if (schema.isInt() && schema.asInt() > SCHEMA) {
            throw new IllegalArgumentException(
                    "lifecycle dataset is of schema " + schema.asInt() + ", and this version knows " + SCHEMA
                            + " only: update Basewatch, or give a dataset of that schema");
        }
        throw new IllegalArgumentException(
                "lifecycle dataset: 'schema' is '" + shown(schema) + "', not the number " + SCHEMA);
    }

    /** What becomes a key or goes into answers is short. */
    private static String name(String what, String text) {
        if (text.isBlank() || text.length() > MAX_NAME) {
            throw new IllegalArgumentException("lifecycle dataset: " + what + " '"
                    + text.substring(0, Math.min(text.length(), MAX_NAME)) + "' is not 1 to " + MAX_NAME
                    + " characters");
        }
        return text;
    }

    private static String shown(JsonNode value) {
        String text = value.toString();
        return text.length() <= MAX_NAME ? text : text.substring(0, MAX_NAME) + "…";
    }

    private static Map<String, Cycle> readCycles(String id, JsonNode node) {
        boolean rolling = node.path("rolling").asBoolean(false);
        Map<String, Cycle> cycles = new LinkedHashMap<>();
        for (JsonNode row : node.path("cycles")) {
            Cycle cycle = cycle(id, rolling, row);
            if (cycles.put(cycle.name(), cycle) != null) {
                throw new IllegalArgumentException(
                        "product '" + id + "' has cycle '" + cycle.name() + "' twice: keep one");
            }
        }
        if (cycles.isEmpty()) {
            throw new IllegalArgumentException("product '" + id + "' has no cycles");
        }
        return Collections.unmodifiableMap(cycles);
    }

    private static Cycle cycle(String product, boolean rolling, JsonNode row) {
        String name = text(row.path("cycle"));
        if (name == null) {
            throw new IllegalArgumentException("a cycle of product '" + product + "' has no name ('cycle')");
        }
        String at = "product '" + product + "' cycle '" + name("cycle", name) + "'";
        String phase = text(row.path("phase"));
        Cycle cycle = new Cycle(
                name,
                text(row.path("codename")),
                date(at, "release", row.path("release")),
                phase != null ? phase(at, phase) : rolling ? SupportPhase.ROLLING : null,
                end(at, "active_support_end", row),
                end(at, "security_support_end", row),
                offers(at, row),
                text(row.path("source")),
                text(row.path("data_date")),
                row.path("confirmed").asBoolean(false));
        requireOrder(at, cycle);
        return cycle;
    }

    private static void requireOrder(String at, Cycle cycle) {
        LocalDate earlier = cycle.released();
        List<End> ends = new ArrayList<>(List.of(cycle.standard(), cycle.security()));
        cycle.offers().forEach(offer -> ends.add(offer.end()));
        for (End end : ends) {
            LocalDate day = end.day();
            if (day == null) {
                continue;
            }
            if (earlier != null && day.isBefore(earlier)) {
                throw new IllegalArgumentException(at + " ends a phase on " + day + ", before the one it follows ("
                        + earlier + "): dates go release, active, security, extended");
            }
            earlier = day;
        }
    }

    private static SupportPhase phase(String at, String text) {
        try {
            return SupportPhase.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(at + ": 'phase' is '" + text + "', which is no support phase", e);
        }
    }

    private static End end(String at, String field, JsonNode row) {
        JsonNode value = row.path(field);
        if (value.isBoolean() && !value.asBoolean()) {
            return new End(null, true);
        }
        LocalDate day = date(at, field, value);
        return day == null ? End.UNKNOWN : new End(day, false);
    }

    private static List<Offer> offers(String at, JsonNode row) {
        List<Offer> offers = new ArrayList<>();
        for (String kind : List.of("extended", "legacy")) {
            End end = end(at, kind + "_end", row);
            if (end.isKnown()) {
                String name = text(row.path(kind + "_name"));
                offers.add(new Offer(name == null ? kind + " support" : name, end));
            }
        }
        return offers;
    }

    private static @Nullable LocalDate date(String at, String field, JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        String text = text(value);
        if (text != null) {
            try {
                return day(text);
            } catch (DateTimeParseException e) {
                throw new IllegalArgumentException(
                        at + ": '" + field + "' is '" + text + "', not a date like 2026-11-21", e);
            }
        }
        throw new IllegalArgumentException(
                at + ": '" + field + "' is '" + shown(value) + "', not a date like 2026-11-21");
    }

    /** As {@link LocalDate#parse}, which takes a short run as long as all the rest of the dataset. */
    private static LocalDate day(String text) {
        if (text.length() != 10 || text.charAt(4) != '-' || text.charAt(7) != '-') {
            return LocalDate.parse(text);
        }
        int digits = 0;
        for (int n = 0; n < 10; n++) {
            char c = text.charAt(n);
            if (n != 4 && n != 7) {
                if (c < '0' || c > '9') {
                    return LocalDate.parse(text);
                }
                digits = digits * 10 + (c - '0');
            }
        }
        try {
            return LocalDate.of(digits / 10_000, digits / 100 % 100, digits % 100);
        } catch (DateTimeException e) {
            return LocalDate.parse(text);
        }
    }

    static @Nullable String text(JsonNode value) {
        return value.isString() ? value.stringValue() : null;
    }
}
