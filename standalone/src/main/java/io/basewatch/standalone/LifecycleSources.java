package io.basewatch.standalone;

import io.basewatch.fleetmodel.JsonTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** A dataset of support dates that takes in what files of its sources say. Which file is a product's is told by the sources that its rows name. */
final class LifecycleSources {

    private static final int MAX_FILE = 4 << 20;
    private static final int MAX_FILES = 10_000;

    private static final Pattern NAMED = Pattern.compile("products/([a-z0-9-]+)\\.md");
    private static final Pattern DAY = Pattern.compile("\\d{4}-\\d{2}-\\d{2}");

    /** What may stand before a release's number there and not here. */
    private static final List<String> PREFIXES = List.of("", "v");

    private final ObjectNode root;
    private final @Nullable String revision;
    private final LocalDate readOn;
    private final List<String> remarks = new ArrayList<>();

    LifecycleSources(byte[] dataset, @Nullable String revision, LocalDate readOn) {
        this.root = (ObjectNode) new JsonTree(16).read(dataset);
        this.revision = revision;
        this.readOn = readOn;
    }

    /**
     * Takes in what is in the folder.
     *
     * @return what was passed over, for people
     * @throws IOException when nothing is there, or a file cannot be read or is not what its name says
     */
    List<String> read(Path folder) throws IOException {
        Map<String, String> productByFile = productByFile();
        int taken = 0;
        for (Path file : files(folder)) {
            String name = String.valueOf(file.getFileName());
            String product = productByFile.get(name);
            if (product != null) {
                update(product, "endoflife-date/endoflife.date products/" + name + at() + " (MIT)", endOfLife(file));
                taken++;
            } else if (name.equals("debian.csv") || name.equals("ubuntu.csv")) {
                update(
                        name.substring(0, name.indexOf('.')),
                        "Debian package distro-info-data" + (revision == null ? "" : " " + revision) + " (" + name
                                + ")",
                        distroInfo(file));
                taken++;
            }
        }
        if (taken == 0) {
            throw new IOException("--from " + folder + " has no file of a source: debian.csv, ubuntu.csv, "
                    + productByFile.keySet().stream().sorted().limit(3).collect(Collectors.joining(", ")) + " …");
        }
        root.put("generated", readOn.toString());
        return List.copyOf(remarks);
    }

