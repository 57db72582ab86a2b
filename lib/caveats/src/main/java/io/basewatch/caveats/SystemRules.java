package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Packages of the system, servers, and what a platform puts beside an application. */
final class SystemRules {

    private static final Pattern EDGE = Pattern.compile("(?m)^\\s*(?:@\\S+\\s+)?(?:https?:|/)\\S*/edge/\\S*");
    private static final Pattern REVISION = Pattern.compile("(.*)-r(\\d{1,6})");
    private static final Pattern BRANCH = Pattern.compile("(\\d+\\.\\d+).*");
    private static final Pattern CUDA =
            Pattern.compile("lib(?:cudart|cublas|cudnn|cufft|nvinfer|onnxruntime_providers_cuda)\\b.*\\.so.*");
    private static final Set<String> UNSUPPORTED_SERVERS = Set.of("mysqld", "mongod");

    /**
     * The first package of a branch that is known to be fixed; as seen by 2026-11-21.
     *
     * @param version with its revision
     */
    private record Fixed(String branch, String version) {}

    private static final List<Fixed> FIXED =
            List.of(new Fixed("3.23", "1.2.5-r23"), new Fixed("3.22", "1.2.5-r12"), new Fixed("3.21", "1.2.5-r11"));

    /**
     * In which musl a fault was repaired upstream.
     *
     * @param machine where alone it is; null for all
     */
    private record Fault(String cve, String until, @Nullable String machine) {}

    private static final List<Fault> FAULTS = List.of(
            new Fault("CVE-2026-40200", "1.2.6", null),
            new Fault("CVE-2026-6042", "1.2.6", null),
            new Fault("CVE-2025-26519", "1.2.6", null),
            new Fault("CVE-2020-28928", "1.2.2", null),
            new Fault("CVE-2019-14697", "1.1.24", "386"));

    private SystemRules() {}

    static Rule table() {
        return new RuleTable(
                "system/1",
                List.of(
                        RuleTable.Row.musl("edge-repo-mixed", SystemRules::edge),
                        RuleTable.Row.musl("cve-musl-unpatched", SystemRules::faults),
                        RuleTable.Row.musl("postgres-collation-switch", SystemRules::postgres),
                        RuleTable.Row.musl("db-server-unsupported-on-musl", SystemRules::servers),
                        RuleTable.Row.musl("cuda-on-musl", SystemRules::cuda),
                        RuleTable.Row.musl("aws-lambda-ric-extensions", SystemRules::lambda)));
    }

    private static List<Sighting> edge(Traits traits, String rule) {
        if (traits.isEdge() || traits.alpine() == null) {
            return List.of();
        }
        Matcher line = EDGE.matcher(traits.image().text("etc/apk/repositories").orElse(""));
        return line.find()
                ? List.of(Sighting.risk(
                        Severity.MEDIUM,
                        "packages of edge are mixed into Alpine " + traits.alpine()
                                + ": their libraries may need a newer musl than this one, and no two builds are alike",
                        List.of(traits.evidence(
                                "etc/apk/repositories", line.group().strip(), rule))))
                : List.of();
    }

    private static List<Sighting> faults(Traits traits, String rule) {
        String packaged = traits.apk().version("musl");
        String version = packaged != null ? packaged : traits.musl();
        if (version == null || traits.alpine() == null) {
            return List.of();
        }
        Matcher branch = BRANCH.matcher(traits.alpine());
        Optional<Fixed> fixed = FIXED.stream()
                .filter(known -> branch.matches() && !traits.isEdge() && known.branch.equals(branch.group(1)))
                .findFirst();
        if (fixed.isPresent() && (packaged == null || !isOlder(packaged, fixed.get().version))) {
            return List.of();
        }
        List<String> open = FAULTS.stream()
                .filter(fault -> ReleaseRange.parse("<" + fault.until).holds(version) && concerns(traits, fault))
                .map(Fault::cve)
                .toList();
        if (open.isEmpty()) {
            return List.of();
        }
        List<ElfFile> converting = traits.uses().stream()
                .filter(use -> use.of("iconv_open"))
                .map(Traits.Use::file)
                .toList();
        Severity severity =
                !converting.isEmpty() ? Severity.HIGH : traits.hasApplication() ? Severity.MEDIUM : Severity.LOW;
        String rated = switch (severity) {
            case HIGH, CRITICAL ->
                "programs of the image convert character sets ("
                        + converting.get(0).path() + "), which is what one of them is about";
            case MEDIUM -> "the image has an application";
            case LOW -> "there is no application in the image that could be attacked";
        };
        String told = fixed.map(known -> "the first fixed package of this branch is " + known.version)
                .orElse("no fixed package of this branch is known, though one may have been made");
        List<Evidence> evidence = packaged == null
                ? NameRules.ofLibc(traits)
                : List.of(traits.evidence("lib/apk/db/installed", "P:musl V:" + packaged, rule));
        return List.of(Sighting.risk(
                severity,
                "musl " + version + " is older than the fixes of " + String.join(", ", open) + " (" + told
                        + "); rated so as " + rated,
                evidence));
    }

