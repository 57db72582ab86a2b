package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.GoBuild;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Runtimes on musl, but what their native parts need ({@link LoadFailures}) and Python's packages ({@link PythonPackages}). */
final class LanguageRules {

    private static final Pattern PHP = Pattern.compile("php[0-9]*|php-fpm[0-9]*|php-cgi[0-9]*");
    private static final Set<String> GO_LIBRARIES = Set.of("c-shared", "plugin");
    private static final ReleaseRange CRASHING_ERLANG = ReleaseRange.parse(">=24 <27");

    private LanguageRules() {}

    static Rule table() {
        return new RuleTable(
                "languages/1",
                List.of(
                        RuleTable.Row.musl("iconv-no-translit-ignore", LanguageRules::phpIconv),
                        RuleTable.Row.musl("php-glob-brace", LanguageRules::globBrace),
                        RuleTable.Row.musl("php-jit-alpine-3.22", LanguageRules::phpJit),
                        RuleTable.Row.musl("php-apm-libexecinfo", LanguageRules::phpAgent),
                        RuleTable.Row.musl("node-musl-experimental", LanguageRules::node),
                        RuleTable.Row.musl("grpc-native", LanguageRules::grpc),
                        RuleTable.Row.musl("go-plugin-cshared-race", LanguageRules::goLibraries),
                        RuleTable.Row.musl("rust-dynamic-musl-proc", LanguageRules::rust),
                        RuleTable.Row.musl("dotnet-icu-invariant", LanguageRules::cultures),
                        RuleTable.Row.musl("erlang-jit-beam", LanguageRules::erlang),
                        RuleTable.Row.musl("perl-threads-locale", LanguageRules::perl)));
    }

    private static List<Traits.Use> php(Traits traits) {
        return traits.uses().stream()
                .filter(use -> PHP.matcher(use.file().name()).matches()
                        && use.file().path().contains("bin/"))
                .toList();
    }