    private String at() {
        return revision == null ? "" : " @ " + revision;
    }

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder, 8)) {
            List<Path> files = all.filter(Files::isRegularFile)
                    .sorted()
                    .limit(MAX_FILES + 1)
                    .toList();
            if (files.size() > MAX_FILES) {
                throw new IOException("--from " + folder + " has more than " + MAX_FILES + " files");
            }
            return files;
        } catch (UncheckedIOException e) {
            throw new IOException("--from " + folder + " cannot be read", e);
        }
    }

    private Map<String, String> productByFile() {
        Map<String, String> products = new LinkedHashMap<>();
        root.path("products").forEachEntry((product, node) -> {
            for (JsonNode row : node.path("cycles")) {
                Matcher named = NAMED.matcher(row.path("source").asString(""));
                if (named.find()) {
                    products.put(named.group(1) + ".md", product);
                }
            }
        });
        return products;
    }

    /** A release as a source tells it: our fields' names to dates or false; absent where it says nothing. */
    private record Told(String name, @Nullable String codename, Map<String, Object> fields) {}

    private static String text(Path file) throws IOException {
        if (Files.size(file) > MAX_FILE) {
            throw new IOException(file + " has more than " + MAX_FILE + " bytes");
        }
        return Files.readString(file, StandardCharsets.UTF_8);
    }

    private List<Told> endOfLife(Path file) throws IOException {
        String[] parts = text(file).split("(?m)^---\\s*$", 3);
        if (parts.length < 3) {
            throw new IOException(file + " is no page of endoflife.date: nothing stands between two lines of ---");
        }
        Object page;
        try {
            page = yaml().load(parts[1]);
        } catch (YAMLException e) {
            throw new IOException(file + " is no page of endoflife.date: " + e.getMessage(), e);
        }
        if (!(page instanceof Map<?, ?> map) || !(map.get("releases") instanceof List<?> releases)) {
            throw new IOException(file + " is no page of endoflife.date: it has no list 'releases'");
        }
        List<Told> told = new ArrayList<>();
        for (Object each : releases) {
            if (!(each instanceof Map<?, ?> release) || release.get("releaseCycle") == null) {
                throw new IOException(file + ": a release has no 'releaseCycle'");
            }
            String name = String.valueOf(release.get("releaseCycle"));
            Map<String, Object> fields = new LinkedHashMap<>();
            put(fields, "release", file, name, release.get("releaseDate"));
            put(fields, "eoas", file, name, release.get("eoas"));
            put(fields, "security_support_end", file, name, release.get("eol"));
            put(fields, "extended_end", file, name, release.get("eoes"));
            if (release.get("latest") instanceof String latest && !latest.isBlank()) {
                fields.put("latest", latest);
            }
            told.add(new Told(name, null, fields));
        }
        return told;
    }

    /** Everything as it is written: no number, no date, no truth. */
    private static Yaml yaml() {
        LoaderOptions options = new LoaderOptions();
        DumperOptions dumping = new DumperOptions();
        return new Yaml(new SafeConstructor(options), new Representer(dumping), dumping, options, new Resolver() {
            @Override
            protected void addImplicitResolvers() {}
        });
    }

    private void put(Map<String, Object> fields, String field, Path file, String name, @Nullable Object value)
            throws IOException {
        String text = value == null ? "" : value.toString().strip();
        if (text.isEmpty() || text.equals("null") || text.equals("~")) {
            return;
        }
        if (text.equals("false")) {
            fields.put(field, false);
        } else if (text.equals("true")) {
            remarks.add(
                    file + ": " + name + " has come to its end (" + field + "), the day is not told; left as it is");
        } else if (DAY.matcher(text).matches()) {
            fields.put(field, text);
        } else {
            throw new IOException(file + ": release " + name + ": '" + text + "' is neither a day nor false");
        }
    }

    private List<Told> distroInfo(Path file) throws IOException {
        List<String> lines = text(file).lines().filter(line -> !line.isBlank()).toList();
        List<String> heads = lines.isEmpty() ? List.of() : List.of(lines.get(0).split(",", -1));
        if (!heads.containsAll(List.of("version", "series", "release", "eol"))) {
            throw new IOException(
                    file + " is not of distro-info-data: its first line lacks version, series, release or eol");
        }
        List<Told> told = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            String[] cells = line.split(",", -1);
            Map<String, String> row = new LinkedHashMap<>();
            for (int n = 0; n < Math.min(cells.length, heads.size()); n++) {
                row.put(heads.get(n), cells[n].strip());
            }
            String series = row.getOrDefault("series", "");
            String version = row.getOrDefault("version", "").replace(" LTS", "");
            String name = version.isEmpty() ? series : version;
            Map<String, Object> fields = new LinkedHashMap<>();
            put(fields, "release", file, name, row.get("release"));
            put(fields, "active_support_end", file, name, row.get("eol"));
            String free = row.getOrDefault("eol-lts", "");
            put(fields, "security_support_end", file, name, free.isEmpty() ? row.get("eol") : free);
            put(fields, "extended_end", file, name, row.getOrDefault("eol-elts", row.get("eol-esm")));
            put(fields, "legacy_end", file, name, row.get("eol-legacy"));
            told.add(new Told(name, series, fields));
        }
        return told;
    }

    private void update(String product, String source, List<Told> releases) throws IOException {
        if (!(root.path("products").path(product).path("cycles") instanceof ArrayNode rows) || rows.isEmpty()) {
            throw new IOException("the dataset has no product '" + product + "' to bring up to date");
        }
        List<ObjectNode> came = new ArrayList<>();
        for (Told told : releases) {
            ObjectNode row = row(rows, told.name());
            if (row != null) {
                apply(row, rows, told, source);
            } else if (isNewer(rows, told)) {
                row = JsonNodeFactory.instance.objectNode();
                row.put("cycle", told.name().matches("v\\d.*") ? told.name().substring(1) : told.name());
                if (told.codename() != null) {
                    row.put("codename", told.codename());
                }
                apply(row, rows, told, source);
                came.add(row);
            } else {
                remarks.add(product + " " + told.name()
                        + " is not in the dataset and not newer than what is: add it by hand if images stand on it");
            }
        }
        for (int n = 0; n < came.size(); n++) {
            rows.insert(n, came.get(n));
        }
    }

    private static @Nullable ObjectNode row(ArrayNode rows, String name) {
        for (JsonNode row : rows) {
            String cycle = row.path("cycle").asString();
            for (String prefix : PREFIXES) {
                if (name.equals(prefix + cycle) || (name + ".0").equals(prefix + cycle)) {
                    return (ObjectNode) row;
                }
            }
        }
        return null;
    }

    private static boolean isNewer(ArrayNode rows, Told told) {
        String newest = "";
        for (JsonNode row : rows) {
            String released = row.path("release").asString("");
            newest = released.compareTo(newest) > 0 ? released : newest;
        }
        return told.fields().get("release") instanceof String released && released.compareTo(newest) > 0;
    }

    /** A row says what its source says now, in the form that the product's rows have; what the source leaves out stays. */
    private void apply(ObjectNode row, ArrayNode rows, Told told, String source) {
        Map<String, Object> fields = new LinkedHashMap<>(told.fields());
        Object active = fields.remove("eoas");
        if (active != null) {
            fields.put("active_support_end", active);
        } else if (!fields.containsKey("active_support_end")
                && isOneDay(row.has("security_support_end") ? row : dated(rows))) {
            Object ends = fields.get("security_support_end");
            if (ends != null) {
                fields.put("active_support_end", ends);
            }
        }
        fields.forEach((field, value) -> {
            if (value instanceof Boolean open) {
                row.put(field, open);
            } else {
                row.put(field, value.toString());
            }
        });
        for (String offer : List.of("extended", "legacy")) {
            if (row.has(offer + "_end") && !row.has(offer + "_name")) {
                for (JsonNode other : rows) {
                    if (other.has(offer + "_name")) {
                        row.set(offer + "_name", other.get(offer + "_name"));
                        break;
                    }
                }
            }
        }
        row.put("source", source);
        row.put("data_date", readOn.toString());
        row.put("confirmed", true);
    }

    /** The newest one that has an end. */
    private static JsonNode dated(ArrayNode rows) {
        return rows.valueStream()
                .filter(row -> row.has("security_support_end"))
                .findFirst()
                .orElse(rows);
    }

    /** Whether full support and free fixes end on the same day there. */
    private static boolean isOneDay(JsonNode row) {
        return row.has("active_support_end") && row.get("active_support_end").equals(row.get("security_support_end"));
    }

    /** One release on each line, so that people can compare two of them. */
    String write() {
        StringBuilder text = new StringBuilder("{");
        String gap = "\n ";
        for (Map.Entry<String, JsonNode> each : root.properties()) {
            text.append(gap).append(name(each.getKey()));
            gap = ",\n ";
            if (each.getKey().equals("products")) {
                text.append(each.getValue().properties().stream()
                        .map(product -> "\n  " + name(product.getKey()) + product(product.getValue()))
                        .collect(Collectors.joining(",", "{", "\n }")));
            } else {
                text.append(each.getValue());
            }
        }
        return text.append("\n}\n").toString();
    }

    private static String product(JsonNode product) {
        return product.properties().stream()
                .map(each -> "\n   " + name(each.getKey())
                        + (each.getKey().equals("cycles") ? rows(each.getValue()) : each.getValue()))
                .collect(Collectors.joining(",", "{", "\n  }"));
    }

    private static String rows(JsonNode rows) {
        return rows.valueStream()
                .map(row -> "\n    "
                        + row.properties().stream()
                                .map(field -> name(field.getKey()) + field.getValue())
                                .collect(Collectors.joining(", ", "{", "}")))
                .collect(Collectors.joining(",", "[", "\n   ]"));
    }

    private static String name(String name) {
        return JsonNodeFactory.instance.stringNode(name) + ": ";
    }
}
