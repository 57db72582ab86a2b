package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.elf.Marker;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Functions of libc that behave otherwise, told of own programs that call them; and the settings they listen to. */
final class LibcRules {

    private static final List<String> LOCALE_VARIABLES =
            List.of("LC_ALL", "LC_COLLATE", "LC_TIME", "LC_NUMERIC", "LC_MONETARY", "LC_CTYPE", "LANG");
    private static final Pattern PLAIN_LOCALE = Pattern.compile("(?i)C|POSIX|C\\.UTF-?8|en|");
    private static final Pattern NAMED_ZONE = Pattern.compile(":?([A-Z][A-Za-z_]+(?:/[A-Za-z0-9_+-]+)+)");
    private static final Pattern SAME_AS_UTC =
            Pattern.compile("Etc/(?:UTC|UCT|GMT|GMT[+-]?0|Zulu|Universal|Greenwich)");
    private static final List<String> ZONES = List.of("usr/share/zoneinfo/", "share/zoneinfo/", "etc/zoneinfo/");
    private static final Set<String> MACHINES_OF_32_BITS = Set.of("386", "arm");

    private LibcRules() {}

    static Rule table() {
        return new RuleTable(
                "libc/1",
                List.of(
                        RuleTable.Row.musl("elf-lfs64-removed", LibcRules::lfs64),
                        RuleTable.Row.musl("locale-c-utf8-only", LibcRules::locale),
                        RuleTable.Row.musl("iconv-limited-charsets", LibcRules::charsets),
                        RuleTable.Row.musl("strptime-gaps", LibcRules::strptime),
                        RuleTable.Row.musl("strptime-percent-Z-crash-1.2.6", LibcRules::strptimeCrash),
                        note("strftime-gaps", "strftime stops at %P, %k and %l", "strftime"),
                        note("tzname-semantics", "tzname is empty in zones without summer time", "tzname"),
                        note(
                                "getopt-no-permutation-short",
                                "getopt stops at the first word that is no option",
                                "getopt"),
                        note("dlclose-noop", "dlclose never unloads", "dlclose"),
                        RuleTable.Row.musl("utmp-stubs", LibcRules::loginRecords),
                        RuleTable.Row.musl("time64-32bit", LibcRules::oldTimes),
                        RuleTable.Row.musl("host-seccomp-time64", LibcRules::oldHosts),
                        RuleTable.Row.musl("crypt-no-yescrypt", LibcRules::passwords),
                        RuleTable.Row.musl("malloc-introspection-missing", LibcRules::foreignTuning),
                        RuleTable.Row.any("timezone-no-tzdata", LibcRules::zone),
                        RuleTable.Row.any("static-glibc-nss", LibcRules::staticNames)));
    }

    /** Of a function that own programs call. */
    private static RuleTable.Row note(String caveat, String what, String function) {
        return RuleTable.Row.musl(caveat, (traits, rule) -> {
            List<ElfFile> calling = traits.own(function);
            return calling.isEmpty()
                    ? List.of()
                    : List.of(Evidences.info(
                            traits,
                            rule,
                            what + "; used by "
                                    + Evidences.named(calling, "an own program", "own programs and libraries"),
                            calling));
        });
    }

    private static List<Sighting> lfs64(Traits traits, String rule) {
        List<ElfFile> old = traits.uses().stream()
                .filter(use -> !use.lfs64().isEmpty() && traits.isOwn(use.file().path()))
                .map(Traits.Use::file)
                .toList();
        return Evidences.risks(
                traits,
                rule,
                Severity.LOW,
                "names such as open64 are referred to by "
                        + Evidences.named(old, "an own object", "own objects")
                        + ": this musl maps them when it loads what is there, and the next build against it does not find them",
                old);
    }

