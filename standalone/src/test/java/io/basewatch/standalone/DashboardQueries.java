package io.basewatch.standalone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/**
 * Every question that dashboards and alert rules ask Prometheus, held against the metrics that a scrape really has. Needs nothing but the files and the scrapes' text.
 */
final class DashboardQueries {

    /** Prometheus' own, and the labels it puts on whatever it scrapes. */
    private static final Set<String> SYNTHETIC = Set.of("up");

    private static final Set<String> TARGET_LABELS = Set.of("job", "instance");

    /**
     * @param where file and panel or rule
     * @param labelsShown labels that a legend or an annotation wants to show
     */
    record Query(String where, String expression, Set<String> labelsShown) {

        /** The metric that a recording rule makes of it; such names have a colon. */
        Optional<String> recorded() {
            String name = where.substring(where.lastIndexOf(' ') + 1);
            return name.startsWith("basewatch:") ? Optional.of(name) : Optional.empty();
        }
    }

    /** A metric asked for with the labels it must have. */
    record Need(String metric, Set<String> labels) {}

    private final List<Query> queries;

    private DashboardQueries(List<Query> queries) {
        this.queries = List.copyOf(queries);
    }

    /** Reads all *.json (Grafana dashboards) and all *.yml with rule groups below the folder. */
    static DashboardQueries below(Path folder) {
        List<Query> queries = new ArrayList<>();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String name = folder.relativize(file).toString();
                if (name.endsWith(".json") || name.endsWith(".yml")) {
                    // JSON is YAML enough for reading it.
                    Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
                    collect(name, document, queries);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new DashboardQueries(queries);
    }

    static DashboardQueries of(Query... queries) {
        return new DashboardQueries(List.of(queries));
    }

    List<Query> all() {
        return queries;
    }

    Set<String> metrics() {
        Set<String> metrics = new TreeSet<>();
        queries.forEach(query -> needs(query.expression()).forEach(need -> metrics.add(need.metric())));
        return metrics;
    }

    /**
     * What is asked for and does not exist; empty when all is well.
     *
     * @param metricPrefix only metrics that begin so are held against the scrapes
     * @param scrapes texts in Prometheus' exposition format, of one or several services
     */
    List<String> problems(String metricPrefix, String... scrapes) {
        Map<String, Set<String>> labelsByMetric = labelsByMetric(scrapes);
        for (Query query : queries) {
            query.recorded().ifPresent(name -> labelsByMetric.put(name, keptLabels(query.expression())));
        }
        List<String> problems = new ArrayList<>();
        for (Query query : queries) {
            List<Need> needs = needs(query.expression());
            if (needs.isEmpty()) {
                problems.add(query.where() + ": asks for no metric: " + query.expression());
            }
            Set<String> reachable = new HashSet<>(TARGET_LABELS);
            boolean allChecked = true;
            for (Need need : needs) {
                if (SYNTHETIC.contains(need.metric())) {
                    continue;
                }
                if (!need.metric().startsWith(metricPrefix)) {
                    allChecked = false;
                    continue;
                }
                Set<String> labels = labelsByMetric.get(need.metric());
                if (labels == null) {
                    problems.add(query.where() + ": metric '" + need.metric() + "' does not exist");
                    allChecked = false;
                    continue;
                }
                reachable.addAll(labels);
                for (String label : need.labels()) {
                    if (!labels.contains(label) && !TARGET_LABELS.contains(label)) {
                        problems.add(query.where() + ": metric '" + need.metric() + "' has no label '" + label
                                + "', it has " + new TreeSet<>(labels));
                    }
                }
            }
            Set<String> kept = keptLabels(query.expression());
            for (String label : query.labelsShown()) {
                if (allChecked && !(kept.isEmpty() ? reachable : kept).contains(label)) {
                    problems.add(query.where() + ": shows label '" + label + "', which its query does not keep");
                }
            }
        }
        return problems;
    }

    // --- files

    @SuppressWarnings("unchecked")
    private static void collect(String where, Object node, List<Query> queries) {
        if (node instanceof Map<?, ?> map) {
            String here = where;
            for (String name : List.of("title", "alert", "record", "refId")) {
                if (map.get(name) instanceof String text) {
                    here = here + " › " + text;
                }
            }
            if (map.get("expr") instanceof String expression) {
                Set<String> shown = new LinkedHashSet<>();
                matches("\\{\\{\\s*(\\w+)\\s*}}", String.valueOf(map.get("legendFormat")), shown);
                matches("\\$labels\\.(\\w+)", String.valueOf(map.get("annotations")), shown);
                queries.add(new Query(here, expression, shown));
            }
            if (map.get("definition") instanceof String definition) {
                queries.add(new Query(here + " › " + map.get("name"), definition, Set.of()));
            }
            for (Object child : ((Map<Object, Object>) map).values()) {
                collect(here, child, queries);
            }
        } else if (node instanceof List<?> list) {
            list.forEach(child -> collect(where, child, queries));
        }
    }

    private static void matches(String pattern, String text, Set<String> into) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        while (matcher.find()) {
            into.add(matcher.group(1));
        }
    }

    // --- scrapes