    private static List<Sighting> phpIconv(Traits traits, String rule) {
        List<Traits.Use> programs = php(traits);
        if (programs.isEmpty()) {
            return List.of();
        }
        List<Traits.Use> converting = new ArrayList<>(programs);
        traits.uses().stream()
                .filter(use -> use.file().name().equals("iconv.so")
                        && use.file().path().contains("php"))
                .forEach(converting::add);
        List<ElfFile> ofLibc = converting.stream()
                .filter(use ->
                        use.of("iconv_open") && use.needed().stream().noneMatch(name -> name.startsWith("libiconv")))
                .map(Traits.Use::file)
                .toList();
        if (ofLibc.isEmpty()) {
            return List.of();
        }
        String preloaded = PreloadRules.entries(traits).stream()
                .filter(entry -> entry.name().contains("libiconv") && entry.found() != null)
                .map(entry -> "LD_PRELOAD brings GNU libiconv (" + entry.name() + ")")
                .findFirst()
                .orElse(null);
        return List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.HIGH,
                        "PHP's iconv is musl's (" + ofLibc.get(0).path()
                                + " does not need libiconv.so.2): it refuses //TRANSLIT and //IGNORE with \"Wrong charset\"; it depends on the application whether it asks for these",
                        ofLibc)
                .mitigatedBy(preloaded));
    }

    private static List<Sighting> globBrace(Traits traits, String rule) {
        if (php(traits).isEmpty() && !traits.has("php")) {
            return List.of();
        }
        List<Evidence> evidence = traits.texts().stream()
                .filter(text ->
                        text.entry().name().endsWith(".php") && text.text().startsWith("GLOB_BRACE"))
                .map(text -> new Evidence(text.entry().path(), text.layer(), "GLOB_BRACE", rule))
                .toList();
        return evidence.isEmpty()
                ? List.of()
                : List.of(Sighting.risk(
                        Severity.MEDIUM,
                        "GLOB_BRACE is used, without asking whether it is there, by "
                                + Sighting.named(
                                        evidence.stream().map(Evidence::path).toList(), "a PHP file", "PHP files")
                                + ": on musl it is not, and PHP 8 stops with an error when that is run",
                        evidence));
    }

    private static List<Sighting> phpJit(Traits traits, String rule) {
        List<ElfFile> own = php(traits).stream()
                .map(Traits.Use::file)
                .filter(file -> !traits.isPackaged(file.path()))
                .toList();
        return own.isEmpty() || traits.env("PHP_VERSION").isPresent()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.LOW,
                        "PHP's JIT needs a special build on this Alpine, as the official images have it",
                        own));
    }

    private static List<Sighting> phpAgent(Traits traits, String rule) {
        List<ElfFile> agents = traits.uses().stream()
                .filter(use ->
                        use.file().name().startsWith("ddtrace") && use.needed().contains("libexecinfo.so.1"))
                .map(Traits.Use::file)
                .filter(file -> traits.image().find("usr/lib/libexecinfo.so.1").isEmpty())
                .toList();
        return agents.isEmpty()
                ? List.of()
                : List.of(Evidences.of(
                        traits,
                        rule,
                        io.basewatch.fleetmodel.Caveat.Kind.CERTAIN,
                        Severity.MEDIUM,
                        "the PHP agent needs libexecinfo.so.1, which Alpine has no more: the extension does not load",
                        agents,
                        "libexecinfo.so.1"));
    }

    private static List<Sighting> node(Traits traits, String rule) {
        List<ElfFile> own = traits.image().elfFiles().all().stream()
                .filter(file -> file.name().equals("node")
                        && file.path().endsWith("bin/node")
                        && file.outline().builtFor() == Libc.Family.MUSL
                        && !traits.isPackaged(file.path()))
                .toList();
        return Evidences.notes(
                traits, rule, "Node.js for musl is an unofficial build: later than the others, and tested less", own);
    }

    private static List<Sighting> grpc(Traits traits, String rule) {
        List<ElfFile> native_ = traits.image().elfFiles().all().stream()
                .filter(file -> file.path().contains("node_modules/grpc/src/node/extension_binary/")
                        && traits.isForThisMachine(file))
                .toList();
        return native_.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.MEDIUM,
                        "npm's old native package grpc crashes on musl in reports; it is no longer maintained",
                        native_));
    }

    private static List<Sighting> goLibraries(Traits traits, String rule) {
        List<ElfFile> libraries = traits.image().elfFiles().all().stream()
                .filter(file -> {
                    GoBuild go = file.outline().origin().go();
                    return go != null && go.mode() != null && GO_LIBRARIES.contains(go.mode());
                })
                .filter(traits::isForThisMachine)
                .toList();
        return Evidences.risks(
                traits,
                rule,
                Severity.MEDIUM,
                Evidences.named(libraries, "a library in Go", "libraries in Go")
                        + ": opened late on musl, such a one can fail on its thread variables",
                libraries);
    }

    private static List<Sighting> rust(Traits traits, String rule) {
        return traits.apk()
                .named(Pattern.compile("rust|cargo|rustup"))
                .map(name -> List.of(Sighting.info(
                        "Rust for musl links statically by default: libraries and procedural macros need -C target-feature=-crt-static",
                        List.of(traits.evidence("lib/apk/db/installed", "P:" + name, rule)))))
                .orElse(List.of());
    }

    private static List<Sighting> cultures(Traits traits, String rule) {
        List<LanguageRuntime> dotnet = traits.runtimes("dotnet");
        if (dotnet.isEmpty()) {
            return List.of();
        }
        String invariant = traits.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT").orElse("");
        if (Set.of("1", "true").contains(Traits.lower(invariant))) {
            return List.of(Sighting.risk(
                    Severity.MEDIUM,
                    "the image sets .NET's invariant mode: cultures are not there for parsing, formatting and sorting",
                    List.of(traits.ofEnv("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", rule))));
        }
        if (traits.apk().isEmpty()) {
            return List.of();
        }
        for (String name : List.of("icu-libs", "icu-data-full")) {
            boolean isSplit =
                    traits.alpine() == null || ReleaseRange.parse(">=3.16").holds(traits.alpine());
            if (!traits.apk().has(name) && (name.equals("icu-libs") || isSplit)) {
                return List.of(Sighting.risk(
                        Severity.MEDIUM,
                        ".NET is there and " + name + " is not: "
                                + (name.equals("icu-libs")
                                        ? "an application starts in invariant mode only"
                                        : "only a few locales have data"),
                        dotnet.get(0).evidence()));
            }
        }
        return List.of();
    }

    private static List<Sighting> erlang(Traits traits, String rule) {
        return traits.runtimes("erlang").stream()
                .filter(runtime -> runtime.version() != null && CRASHING_ERLANG.holds(runtime.version()))
                .map(runtime -> Sighting.risk(
                        Severity.MEDIUM,
                        "Erlang " + runtime.version() + " crashed on Alpine " + traits.alpine()
                                + " in reports of users",
                        runtime.evidence()))
                .toList();
    }

    private static List<Sighting> perl(Traits traits, String rule) {
        List<LanguageRuntime> perl = traits.runtimes("perl");
        return perl.isEmpty()
                ? List.of()
                : List.of("LC_ALL", "LANG").stream()
                        .filter(variable -> traits.env(variable)
                                .filter(value -> !value.matches("(?i)C|POSIX|C\\.UTF-?8"))
                                .isPresent())
                        .map(variable -> Sighting.risk(
                                Severity.LOW,
                                "Perl with threads panicked over locales on Alpine in reports, and the image sets "
                                        + variable,
                                List.of(traits.ofEnv(variable, rule))))
                        .limit(1)
                        .toList();
    }
}
