package io.basewatch.caveats;

import io.basewatch.elf.ArchiveFacts;
import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfSymbols;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.elf.SymbolTable;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Libraries for glibc inside of jars, in an image on musl. Each is looked at as the JVM would open it: what it needs must be in the image, and what it refers to in
 * libc, in the JVM or in what it needs. Functions that only a call would miss strike at that call.
 */
final class JarNatives implements Rule {

    private static final String ID = "jars/1";
    private static final String CAVEAT = "jni-native-in-jar-glibc";

    private static final Pattern JAR = Pattern.compile(".*\\.(?:jar|war|ear|aar)");
    /** Names that musl takes for itself. */
    private static final Pattern OWN_NAMES = Pattern.compile("lib(?:c|pthread|rt|m|dl|util|xnet)\\..*");

    private static final Pattern FALLS_BACK =
            Pattern.compile("(?i).*(?:netty_transport_native|netty_tcnative|lz4-java).*");
    private static final List<String> DIRECTORIES = List.of("lib/", "usr/local/lib/", "usr/lib/");

    private enum Outcome {
        FAILS,
        AT_CALL,
        UNKNOWN,
        LOADS
    }

    /** @param line what the loader would say; null where it is not known */
    private record Answer(Outcome outcome, @Nullable String line) {}

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Set<String> tells() {
        return Set.of(CAVEAT);
    }

    @Override
    public List<Caveat> judge(Case seen) {
        Traits traits = seen.traits();
        if (!traits.isMusl() || traits.archives().isEmpty()) {
            return List.of();
        }
        Loader loader = new Loader(seen);
        Map<String, List<Evidence>> groups = new TreeMap<>();
        for (JudgedImage.NativeArchive archive : traits.archives()) {
            if (JAR.matcher(Traits.lower(archive.entry().path())).matches()) {
                look(traits, loader, archive, groups);
            }
        }
        boolean java = traits.has("java");
        List<Caveat> caveats = new ArrayList<>();
        groups.forEach((group, found) -> caveats.add(
                sighting(group, found, java).toCaveat(CAVEAT, seen.image().isWhole())));
        return caveats;
    }

    private static void look(
            Traits traits, Loader loader, JudgedImage.NativeArchive archive, Map<String, List<Evidence>> groups) {
        List<ArchiveFacts.Entry> fitting = archive.facts().entries().stream()
                .filter(entry -> traits.isLoadable(entry.facts().header()))
                .toList();
        boolean hasSibling = fitting.stream()
                .anyMatch(entry -> Traits.lower(entry.path()).contains("musl")
                        || LinkedLibc.of(entry.facts()) == Libc.Family.MUSL);
        for (ArchiveFacts.Entry entry : fitting) {
            if (LinkedLibc.of(entry.facts()) != Libc.Family.GLIBC
                    || Traits.lower(entry.path()).contains("musl")) {
                continue;
            }
            String path = archive.entry().path() + "!/" + entry.path();
            Answer answer = loader.open(path, entry.facts());
            if (answer.outcome == Outcome.LOADS) {
                continue;
            }
            String group = hasSibling
                    ? "sibling"
                    : FALLS_BACK.matcher(entry.path()).matches() ? answer.outcome + " fallback" : answer.outcome.name();
            groups.computeIfAbsent(group, key -> new ArrayList<>())
                    .add(new Evidence(path, archive.layer(), answer.line, ID));
        }
    }

    private static Sighting sighting(String group, List<Evidence> found, boolean java) {
        String who =
                Sighting.named(found.stream().map(Evidence::path).toList(), "a library", "libraries") + " for glibc";
        String line = found.get(0).excerpt() == null ? "" : ": " + found.get(0).excerpt();
        if (group.equals("sibling")) {
            String sibling = "the same archive has a variant for musl";
            return new Sighting(
                    Kind.INFO,
                    Severity.LOW,
                    who + " would not load on musl" + line + "; " + sibling,
                    found,
                    found.size(),
                    sibling);
        }
        String rated = java ? "Java is in the image" : "nothing in the image is known to run Java";
        Outcome outcome = Outcome.valueOf(group.split(" ", 2)[0]);
        Severity severity = !java ? Severity.LOW : outcome == Outcome.AT_CALL ? Severity.MEDIUM : Severity.HIGH;
        String what = switch (outcome) {
            case FAILS -> " cannot be loaded on musl (UnsatisfiedLinkError at first use)";
            case AT_CALL ->
                " can be loaded on musl, as the JVM binds lazily, and would crash when a missing function is called";
            case UNKNOWN, LOADS -> " may not load on musl";
        };
        Sighting sighting = new Sighting(
                outcome == Outcome.FAILS && java ? Kind.CERTAIN : Kind.RISK,
                severity,
                who + what + line + "; rated so as " + rated,
                found,
                found.size(),
                null);
        return sighting.mitigatedBy(group.endsWith("fallback") ? "it is known to go on in plain Java" : null);
    }

    /** Opens a library as the JVM would. */
    private static final class Loader {

