package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.GoBuild;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How names of hosts, users and groups are found. */
final class NameRules {

    private static final Pattern SERVER = Pattern.compile("(?m)^\\s*nameserver\\s+\\S+");
    private static final Pattern FOREIGN_SERVICE = Pattern.compile(
            "(?m)^\\s*(\\w+):[^#\\n]*?\\b(ldap|sss|winbind|mdns\\w*|wins|nis|nisplus|myhostname|mymachines|resolve)\\b[^\\n]*");
    private static final Pattern GO_VERSION = Pattern.compile("go1\\.(\\d{1,3}).*");

    /** The first that asks files first without nsswitch.conf. */
    private static final int GO_ASKS_FILES_FIRST = 16;

    private NameRules() {}

    static Rule table() {
        return new RuleTable(
                "names/1",
                List.of(
                        RuleTable.Row.musl("dns-no-tcp-fallback", NameRules::noTcp),
                        RuleTable.Row.musl("dns-no-search-domains", NameRules::noSearch),
                        RuleTable.Row.musl("dns-parallel-nameservers", NameRules::parallel),
                        RuleTable.Row.musl("dns-search-semantics", NameRules::search),
                        RuleTable.Row.musl("dns-addrconfig-v6-bugs", NameRules::addressConfig),
                        RuleTable.Row.musl("nss-plugins-ignored", NameRules::plugins),
                        RuleTable.Row.any("go-nsswitch-missing", NameRules::goWithoutSwitch)));
    }

    private static List<Sighting> noTcp(Traits traits, String rule) {
        return byResolving(
                traits,
                rule,
                Severity.HIGH,
                Severity.LOW,
                "musl " + traits.musl()
                        + " never asks again over TCP: a DNS answer that was truncated is used as it came, and addresses are missing");
    }

    private static List<Sighting> noSearch(Traits traits, String rule) {
        return byResolving(
                traits,
                rule,
                Severity.HIGH,
                Severity.LOW,
                "musl " + traits.musl() + " does not read the search list: short names are not completed");
    }

    private static List<Sighting> addressConfig(Traits traits, String rule) {
        return byResolving(
                traits,
                rule,
                Severity.LOW,
                null,
                "lookups may fail without need on hosts where IPv6 is off, until musl 1.2.4");
    }

    /** @param otherwise for an image in which nothing is known to ask; null when that is not worth telling */
    private static List<Sighting> byResolving(
            Traits traits, String rule, Severity exposed, @Nullable Severity otherwise, String what) {
        List<ElfFile> asking = traits.resolving();
        if (!asking.isEmpty()) {
            return List.of(Evidences.risk(
                    traits,
                    rule,
                    exposed,
                    what + "; rated so as libc is asked for names by "
                            + Evidences.named(asking, "a program", "programs and libraries"),
                    asking));
        }
        return otherwise == null
                ? List.of()
                : List.of(Sighting.risk(
                        otherwise,
                        what
                                + "; nothing in the image beside the base itself is known to ask libc for names, so it is for what is added to it",
                        ofLibc(traits)));
    }

    static List<Evidence> ofLibc(Traits traits) {
        return traits.image().fingerprint().systemLibc().evidence().stream()
                .limit(1)
                .toList();
    }

