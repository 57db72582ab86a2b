package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What makes programs for glibc start on musl, and what is wrong with it. */
final class CompatRules {

    private static final Pattern FOREIGN_GLIBC = Pattern.compile("glibc|glibc-bin|glibc-i18n|glibc-dev");
    private static final List<String> LOADER_DIRECTORIES = List.of("lib", "lib64", "usr/lib", "usr/lib64");

    private CompatRules() {}

    static Rule table() {
        return new RuleTable(
                "compat/1",
                List.of(
                        RuleTable.Row.musl("glibc-on-alpine-hack", CompatRules::foreignGlibc),
                        RuleTable.Row.musl("gcompat-present", CompatRules::gcompat),
                        RuleTable.Row.musl("libc6-compat-present", CompatRules::libc6Compat),
                        RuleTable.Row.musl("hand-made-loader-symlink", CompatRules::handMade)));
    }

    private static List<Sighting> foreignGlibc(Traits traits, String rule) {
        List<Evidence> evidence = new ArrayList<>();
        for (String path : List.of("usr/glibc-compat", "etc/apk/keys/sgerrand.rsa.pub")) {
            traits.image().find(path).ifPresent(entry -> evidence.add(traits.evidence(path, null, rule)));
        }
        traits.apk()
                .named(FOREIGN_GLIBC)
                .ifPresent(name -> evidence.add(traits.evidence(
                        "lib/apk/db/installed",
                        "P:" + name + " V:" + traits.apk().version(name),
                        rule)));
        boolean isThere = traits.image().find("usr/glibc-compat").isPresent()
                || traits.apk().named(FOREIGN_GLIBC).isPresent();
        if (evidence.isEmpty()) {
            return List.of();
        }
        return List.of(Sighting.risk(
                isThere ? Severity.HIGH : Severity.LOW,
                isThere
                        ? "a foreign glibc lies in an image on musl: programs meet libraries of the other libc, and nobody updates it"
                        : "the key of a foreign glibc is trusted, although that glibc is not in the image",
                evidence));
    }

    /** Own programs and libraries for glibc: what a stand-in is there for. */
    private static List<ElfFile> forGlibc(Traits traits) {
        return traits.image().elfFiles().all().stream()
                .filter(file -> file.outline().builtFor() == Libc.Family.GLIBC
                        && file.outline().origin().libc() == null
                        && !file.path().startsWith("usr/glibc-compat/")
                        && !traits.isPackaged(file.path())
                        && traits.isForThisMachine(file))
                .toList();
    }

    private static Sighting byUse(Traits traits, String what, List<Evidence> evidence) {
        List<ElfFile> users = forGlibc(traits);
        return Sighting.risk(
                users.isEmpty() ? Severity.LOW : Severity.MEDIUM,
                what + "; "
                        + (users.isEmpty()
                                ? "no program for glibc is in the image that would use it"
                                : Evidences.named(users, "a program for glibc", "programs and libraries for glibc")
                                        + " may use it, which it serves in part only"),
                evidence);
    }

    private static List<Sighting> gcompat(Traits traits, String rule) {
        List<Evidence> evidence = Stream.of("lib/libgcompat.so.0", "usr/lib/libgcompat.so.0")
                .filter(path -> traits.image().find(path).isPresent())
                .limit(1)
                .map(path -> traits.evidence(path, traits.apk().version("gcompat"), rule))
                .toList();
        return evidence.isEmpty() ? List.of() : List.of(byUse(traits, "gcompat stands in for glibc", evidence));
    }

    /** Links of a name of glibc's loader to musl's own. */
    private static List<FileEntry> links(Traits traits) {
        return LOADER_DIRECTORIES.stream()
                .flatMap(directory -> traits.image().list(directory))
                .filter(entry -> entry.type() == FileEntry.Type.SYMLINK
                        && LinkedLibc.ofLoaderName(entry.name()) == Libc.Family.GLIBC)
                .filter(entry -> leadsToMusl(traits, entry))
                .distinct()
                .toList();
    }

    private static boolean leadsToMusl(Traits traits, FileEntry entry) {
        Optional<FileEntry> target = traits.image().find(entry.path());
        return target.isPresent()
                && (target.get().name().startsWith("ld-musl-")
                        || target.get().name().startsWith("libc.musl-"));
    }

    private static List<Sighting> libc6Compat(Traits traits, String rule) {
        if (!traits.apk().has("libc6-compat")) {
            return List.of();
        }
        Evidence listed = traits.evidence(
                "lib/apk/db/installed", "P:libc6-compat V:" + traits.apk().version("libc6-compat"), rule);
        List<Evidence> evidence = new ArrayList<>(List.of(listed));
        links(traits).forEach(link -> evidence.add(traits.evidence(link.path(), "-> " + link.linkTarget(), rule)));
        return List.of(byUse(traits, "libc6-compat leads glibc's names to musl and adds no function", evidence));
    }

    private static List<Sighting> handMade(Traits traits, String rule) {
        List<Evidence> evidence = links(traits).stream()
                .filter(link -> !traits.apk().own(link.path()) && !traits.apk().has("libc6-compat"))
                .map(link -> traits.evidence(link.path(), "-> " + link.linkTarget(), rule))
                .toList();
        return evidence.isEmpty()
                ? List.of()
                : List.of(byUse(
                        traits,
                        "a link that no package owns leads from glibc's loader to musl and adds no function",
                        evidence));
    }
}