    private static final Pattern SAMPLE = Pattern.compile("^([a-zA-Z_:][\\w:]*)(?:\\{(.*)})?\\s+\\S+.*$");

    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_]\\w*)=\"(?:[^\"\\\\]|\\\\.)*\"");

    private static Map<String, Set<String>> labelsByMetric(String... scrapes) {
        Map<String, Set<String>> labels = new HashMap<>();
        for (String scrape : scrapes) {
            scrape.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                Matcher sample = SAMPLE.matcher(line);
                if (sample.matches()) {
                    Set<String> names = labels.computeIfAbsent(sample.group(1), name -> new HashSet<>());
                    if (sample.group(2) != null) {
                        Matcher label = LABEL.matcher(sample.group(2));
                        while (label.find()) {
                            names.add(label.group(1));
                        }
                    }
                }
            });
        }
        return labels;
    }

    // --- PromQL: only as much of it as says which metrics and labels are asked for

    private static final Pattern TOKEN = Pattern.compile("\"(?:[^\"\\\\]|\\\\.)*\"|'(?:[^'\\\\]|\\\\.)*'|\\[[^\\]]*]"
            + "|[a-zA-Z_:$][\\w:$]*|\\d[\\w.]*|=~|!~|!=|>=|<=|==|\\S");

    private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][\\w:]*");

    private static final Set<String> WORDS = Set.of(
            "and",
            "or",
            "unless",
            "bool",
            "offset",
            "by",
            "without",
            "on",
            "ignoring",
            "group_left",
            "group_right",
            "inf",
            "nan");

    private static final Set<String> LABEL_LISTS =
            Set.of("by", "without", "on", "ignoring", "group_left", "group_right");

    /** The metrics of a PromQL expression or of Grafana's {@code label_values(metric, label)}, each with the labels it is matched, grouped or joined by. */
    static List<Need> needs(String expression) {
        List<String> tokens = tokens(expression);
        Map<Integer, Need> needs = new LinkedHashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            String token = tokens.get(i);
            if (LABEL_LISTS.contains(token) && is(tokens, i + 1, "(")) {
                i = closing(tokens, i + 1);
            } else if (token.equals("label_values") && is(tokens, i + 1, "(")) {
                Need need = new Need(
                        tokens.get(i + 2), new LinkedHashSet<>(Set.of(tokens.get(closing(tokens, i + 1) - 1))));
                needs.put(i + 2, need);
                i = closing(tokens, i + 1);
            } else if (NAME.matcher(token).matches() && !WORDS.contains(token) && !isCall(tokens, i)) {
                Need need = new Need(token, new LinkedHashSet<>());
                needs.put(i, need);
                if (is(tokens, i + 1, "{")) {
                    int end = closing(tokens, i + 1);
                    for (int at = i + 2; at < end; at++) {
                        if (NAME.matcher(tokens.get(at)).matches()
                                && !tokens.get(at).startsWith("\"")) {
                            need.labels().add(tokens.get(at));
                        }
                    }
                    i = end;
                }
            }
        }
        addGroupings(tokens, needs);
        return List.copyOf(needs.values());
    }

    /** {@code sum by (a) (x)} and {@code sum(x) by (a)} ask label a of x; {@code on} and {@code ignoring} ask it of every metric of the expression. */
    private static void addGroupings(List<String> tokens, Map<Integer, Need> needs) {
        for (int i = 0; i < tokens.size(); i++) {
            String word = tokens.get(i);
            if (!LABEL_LISTS.contains(word) || word.equals("without") || !is(tokens, i + 1, "(")) {
                continue;
            }
            int end = closing(tokens, i + 1);
            List<String> labels = tokens.subList(i + 2, end).stream()
                    .filter(token -> !token.equals(","))
                    .toList();
            int from = 0;
            int to = tokens.size();
            if (word.equals("by")) {
                boolean before = is(tokens, end + 1, "(");
                from = before ? end + 1 : opening(tokens, i - 1);
                to = before ? closing(tokens, end + 1) : i;
            } else if (!word.equals("on")) {
                continue;
            }
            for (Map.Entry<Integer, Need> need : needs.entrySet()) {
                if (need.getKey() >= from && need.getKey() < to) {
                    need.getValue().labels().addAll(labels);
                }
            }
        }
    }

    /** Labels that survive the outermost groupings; empty when there are none. */
    private static Set<String> keptLabels(String expression) {
        Set<String> kept = new HashSet<>();
        List<String> tokens = tokens(expression);
        for (int i = 0; i < tokens.size(); i++) {
            if (tokens.get(i).equals("by") && is(tokens, i + 1, "(")) {
                kept.addAll(tokens.subList(i + 2, closing(tokens, i + 1)));
            }
        }
        return kept;
    }

    private static List<String> tokens(String expression) {
        List<String> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(expression);
        while (matcher.find()) {
            tokens.add(matcher.group());
        }
        return tokens;
    }

    private static boolean isCall(List<String> tokens, int i) {
        return is(tokens, i + 1, "(")
                || ((is(tokens, i + 1, "by") || is(tokens, i + 1, "without")) && is(tokens, i + 2, "("));
    }

    private static boolean is(List<String> tokens, int i, String token) {
        return i >= 0 && i < tokens.size() && tokens.get(i).equals(token);
    }

    private static int closing(List<String> tokens, int open) {
        int depth = 0;
        for (int i = open; i < tokens.size(); i++) {
            String token = tokens.get(i);
            depth += token.equals("(") || token.equals("{") ? 1 : 0;
            depth -= token.equals(")") || token.equals("}") ? 1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("no closing bracket in: " + String.join(" ", tokens));
    }

    private static int opening(List<String> tokens, int close) {
        int depth = 0;
        for (int i = close; i >= 0; i--) {
            String token = tokens.get(i);
            depth += token.equals(")") || token.equals("}") ? 1 : 0;
            depth -= token.equals("(") || token.equals("{") ? 1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new IllegalArgumentException("no opening bracket in: " + String.join(" ", tokens));
    }
}