    private static List<Sighting> parallel(Traits traits, String rule) {
        List<ElfFile> asking = traits.resolving();
        String what = "all name servers are asked at once and the first answer counts, also \"no such name\"";
        String servers = traits.image().text("etc/resolv.conf").orElse("");
        Matcher server = SERVER.matcher(servers);
        int count = 0;
        while (server.find()) {
            count++;
        }
        if (count > 1) {
            return List.of(Sighting.risk(
                    Severity.MEDIUM,
                    what + "; the image's own resolv.conf lists " + count + " servers",
                    List.of(traits.evidence("etc/resolv.conf", count + " × nameserver", rule))));
        }
        return asking.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.LOW,
                        what
                                + "; whether it bites depends on the container's resolv.conf: more than one server that do not know the same names",
                        asking));
    }

    private static List<Sighting> search(Traits traits, String rule) {
        String what =
                "the search list ends at the first answer that is not \"no such name\", and a name with ndots dots or more is never tried with it";
        for (String variable : List.of("RES_OPTIONS", "LOCALDOMAIN")) {
            if (traits.env(variable).isPresent()) {
                return List.of(Sighting.risk(
                        Severity.MEDIUM,
                        "the image sets " + variable + ", which musl does not read; " + what,
                        List.of(traits.ofEnv(variable, rule))));
            }
        }
        List<ElfFile> asking = traits.resolving();
        if (asking.isEmpty()) {
            return List.of();
        }
        Optional<String> cluster = traits.image().inputs().labels().keySet().stream()
                .filter(NameRules::readsLabel)
                .sorted()
                .findFirst();
        return List.of(Evidences.risk(
                traits,
                rule,
                cluster.isPresent() ? Severity.MEDIUM : Severity.LOW,
                what + "; "
                        + cluster.map(label -> "rated so as the label " + label + " says that it runs in a cluster")
                                .orElse(
                                        "whether it bites depends on the container's resolv.conf: ndots above 1, as in Kubernetes"),
                asking));
    }

    private static List<Sighting> plugins(Traits traits, String rule) {
        List<Evidence> evidence = new ArrayList<>();
        traits.image().elfFiles().all().stream()
                .filter(file -> file.name().startsWith("libnss_") && file.name().contains(".so"))
                .forEach(file -> evidence.add(traits.evidence(file, null, rule)));
        Matcher foreign =
                FOREIGN_SERVICE.matcher(traits.image().text("etc/nsswitch.conf").orElse(""));
        if (foreign.find()) {
            evidence.add(0, traits.evidence("etc/nsswitch.conf", foreign.group().strip(), rule));
        }
        if (evidence.isEmpty()) {
            return List.of();
        }
        Sighting seen = new Sighting(
                Kind.RISK,
                Severity.HIGH,
                "the image has modules or settings of name services ("
                        + evidence.get(0).path()
                        + ") that musl never asks: their users, groups and hosts are silently not found",
                evidence,
                evidence.size(),
                null);
        return List.of(seen.mitigatedBy(
                traits.apk().has("musl-nscd") ? "musl-nscd is installed, which answers for users and groups" : null));
    }

    private static List<Sighting> goWithoutSwitch(Traits traits, String rule) {
        if (traits.image().find("etc/nsswitch.conf").isPresent()) {
            return List.of();
        }
        List<ElfFile> programs = traits.image().elfFiles().all().stream()
                .filter(file -> file.outline().origin().go() != null
                        && file.outline().kind().isExecutable()
                        && traits.isForThisMachine(file))
                .toList();
        List<ElfFile> older =
                programs.stream().filter(file -> !asksFilesFirst(file)).toList();
        String what = "there is no /etc/nsswitch.conf, without which Go before 1." + GO_ASKS_FILES_FIRST
                + " asks DNS before /etc/hosts";
        if (!older.isEmpty()) {
            return List.of(Evidences.risk(traits, rule, Severity.MEDIUM, what, older));
        }
        return programs.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(traits, rule, Severity.MEDIUM, what, programs)
                        .mitigatedBy("all Go programs of the image were built with a newer Go"));
    }

    private static boolean asksFilesFirst(ElfFile file) {
        GoBuild go = file.outline().origin().go();
        Matcher version = GO_VERSION.matcher(go == null || go.version() == null ? "" : go.version());
        return version.matches() && Integer.parseInt(version.group(1)) >= GO_ASKS_FILES_FIRST;
    }

    /** Whether the image's label of that name says that it runs in a cluster. */
    static boolean readsLabel(String name) {
        return name.contains("k8s.io") || name.contains("kubernetes.io") || name.contains("openshift.io");
    }
}