    private static List<Sighting> locale(Traits traits, String rule) {
        for (String variable : LOCALE_VARIABLES) {
            String value = traits.env(variable).orElse("");
            if (PLAIN_LOCALE.matcher(value).matches()) {
                continue;
            }
            String messages =
                    traits.env("MUSL_LOCPATH").isPresent() && traits.apk().has("musl-locales")
                            ? "musl-locales translates messages (order and formats stay as in C)"
                            : null;
            String icu = messages == null
                            && traits.apk().has("icu-libs")
                            && traits.apk().has("icu-data-full")
                    ? "ICU with its full data is installed, for programs that use it"
                    : null;
            return List.of(Sighting.risk(
                            Severity.MEDIUM,
                            "the image sets " + variable + "=" + value
                                    + ", which musl accepts without effect: text sorts by bytes, dates and numbers look as in C",
                            List.of(traits.ofEnv(variable, rule)))
                    .mitigatedBy(messages != null ? messages : icu != null ? icu : ownLocales(traits)));
        }
        return List.of();
    }

    private static @Nullable String ownLocales(Traits traits) {
        return traits.has("java")
                ? "Java has locales of its own"
                : traits.has("node") ? "Node.js has locales of its own" : null;
    }

    private static List<Sighting> charsets(Traits traits, String rule) {
        List<ElfFile> own = traits.uses().stream()
                .filter(use -> use.of("iconv_open")
                        && use.needed().stream().noneMatch(name -> name.startsWith("libiconv"))
                        && traits.isOwn(use.file().path()))
                .map(Traits.Use::file)
                .toList();
        return own.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.MEDIUM,
                        "musl's iconv does not write GBK, Big5, EUC-KR and others, and turns what it cannot convert into *; used by "
                                + Evidences.named(own, "an own program", "own programs and libraries"),
                        own));
    }

    private static List<Sighting> strptime(Traits traits, String rule) {
        List<ElfFile> own = traits.own("strptime");
        return own.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.MEDIUM,
                        "strptime of musl " + traits.musl() + " does not read %z, %Z, %s and %F; used by "
                                + Evidences.named(own, "an own program", "own programs and libraries"),
                        own));
    }

    private static List<Sighting> strptimeCrash(Traits traits, String rule) {
        List<ElfFile> bare = new ArrayList<>();
        List<ElfFile> prepared = new ArrayList<>();
        for (Traits.Use use : traits.uses()) {
            if (use.of("strptime") && traits.isOwn(use.file().path())) {
                (use.of("tzset", "localtime", "localtime_r", "mktime") ? prepared : bare).add(use.file());
            }
        }
        String what = "strptime with %Z crashes in musl 1.2.6 when nothing has set the time zone before";
        List<Sighting> seen = new ArrayList<>();
        if (!bare.isEmpty()) {
            seen.add(Evidences.risk(traits, rule, Severity.HIGH, what, bare));
        }
        if (!prepared.isEmpty()) {
            seen.add(Evidences.risk(traits, rule, Severity.HIGH, what, prepared)
                    .mitigatedBy("these programs call functions that set it too"));
        }
        return seen;
    }

    private static List<Sighting> loginRecords(Traits traits, String rule) {
        List<ElfFile> reading = traits.own("getutxent", "pututxline", "getutent_r");
        List<Evidence> evidence = new ArrayList<>();
        reading.forEach(file -> evidence.add(traits.evidence(file, null, rule)));
        traits.image()
                .find("usr/sbin/sshd")
                .ifPresent(entry -> evidence.add(traits.evidence(entry.path(), null, rule)));
        return evidence.isEmpty() || traits.apk().has("utmps-libs")
                ? List.of()
                : List.of(Sighting.info("logins are not recorded: who and last show nothing", evidence));
    }

    private static boolean isOf32Bits(Traits traits) {
        Platform platform = traits.image().inputs().platform();
        return platform != null && MACHINES_OF_32_BITS.contains(platform.architecture());
    }

    private static List<Sighting> oldTimes(Traits traits, String rule) {
        if (!isOf32Bits(traits)) {
            return List.of();
        }
        List<ElfFile> old = traits.own(Traits.TIME32.toArray(new String[0]));
        return Evidences.risks(
                traits,
                rule,
                Severity.MEDIUM,
                "times have 32 bits, as before Alpine 3.13, in "
                        + Evidences.named(old, "an own object", "own objects")
                        + ", which must not be mixed with newer libraries",
                old);
    }

    private static List<Sighting> oldHosts(Traits traits, String rule) {
        return isOf32Bits(traits)
                ? List.of(Sighting.risk(
                        Severity.LOW,
                        "on hosts with Docker before 19.03.9 or libseccomp before 2.4.2 the 64-bit time calls of this 32-bit image are refused; the host settles it",
                        NameRules.ofLibc(traits)))
                : List.of();
    }

    /** The kept text has the methods alone, a line each. */
    private static List<Sighting> passwords(Traits traits, String rule) {
        List<String> unknown = traits.image().text("etc/shadow").stream()
                .flatMap(String::lines)
                .filter(method -> Set.of("y", "gy", "7").contains(method))
                .toList();
        return unknown.isEmpty()
                ? List.of()
                : List.of(Sighting.certain(
                        Severity.MEDIUM,
                        "passwords are hashed by a method that musl's crypt does not know ($"
                                + String.join("$, $", unknown) + "$): every check fails",
                        List.of(traits.evidence("etc/shadow", "$" + unknown.get(0) + "$", rule))));
    }

    private static List<Sighting> foreignTuning(Traits traits, String rule) {
        return Stream.of("MALLOC_ARENA_MAX", "GLIBC_TUNABLES", "MALLOC_TRIM_THRESHOLD_")
                .filter(variable -> traits.env(variable).isPresent())
                .map(variable -> Sighting.info(
                        variable + " is for glibc's malloc; musl does not read it, and nothing is tuned",
                        List.of(traits.ofEnv(variable, rule))))
                .limit(1)
                .toList();
    }

    private static List<Sighting> zone(Traits traits, String rule) {
        var named = NAMED_ZONE.matcher(traits.env("TZ").orElse(""));
        if (!named.matches()) {
            return List.of();
        }
        String zone = named.group(1);
        if (SAME_AS_UTC.matcher(zone).matches()) {
            return List.of();
        }
        boolean isThere = ZONES.stream()
                .anyMatch(directory -> traits.image().find(directory + zone).isPresent());
        Libc.Family family = traits.image().fingerprint().systemLibc().family();
        if (isThere || traits.env("TZDIR").isPresent() || family == Libc.Family.NONE) {
            return List.of();
        }
        Sighting seen = Sighting.certain(
                Severity.MEDIUM,
                "TZ is " + zone + ", and the image has no zone data for it: libc takes UTC without a word",
                List.of(traits.ofEnv("TZ", rule)));
        return List.of(seen.mitigatedBy(ownZones(traits)));
    }

    private static @Nullable String ownZones(Traits traits) {
        if (traits.has("java")) {
            return "Java has zone data of its own";
        }
        if (traits.has("node")) {
            return "Node.js has zone data of its own";
        }
        boolean python = traits.texts().stream()
                .anyMatch(text -> text.entry().path().contains("/tzdata-")
                        && text.entry().path().endsWith("/WHEEL"));
        return python ? "Python's tzdata package is installed" : null;
    }

    private static List<Sighting> staticNames(Traits traits, String rule) {
        List<ElfFile> programs = traits.image().elfFiles().all().stream()
                .filter(file -> file.outline().kind().isStatic())
                .filter(file ->
                        file.outline().has(Marker.NSS_MODULE) || file.outline().has(Marker.NSS_FILES))
                .filter(file -> LinkedLibc.linkedInto(file.outline().origin()) == Libc.Family.GLIBC)
                .filter(file -> traits.startable().isReachable(file))
                .toList();
        Optional<ElfFile> modules = programs.isEmpty()
                ? Optional.empty()
                : traits.image().elfFiles().all().stream()
                        .filter(file -> file.name().startsWith("libnss_")
                                || (file.outline().origin().libc() != null
                                        && file.outline().builtFor() == Libc.Family.GLIBC))
                        .findFirst();
        return programs.isEmpty() || modules.isPresent()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.MEDIUM,
                        Evidences.named(programs, "a static program for glibc", "static programs for glibc")
                                + " may look up names by modules of the same glibc, which the image does not have",
                        programs));
    }
}