    private static boolean concerns(Traits traits, Fault fault) {
        Platform platform = traits.image().inputs().platform();
        return fault.machine == null
                || (platform != null && platform.architecture().equals(fault.machine));
    }

    /** By release and revision, as apk compares them. */
    static boolean isOlder(String version, String other) {
        Matcher first = REVISION.matcher(version);
        Matcher second = REVISION.matcher(other);
        if (!first.matches() || !second.matches()) {
            return ReleaseRange.compare(version, other) < 0;
        }
        int releases = ReleaseRange.compare(first.group(1), second.group(1));
        return releases != 0 ? releases < 0 : Integer.parseInt(first.group(2)) < Integer.parseInt(second.group(2));
    }

    private static List<Sighting> postgres(Traits traits, String rule) {
        List<ElfFile> servers = named(traits, Set.of("postgres"));
        if (servers.isEmpty()) {
            return List.of();
        }
        boolean icu = traits.image().inputs().history().stream()
                .map(ImageInputs.Step::createdBy)
                .anyMatch(step -> readsStep(step) && step.contains("icu"));
        return List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.HIGH,
                        "PostgreSQL on musl sorts text by bytes: a data directory that moves to or from an image with glibc has wrong indexes, and"
                                + " rows are not found; nothing is wrong while it stays with this image, which is why it is not rated critical",
                        servers)
                .mitigatedBy(icu ? "the image's databases are made with ICU" : null));
    }

    private static List<ElfFile> named(Traits traits, Set<String> names) {
        return traits.image().elfFiles().all().stream()
                .filter(file -> names.contains(file.name())
                        && file.outline().kind().isExecutable()
                        && file.path().contains("bin/"))
                .toList();
    }

    private static List<Sighting> servers(Traits traits, String rule) {
        List<ElfFile> servers = named(traits, UNSUPPORTED_SERVERS);
        List<Evidence> evidence = new ArrayList<>();
        servers.forEach(file -> evidence.add(traits.evidence(file, null, rule)));
        traits.image()
                .find("usr/share/elasticsearch/bin/elasticsearch")
                .ifPresent(entry -> evidence.add(traits.evidence(entry.path(), null, rule)));
        return evidence.isEmpty()
                ? List.of()
                : List.of(new Sighting(
                        io.basewatch.fleetmodel.Caveat.Kind.INFO,
                        Severity.MEDIUM,
                        "a database server whose makers do not support musl ("
                                + evidence.get(0).path() + ")",
                        evidence,
                        evidence.size(),
                        null));
    }

    private static List<Sighting> cuda(Traits traits, String rule) {
        List<ElfFile> libraries = traits.image().elfFiles().all().stream()
                .filter(file ->
                        CUDA.matcher(file.name()).matches() && file.outline().builtFor() == Libc.Family.GLIBC)
                .toList();
        if (!libraries.isEmpty()) {
            return List.of(Evidences.risk(
                    traits,
                    rule,
                    Severity.HIGH,
                    "CUDA libraries for glibc in an image on musl, and the driver's that are injected are too: they do not load",
                    libraries));
        }
        return Stream.of("CUDA_VERSION", "NVIDIA_VISIBLE_DEVICES", "NVIDIA_DRIVER_CAPABILITIES")
                .filter(variable -> traits.env(variable)
                        .filter(value -> !Set.of("void", "none").contains(value))
                        .isPresent())
                .map(variable -> Sighting.risk(
                        Severity.HIGH,
                        "the image asks NVIDIA's runtime for a device (" + variable
                                + "): the driver's libraries that it injects are for glibc and do not load on musl; it settles whether a device is given at all",
                        List.of(traits.ofEnv(variable, rule))))
                .limit(1)
                .toList();
    }

    private static List<Sighting> lambda(Traits traits, String rule) {
        List<Evidence> evidence = new ArrayList<>();
        for (ElfFile file : traits.image().elfFiles().all()) {
            boolean extension =
                    file.path().startsWith("opt/extensions/") && file.outline().builtFor() == Libc.Family.GLIBC;
            boolean client =
                    file.path().contains("/aws-lambda-ric/") && file.name().endsWith(".node");
            if (extension || client) {
                evidence.add(traits.evidence(file, null, rule));
            }
        }
        traits.texts().stream()
                .filter(text -> text.entry().path().contains("/awslambdaric-")
                        && text.entry().path().endsWith("/WHEEL"))
                .forEach(text -> evidence.add(traits.evidence(text.entry().path(), null, rule)));
        return evidence.isEmpty()
                ? List.of()
                : List.of(Sighting.risk(
                        Severity.MEDIUM,
                        "AWS Lambda's clients and extensions are made for glibc ("
                                + evidence.get(0).path()
                                + "): extensions do not start on musl, and the client is a build of its own",
                        evidence));
    }

    /** Whether a rule looks at that step of the image's history. */
    static boolean readsStep(String command) {
        return command.contains("POSTGRES_INITDB_ARGS");
    }
}
