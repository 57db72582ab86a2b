package io.basewatch.caveats;

import io.basewatch.elf.ArchiveFacts;
import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.elf.loading.Environment;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.elf.loading.LoaderView;
import io.basewatch.elf.loading.Prover;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Libraries for glibc inside of jars, in an image on musl. Each is looked at as the image's own JVM would open it, or, where there is none, any process of the image:
 * lazily, so that functions that are missing strike at the call.
 */
final class JarNatives implements Rule {

    private static final String ID = "jars/2";
    private static final String CAVEAT = "jni-native-in-jar-glibc";

    private static final Pattern JAR = Pattern.compile(".*\\.(?:jar|war|ear|aar)");

    private static final Pattern FALLS_BACK =
            Pattern.compile("(?i).*(?:netty_transport_native|netty_tcnative|lz4-java).*");

    /** How it comes out where it does not simply load. */
    private enum Outcome {
        FAILS,
        AT_CALL,
        UNKNOWN;

        static Outcome of(LoadProof proof) {
            return proof.outcome() == LoadProof.Outcome.UNKNOWN ? UNKNOWN : proof.atCall() ? AT_CALL : FAILS;
        }
    }

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
        Opener opener = new Opener(seen);
        Map<String, List<Evidence>> groups = new TreeMap<>();
        for (JudgedImage.NativeArchive archive : traits.archives()) {
            if (JAR.matcher(Traits.lower(archive.entry().path())).matches()) {
                look(traits, opener, archive, groups);
            }
        }
        boolean java = traits.has("java");
        List<Caveat> caveats = new ArrayList<>();
        groups.forEach((group, found) -> caveats.add(
                sighting(group, found, java).toCaveat(CAVEAT, seen.image().isWhole())));
        return caveats;
    }

    private static void look(
            Traits traits, Opener opener, JudgedImage.NativeArchive archive, Map<String, List<Evidence>> groups) {
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
            LoadProof proof = opener.open(archive, path, entry.facts());
            if (proof.outcome() == LoadProof.Outcome.LOADS) {
                continue;
            }
            Outcome outcome = Outcome.of(proof);
            String group = hasSibling
                    ? "sibling"
                    : FALLS_BACK.matcher(entry.path()).matches() ? outcome + " fallback" : outcome.name();
            // What the loader would say; where it is not known, nothing.
            String line =
                    proof.faults().isEmpty() ? null : proof.faults().get(0).line();
            groups.computeIfAbsent(group, key -> new ArrayList<>()).add(new Evidence(path, archive.layer(), line, ID));
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
            case UNKNOWN -> " may not load on musl";
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

    /** Opens a library as the JVM would that unpacks it, alone, to a folder of its own. */
    private static final class Opener {

        private final Map<String, ElfFacts> unpacked = new HashMap<>();
        private final Prover prover;
        private final @Nullable ElfFile java;
        private final List<ElfFile> machine;
        private final JudgedImage image;

        Opener(Case seen) {
            image = seen.image();
            prover = new Prover(
                    new Unpacked(image, unpacked),
                    Environment.of(image.inputs().env(), image.inputs().workingDir()));
            List<ElfFile> virtualMachines = image.elfFiles().all().stream()
                    .filter(file -> file.name().equals("java")
                            && file.outline().kind() == ElfFacts.Kind.DYNAMIC_EXECUTABLE
                            && String.valueOf(file.outline().interpreter()).contains("ld-musl-"))
                    .toList();
            java = virtualMachines.stream()
                    .filter(seen.startable()::isFirst)
                    .findFirst()
                    .or(() -> virtualMachines.stream()
                            .filter(seen.startable()::isReachable)
                            .findFirst())
                    .or(() -> virtualMachines.stream().findFirst())
                    .orElse(null);
            machine = java == null ? List.of() : machine(java);
        }

        /** What each of its processes has opened before: the virtual machine and its own library. */
        private List<ElfFile> machine(ElfFile java) {
            String home = java.directory().replaceFirst("/?bin$", "");
            return Stream.of("libjvm.so", "libjava.so")
                    .flatMap(name -> image.elfFiles().all().stream()
                            .filter(file -> file.name().equals(name)
                                    && file.path().startsWith(home.isEmpty() ? "" : home + "/"))
                            .limit(1))
                    .toList();
        }

        LoadProof open(JudgedImage.NativeArchive archive, String path, ElfFacts facts) {
            ElfFile library = new ElfFile(path, archive.entry().mode(), archive.layer(), facts.outline());
            unpacked.put(path, facts);
            try {
                if (java != null) {
                    return prover.proveOpened(library, java, machine, true);
                }
                return prover.loaderFile(facts.header(), Libc.Family.MUSL)
                        .map(loader -> prover.proveOpenedUnder(library, loader, true))
                        .orElseGet(() -> new LoadProof(
                                LoadProof.Outcome.UNKNOWN,
                                List.of(),
                                List.of("/" + path + ": no loader for it is in the image"),
                                List.of()));
            } finally {
                unpacked.remove(path);
            }
        }
    }

    /** An image, and beside its files those of archives, by paths of which nothing else knows. */
    private record Unpacked(LoaderView image, Map<String, ElfFacts> unpacked) implements LoaderView {
        @Override
        public Optional<FileEntry> find(String path) {
            return image.find(path);
        }

        @Override
        public Stream<FileEntry> list(String directory) {
            return image.list(directory);
        }

        @Override
        public Optional<String> text(String path) {
            return image.text(path);
        }

        @Override
        public boolean isWhole() {
            return image.isWhole();
        }

        @Override
        public ElfFiles elfFiles() {
            ElfFiles inImage = image.elfFiles();
            return new ElfFiles() {
                @Override
                public List<ElfFile> all() {
                    return inImage.all();
                }

                @Override
                public Optional<ElfFile> find(String path) {
                    return inImage.find(path);
                }

                @Override
                public Optional<ElfFacts> facts(ElfFile file) {
                    ElfFacts facts = unpacked.get(file.path());
                    return facts != null ? Optional.of(facts) : inImage.facts(file);
                }

                @Override
                public List<Reason> reasons() {
                    return inImage.reasons();
                }
            };
        }
    }
}
