package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Scripts that an image starts or that PATH leads to: who runs them, and what they ask of their tools. */
final class ScriptRules {

    private static final Pattern SHEBANG = Pattern.compile("#![ \\t]*([^ \\t\\n]+)(?:[ \\t]+([^\\n]*))?");
    private static final Pattern ENV_COMMAND = Pattern.compile(
            "(?:-S[ \\t]*)?(?:[A-Za-z_][A-Za-z0-9_]*=\\S*[ \\t]+)*([A-Za-z0-9_./+-]+).*", Pattern.DOTALL);
    private static final Set<String> DISTRIBUTION = Set.of("bin", "sbin", "usr/bin", "usr/sbin");

    /** @param needs the package that has the tool; null when it is the shell itself */
    private record GnuOnly(
            Pattern text, String what, @Nullable String needs) {}

    private static final List<GnuOnly> GNU_ONLY = List.of(
            new GnuOnly(Pattern.compile("\\bgrep\\s+(?:-[A-Za-z]*\\s+)*-[A-Za-z]*P"), "grep -P", "grep"),
            new GnuOnly(Pattern.compile("\\bfind\\s[^\\n]*-printf"), "find -printf", "findutils"),
            new GnuOnly(Pattern.compile("\\bstat\\s+--printf"), "stat --printf", "coreutils"),
            new GnuOnly(
                    Pattern.compile("\\bdate\\s[^\\n]*-d\\s*[\"'][^\"'\\n]*\\bago"), "date -d '… ago'", "coreutils"),
            new GnuOnly(Pattern.compile("\\bmktemp\\s+--suffix"), "mktemp --suffix", "coreutils"),
            new GnuOnly(Pattern.compile("\\btar\\s[^\\n]*--transform"), "tar --transform", "tar"),
            new GnuOnly(
                    Pattern.compile("(?m)^\\s*(?:declare\\s+-A|mapfile\\b|readarray\\b|[A-Za-z_]\\w*=\\()"),
                    "arrays",
                    null));

    private ScriptRules() {}

    static Rule table() {
        return new RuleTable(
                "scripts/1",
                List.of(
                        RuleTable.Row.any("shebang-interpreter-missing", ScriptRules::interpreters),
                        RuleTable.Row.any("busybox-userland", ScriptRules::tools)));
    }

    private static List<Sighting> interpreters(Traits traits, String rule) {
        Set<String> directories = new HashSet<>();
        traits.image()
                .inputs()
                .searchPath()
                .forEach(directory -> traits.image().find(directory).ifPresent(entry -> directories.add(entry.path())));
        List<Evidence> first = new ArrayList<>();
        List<Evidence> others = new ArrayList<>();
        for (JudgedImage.KeptText text : traits.texts()) {
            FileEntry script = text.entry();
            boolean isFirst = traits.started().contains(script.path());
            String directory =
                    script.path().substring(0, Math.max(0, script.path().lastIndexOf('/')));
            boolean isReachable = isFirst
                    // What distributions put there may want what they recommend only.
                    || (directories.contains(directory)
                            && !DISTRIBUTION.contains(directory)
                            && !traits.isPackaged(script.path()));
            String missing = isReachable && script.isExecutable() ? missing(traits, text.text()) : null;
            if (missing != null) {
                (isFirst ? first : others).add(new Evidence(script.path(), text.layer(), missing, rule));
            }
        }
        List<Sighting> seen = new ArrayList<>();
        tell(seen, Severity.CRITICAL, "the image starts it", first);
        tell(seen, Severity.HIGH, "PATH leads to them", others);
        return seen;
    }

    private static void tell(List<Sighting> seen, Severity severity, String why, List<Evidence> scripts) {
        if (!scripts.isEmpty()) {
            String interpreter = String.valueOf(scripts.get(0).excerpt());
            seen.add(Sighting.certain(
                    severity,
                    "the first line of "
                            + Sighting.named(
                                    scripts.stream().map(Evidence::path).toList(), "a script", "scripts") + " names "
                            + interpreter.replace("\r", "") + ", which the image does not have"
                            + (interpreter.contains("\r")
                                    ? " (the line ends as in Windows, with a carriage return that belongs to the name)"
                                    : "")
                            + ": \"not found\" (exit code 127), although the script is there; rated so as " + why,
                    scripts));
        }
    }

    /** What the first line names and nothing has; null when all is there. */
    private static @Nullable String missing(Traits traits, String text) {
        Matcher shebang = SHEBANG.matcher(text);
        if (!shebang.lookingAt()) {
            return null;
        }
        String interpreter = shebang.group(1);
        if (!interpreter.startsWith("/")) {
            return null;
        }
        if (traits.image().find(interpreter).isEmpty()) {
            return interpreter;
        }
        Matcher command = ENV_COMMAND.matcher(shebang.group(2) == null ? "" : shebang.group(2));
        boolean isEnv = interpreter.endsWith("/env") && command.matches();
        return isEnv && traits.startable().where(command.group(1)).isEmpty()
                ? command.group(1) + (shebang.group(2).endsWith("\r") ? "\r" : "")
                : null;
    }

    private static List<Sighting> tools(Traits traits, String rule) {
        Optional<FileEntry> shell = traits.image().find("bin/sh");
        if (shell.isEmpty() || !shell.get().name().equals("busybox")) {
            return List.of();
        }
        List<Evidence> evidence = new ArrayList<>();
        for (JudgedImage.KeptText text : traits.texts()) {
            if (!text.text().startsWith("#!")
                    || !(traits.started().contains(text.entry().path())
                            || text.entry().name().contains("entrypoint"))) {
                continue;
            }
            boolean isAsh = text.text()
                    .lines()
                    .findFirst()
                    .orElse("")
                    .matches("#!\\s*(?:\\S*/)?(?:env\\s+)?(?:a?sh|busybox)\\b.*");
            GNU_ONLY.stream()
                    .filter(row -> row.needs == null ? isAsh : !traits.apk().has(row.needs))
                    .filter(row -> row.text.matcher(text.text()).find())
                    .findFirst()
                    .ifPresent(row -> evidence.add(new Evidence(text.entry().path(), text.layer(), row.what, rule)));
        }
        return evidence.isEmpty()
                ? List.of()
                : List.of(Sighting.risk(
                        Severity.LOW,
                        "what BusyBox does not have is used by "
                                + Sighting.named(
                                        evidence.stream().map(Evidence::path).toList(),
                                        "a start script",
                                        "start scripts")
                                + ": "
                                + evidence.get(0).excerpt(),
                        evidence));
    }
}