        private final Case seen;
        private final Map<String, LoadVerdict> verdicts = new HashMap<>();
        private final boolean hasAliases;
        private final boolean losesFallocate;
        private final Set<String> process = new HashSet<>();
        private final boolean knowsLibc;

        Loader(Case seen) {
            this.seen = seen;
            for (LoadVerdict verdict : seen.verdicts()) {
                if (verdict.object().path().contains("!/")) {
                    verdicts.put(verdict.object().path(), verdict);
                }
            }
            Traits traits = seen.traits();
            hasAliases = Catalogue.known("elf-lfs64-removed").concerns(traits.musl(), traits.alpine());
            losesFallocate =
                    Catalogue.known("elf-posix-fallocate64-1.2.4-1.2.5").concerns(traits.musl(), traits.alpine());
            boolean libc = false;
            for (ElfFile file : seen.image().elfFiles().all()) {
                boolean isLibc = file.outline().origin().libc() != null
                        && file.outline().origin().libc().family().equals("musl")
                        && file.name().startsWith("ld-musl-");
                if (isLibc || file.name().equals("libjvm.so")) {
                    libc |= isLibc;
                    seen.image().elfFiles().facts(file).ifPresent(facts -> offer(facts, process));
                }
            }
            knowsLibc = libc;
        }

        /** What musl sees of it. */
        private static void offer(ElfFacts facts, Set<String> offered) {
            for (SymbolTable.Symbol symbol : facts.symbols().exports()) {
                if (!symbol.has(ElfSymbols.EXPORT_HIDDEN_VERSION) && !symbol.has(ElfSymbols.EXPORT_IFUNC)) {
                    offered.add(symbol.name());
                }
            }
        }

        Answer open(String path, ElfFacts facts) {
            LoadVerdict verdict = verdicts.get(path);
            if (verdict != null && verdict.proof().outcome() != LoadProof.Outcome.UNKNOWN) {
                LoadProof proof = verdict.proof();
                return proof.outcome() == LoadProof.Outcome.LOADS
                        ? new Answer(Outcome.LOADS, null)
                        : new Answer(
                                verdict.atCall() ? Outcome.AT_CALL : Outcome.FAILS,
                                proof.faults().get(0).line());
            }
            Set<String> offered = new HashSet<>();
            for (String name : facts.loading().needed()) {
                if (!OWN_NAMES.matcher(name).matches() && !load(name, offered)) {
                    return new Answer(
                            Outcome.FAILS,
                            "Error loading shared library " + name + ": No such file or directory (needed by " + path
                                    + ")");
                }
            }
            return symbols(path, facts, offered);
        }

        private Answer symbols(String path, ElfFacts facts, Set<String> offered) {
            if (!knowsLibc || facts.reading().isCut()) {
                return new Answer(Outcome.UNKNOWN, null);
            }
            offer(facts, offered);
            String atCall = null;
            for (SymbolTable.Symbol symbol : facts.symbols().references()) {
                if (symbol.has(ElfSymbols.REF_WEAK) || isOffered(symbol.name(), offered)) {
                    continue;
                }
                String line = "Error relocating " + path + ": " + symbol.name() + ": symbol not found";
                boolean waits = !facts.loading().bindsNow()
                        && symbol.has(ElfSymbols.REF_PLT)
                        && !symbol.has(ElfSymbols.REF_DATA);
                if (!waits) {
                    return new Answer(Outcome.FAILS, line);
                }
                atCall = atCall == null ? line : atCall;
            }
            return atCall == null ? new Answer(Outcome.LOADS, null) : new Answer(Outcome.AT_CALL, atCall);
        }

        private boolean isOffered(String name, Set<String> offered) {
            if (offered.contains(name) || process.contains(name)) {
                return true;
            }
            return hasAliases
                    && Catalogue.lfs64().contains(name)
                    && !(losesFallocate && name.equals("posix_fallocate64"));
        }

        /**
         * With what it needs itself.
         *
         * @return false when it is nowhere to be found
         */
        private boolean load(String first, Set<String> offered) {
            Deque<String> open = new ArrayDeque<>(List.of(first));
            Set<String> known = new HashSet<>();
            boolean isThere = false;
            while (!open.isEmpty()) {
                String name = open.remove();
                if (!known.add(name) || OWN_NAMES.matcher(name).matches() || known.size() > 1_000) {
                    continue;
                }
                Optional<ElfFile> library = where(name);
                isThere |= library.isPresent() && name.equals(first);
                library.flatMap(seen.image().elfFiles()::facts).ifPresent(facts -> {
                    offer(facts, offered);
                    open.addAll(facts.loading().needed());
                });
            }
            return isThere;
        }

        private Optional<ElfFile> where(String name) {
            for (String directory : DIRECTORIES) {
                Optional<ElfFile> found = seen.image().elfFiles().find(directory + name);
                if (found.isPresent()) {
                    return found;
                }
            }
            // The JVM's own directories, whichever they are.
            return seen.image().elfFiles().all().stream()
                    .filter(file -> file.name().equals(name))
                    .filter(file -> file.path().contains("/lib/"))
                    .findFirst();
        }
    }
}
