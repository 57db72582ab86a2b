package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the image's environment has loaded into every process. */
final class PreloadRules {

    private static final List<String> DIRECTORIES = List.of("lib", "usr/local/lib", "usr/lib");
    private static final List<String> AGENTS =
            List.of("LD_PRELOAD", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64", "CORECLR_PROFILER_PATH_ARM64");

    /**
     * One word of LD_PRELOAD.
     *
     * @param found where the loader finds it; null when it does not
     */
    record Entry(String name, @Nullable String found) {}

    private PreloadRules() {}

    static Rule table() {
        return new RuleTable(
                "preload/1",
                List.of(
                        RuleTable.Row.musl("php-iconv-preload-workaround", PreloadRules::workaround),
                        RuleTable.Row.musl("php-iconv-preload-broken", PreloadRules::broken),
                        RuleTable.Row.musl("go-ld-preload-constructors", PreloadRules::go),
                        RuleTable.Row.musl("dotnet-profiler-agents", PreloadRules::agents)));
    }

    /** Of LD_PRELOAD: words between blanks and colons; those without a slash are looked for like libraries. */
    static List<Entry> entries(Traits traits) {
        return traits.env("LD_PRELOAD").stream()
                .flatMap(value -> Arrays.stream(value.split("[\\s:]+")))
                .filter(word -> !word.isEmpty() && word.indexOf('$') < 0 && word.indexOf('*') < 0)
                .map(word -> new Entry(word, where(traits, word).orElse(null)))
                .toList();
    }

    private static Optional<String> where(Traits traits, String word) {
        if (word.contains("/")) {
            return traits.image().find(word).map(entry -> entry.path());
        }
        List<String> directories = new ArrayList<>();
        traits.env("LD_LIBRARY_PATH").ifPresent(path -> directories.addAll(List.of(path.split("[:\\n]+"))));
        // Which loader, and so which file, is not worth a guess: any will do.
        traits.image()
                .list("etc")
                .filter(entry ->
                        entry.name().startsWith("ld-musl-") && entry.name().endsWith(".path"))
                .flatMap(entry -> traits.image().text(entry.path()).stream())
                .forEach(text -> directories.addAll(List.of(text.split("[:\\n]+"))));
        directories.addAll(DIRECTORIES);
        return directories.stream()
                .map(directory -> directory + "/" + word)
                .flatMap(path -> traits.image().find(path).stream())
                .map(entry -> entry.path())
                .findFirst();
    }

    private static List<Sighting> workaround(Traits traits, String rule) {
        return entries(traits).stream()
                .filter(entry -> entry.name().contains("preloadable_libiconv") && entry.found() != null)
                .map(entry -> Sighting.info(
                        "GNU libiconv is preloaded into every process of the container (" + entry.name()
                                + "): iconv works, and the setting must go when the base changes to glibc",
                        List.of(
                                traits.evidence(String.valueOf(entry.found()), null, rule),
                                traits.ofEnv("LD_PRELOAD", rule))))
                .limit(1)
                .toList();
    }

    private static List<Sighting> broken(Traits traits, String rule) {
        List<String> missing = entries(traits).stream()
                .filter(entry -> entry.found() == null)
                .map(Entry::name)
                .toList();
        if (missing.isEmpty()) {
            return List.of();
        }
        boolean iconv = missing.stream().anyMatch(name -> name.contains("libiconv"));
        return List.of(Sighting.certain(
                Severity.HIGH,
                "LD_PRELOAD names " + String.join(", ", missing)
                        + ", which the image does not have: musl goes on without a word, and "
                        + (iconv
                                ? "PHP's iconv is libc's again, which refuses //TRANSLIT and //IGNORE"
                                : "what it was preloaded for is off"),
                List.of(traits.ofEnv("LD_PRELOAD", rule))));
    }

    private static List<Sighting> go(Traits traits, String rule) {
        if (entries(traits).isEmpty()) {
            return List.of();
        }
        List<ElfFile> programs = traits.image().elfFiles().all().stream()
                .filter(file -> file.outline().origin().go() != null
                        && file.outline().interpreter() != null
                        && traits.isForThisMachine(file))
                .toList();
        return Evidences.risks(
                traits,
                rule,
                Severity.LOW,
                "what LD_PRELOAD brings is loaded into "
                        + Evidences.named(programs, "a Go program", "Go programs")
                        + ", but its constructors may never run there: an agent would be silently inactive",
                programs);
    }

    /** A verdict of the loader itself, where there is one, is told by {@link LoadFailures}. */
    private static List<Sighting> agents(Traits traits, String rule) {
        List<Evidence> evidence = new ArrayList<>();
        boolean everyProcess = false;
        for (String variable : AGENTS) {
            String value = traits.env(variable).orElse("");
            for (String word : value.split("[\\s:]+")) {
                ElfFile agent = word.isEmpty()
                        ? null
                        : traits.image().elfFiles().find(word).orElse(null);
                if (agent != null
                        && agent.outline().builtFor() == Libc.Family.GLIBC
                        && agent.outline().origin().libc() == null
                        && !agent.name().startsWith("libgcompat")) {
                    evidence.add(traits.evidence(agent, variable + "=" + word, rule));
                    everyProcess |= variable.equals("LD_PRELOAD");
                }
            }
        }
        return evidence.isEmpty()
                ? List.of()
                : List.of(new Sighting(
                        Kind.RISK,
                        Severity.HIGH,
                        "an agent built for glibc (" + evidence.get(0).path() + ") is loaded into processes on musl: "
                                + (everyProcess
                                        ? "each of them fails at start"
                                        : "the profiler is silently not loaded"),
                        evidence,
                        evidence.size(),
                        null));
    }
}
