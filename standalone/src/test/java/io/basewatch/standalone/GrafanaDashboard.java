package io.basewatch.standalone;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A dashboard's file, and what Grafana would stumble over in it. */
final class GrafanaDashboard {

    /** Where links lead to the page and the API: a variable of each dashboard. */
    private static final String PAGE = "${basewatch}";

    private static final Set<String> TYPES = Set.of("row", "stat", "timeseries", "bargauge", "table");

    /** Units that this project has figures in. */
    private static final Set<String> UNITS = Set.of("short", "s", "Bps", "percentunit");

    private static final Set<String> COLORS = Set.of(
            "green",
            "light-green",
            "orange",
            "red",
            "blue",
            "light-blue",
            "purple",
            "yellow",
            "#8e8e8e",
            "semi-dark-orange");

    private static final Pattern VARIABLE = Pattern.compile("\\$\\{?([a-z]\\w*)}?");

    private final String file;
    private final JsonNode root;

    private GrafanaDashboard(String file, JsonNode root) {
        this.file = file;
        this.root = root;
    }

    static List<GrafanaDashboard> below(Path folder) throws IOException {
        List<GrafanaDashboard> all = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path each : files.sorted().toList()) {
                all.add(new GrafanaDashboard(
                        each.getFileName().toString(), JsonMapper.shared().readTree(Files.readString(each))));
            }
        }
        return all;
    }

    String title() {
        return root.path("title").asString("");
    }

    String uid() {
        return root.path("uid").asString("");
    }

    /** Paths of the page and the API that are linked to, with what Grafana fills in as it stands. */
    Set<String> pathsOfBasewatch() {
        Set<String> paths = new TreeSet<>();
        for (String url : urls(root, new LinkedHashSet<>())) {
            if (url.startsWith(PAGE)) {
                paths.add(url.substring(PAGE.length()));
            }
        }
        return paths;
    }

    private static Set<String> urls(JsonNode node, Set<String> urls) {
        if (node.isObject() && node.path("url").isString()) {
            urls.add(node.path("url").asString());
        }
        node.forEach(child -> urls(child, urls));
        return urls;
    }

    /** What is wrong with it; empty when all is well. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        require(problems, uid().matches("basewatch-[a-z]+"), "uid '" + uid() + "'");
        require(problems, root.path("schemaVersion").asInt() >= 41, "schemaVersion");
        require(problems, !root.path("description").asString("").isBlank(), "has no description");
        require(problems, root.path("tags").toString().equals("[\"basewatch\"]"), "tags");
        require(problems, !root.has("id") || root.path("id").isNull(), "has an id of some Grafana");
        Set<String> variables = new TreeSet<>();
        for (JsonNode variable : root.at("/templating/list")) {
            String name = variable.path("name").asString("");
            require(problems, variables.add(name), "variable '" + name + "' twice");
            require(problems, !variable.path("label").asString("").isBlank(), "variable '" + name + "' has no label");
        }
        require(problems, variables.contains("basewatch"), "has no variable that says where the page is");
        for (String url : urls(root, new LinkedHashSet<>())) {
            require(problems, url.isEmpty() || url.startsWith(PAGE + "/"), "links to '" + url + "'");
        }
        panels(problems, variables);
        return problems;
    }

    private void panels(List<String> problems, Set<String> variables) {
        Set<Integer> ids = new TreeSet<>();
        Set<String> cells = new TreeSet<>();
        Set<String> titles = new TreeSet<>();
        for (JsonNode panel : root.path("panels")) {
            String title = panel.path("title").asString("");
            String type = panel.path("type").asString("");
            require(problems, ids.add(panel.path("id").asInt()), title + ": id twice");
            require(problems, !title.isBlank() && titles.add(title), "title '" + title + "' is none, or there twice");
            require(problems, TYPES.contains(type), title + ": type '" + type + "'");
            place(problems, title, panel.path("gridPos"), cells);
            if (!type.equals("row")) {
                panel(problems, title, panel, variables);
            }
        }
    }

    private void place(List<String> problems, String title, JsonNode grid, Set<String> cells) {
        int x = grid.path("x").asInt(-1);
        int y = grid.path("y").asInt(-1);
        int w = grid.path("w").asInt(0);
        int h = grid.path("h").asInt(0);
        require(problems, x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= 24, title + ": place " + grid);
        for (int column = x; column < x + w; column++) {
            for (int line = y; line < y + h; line++) {
                if (!cells.add(column + "/" + line)) {
                    problems.add(file + ": " + title + ": lies over another panel");
                    return;
                }
            }
        }
    }

    private void panel(List<String> problems, String title, JsonNode panel, Set<String> variables) {
        JsonNode defaults = panel.at("/fieldConfig/defaults");
        require(problems, !panel.path("description").asString("").isBlank(), title + ": no description");
        require(problems, UNITS.contains(defaults.path("unit").asString("")), title + ": unit");
        require(problems, isOurs(panel.path("datasource")), title + ": data source");
        JsonNode steps = defaults.at("/thresholds/steps");
        double before = Double.NEGATIVE_INFINITY;
        for (JsonNode step : steps) {
            boolean isFirst = before == Double.NEGATIVE_INFINITY;
            require(problems, step.path("value").isNull() == isFirst, title + ": first threshold");
            double value = isFirst ? -Double.MAX_VALUE : step.path("value").asDouble();
            require(problems, value > before, title + ": thresholds do not rise");
            require(problems, COLORS.contains(step.path("color").asString("")), title + ": colour " + step);
            before = value;
        }
        for (JsonNode override : panel.at("/fieldConfig/overrides")) {
            require(problems, override.at("/matcher/id").isString(), title + ": override without matcher");
        }
        Set<String> references = new TreeSet<>();
        require(problems, !panel.path("targets").isEmpty(), title + ": asks nothing");
        for (JsonNode target : panel.path("targets")) {
            require(problems, references.add(target.path("refId").asString("")), title + ": refId twice");
            require(problems, isOurs(target.path("datasource")), title + ": data source of a query");
            Matcher used = VARIABLE.matcher(target.path("expr").asString(""));
            while (used.find()) {
                require(problems, variables.contains(used.group(1)), title + ": variable " + used.group());
            }
        }
    }

    /** Of names that mean something (phases, statuses, kinds of caveats, C libraries) the colour each has in this dashboard. */
    TreeMap<String, Set<String>> colorsByName() {
        TreeMap<String, Set<String>> colors = new TreeMap<>();
        for (JsonNode panel : root.path("panels")) {
            for (JsonNode override : panel.at("/fieldConfig/overrides")) {
                for (JsonNode property : override.path("properties")) {
                    if (property.path("id").asString("").equals("color")) {
                        colors.computeIfAbsent(override.at("/matcher/options").asString(""), name -> new TreeSet<>())
                                .add(property.at("/value/fixedColor").asString(""));
                    }
                }
            }
        }
        return colors;
    }

    private static boolean isOurs(JsonNode source) {
        return source.path("uid").asString("").equals("basewatch-prometheus");
    }

    private void require(List<String> problems, boolean holds, String what) {
        if (!holds) {
            problems.add(file + ": " + what);
        }
    }
}
