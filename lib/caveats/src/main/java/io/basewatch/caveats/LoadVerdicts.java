package io.basewatch.caveats;

import io.basewatch.caveats.LoadVerdict.Reach;
import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.loading.Environment;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.elf.loading.LoadProof.Outcome;
import io.basewatch.elf.loading.Prover;
import io.basewatch.fingerprint.libc.Architecture;
import io.basewatch.fleetmodel.Libc.Family;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What the image's own loaders would say of each of its dynamically linked objects: of programs when they start, of plugins when their host opens them, of libraries
 * that these need, and of those that nothing is known to load as {@code ldd} would list them.
 */
final class LoadVerdicts {

    /** More are not looked at one by one. */
    private static final int MAX_OBJECTS = 20_000;

    private static final List<String> SHELLS = List.of("/bin/sh", "/bin/busybox", "/usr/bin/env");

    private final List<LoadVerdict> all;

    private LoadVerdicts(List<LoadVerdict> all) {
        this.all = all;
    }

    static LoadVerdicts of(JudgedImage image, Startable startable) {
        return new LoadVerdicts(List.copyOf(new Making(image, startable).make()));
    }

    /** In order of the objects' paths: all that do not load or of which it cannot be known, and those that load. */
    List<LoadVerdict> all() {
        return all;
    }

    private static final class Making {
        private final JudgedImage image;
        private final Startable startable;
        private final Prover prover;
        private final Map<String, LoadVerdict> verdicts = new TreeMap<>();
        private final List<ElfFile> programs = new ArrayList<>();
        private final Map<String, ElfFile> libraries = new LinkedHashMap<>();
        private final Map<String, LoadProof> starts = new HashMap<>();
        private final Map<Integer, Optional<ElfFile>> loaders = new HashMap<>();
        private final Map<String, String> realPaths = new HashMap<>();
        private int proven;

        Making(JudgedImage image, Startable startable) {
            this.image = image;
            this.startable = startable;
            this.prover = new Prover(
                    image, Environment.of(image.inputs().env(), image.inputs().workingDir()));
        }

        List<LoadVerdict> make() {
            sort();
            for (Reach reach : List.of(Reach.FIRST, Reach.REACHABLE, Reach.UNUSED)) {
                for (ElfFile program : programs) {
                    if (reach(program) == reach) {
                        judgeProgram(program, reach);
                    }
                }
            }
            judgePlugins();
            for (ElfFile library : libraries.values()) {
                if (!verdicts.containsKey(library.path())) {
                    add(library, proof(library, this::listed), Reach.UNUSED, null, null);
                }
            }
            return new ArrayList<>(verdicts.values());
        }

        private void sort() {
            for (ElfFile file : image.elfFiles().all()) {
                if (file.name().endsWith(".debug") || file.path().startsWith("usr/lib/debug/")) {
                    // What was taken out of a program, for debuggers alone.
                    continue;
                }
                ElfFacts.Kind kind = file.outline().kind();
                if (kind == ElfFacts.Kind.DYNAMIC_EXECUTABLE) {
                    programs.add(file);
                } else if (kind == ElfFacts.Kind.SHARED_LIBRARY) {
                    libraries.put(file.path(), file);
                }
            }
        }

        /** What lies about without the right to be executed is not started, whatever names it. */
        private Reach reach(ElfFile program) {
            boolean isExecutable = (program.mode() & 0111) != 0;
            return !isExecutable || !startable.isReachable(program)
                    ? Reach.UNUSED
                    : startable.isFirst(program) ? Reach.FIRST : Reach.REACHABLE;
        }

        private void judgeProgram(ElfFile program, Reach reach) {
            LoadProof proof = proof(program, prover::proveStart);
            starts.put(program.path(), proof);
            add(program, proof, reach, null, null);
            judgeNeeded(proof, program, reach == Reach.FIRST ? Reach.REACHABLE : reach, program.path(), null);
        }

        /** The libraries that came with an object, each with what is wrong with itself. */
        private void judgeNeeded(
                LoadProof proof, ElfFile user, Reach reach, @Nullable String host, @Nullable String hostKind) {
            if (reach == Reach.UNUSED) {
                return;
            }
            for (String path : proof.loaded()) {
                ElfFile library = path.equals(user.path()) ? null : libraries.get(path);
                if (library == null || verdicts.containsKey(path)) {
                    continue;
                }
                List<LoadFault> own = proof.faults().stream()
                        .filter(fault -> realPath(fault.object()).equals(path))
                        .toList();
                Outcome outcome = !own.isEmpty()
                        ? Outcome.FAILS
                        : proof.outcome() == Outcome.UNKNOWN ? Outcome.UNKNOWN : Outcome.LOADS;
                List<String> unknowns = outcome == Outcome.UNKNOWN ? proof.unknowns() : List.of();
                LoadProof part = new LoadProof(
                        outcome, own, unknowns, List.of(path), proof.atCall() && !own.isEmpty(), own.size());
                add(library, part, reach, host, hostKind);
            }
        }

        private String realPath(String name) {
            return realPaths.computeIfAbsent(
                    name, key -> image.find(key).map(FileEntry::path).orElse(key));
        }

        private void judgePlugins() {
            Set<String> withPam = new HashSet<>();
            starts.forEach((program, proof) -> {
                if (proof.loaded().stream().anyMatch(path -> path.contains("/libpam.so."))) {
                    withPam.add(program);
                }
            });
            Hosts hosts = new Hosts(
                    image,
                    startable,
                    programs,
                    new ArrayList<>(libraries.values()),
                    program -> withPam.contains(program.path()));
            Map<String, Hosts.Host> plugins = new LinkedHashMap<>();
            for (ElfFile library : libraries.values()) {
                Hosts.Host host = verdicts.containsKey(library.path()) ? null : hosts.of(library);
                if (host != null) {
                    plugins.put(library.path(), host);
                }
            }
            plugins.forEach((path, host) -> judgePlugin(library(path), host));
            plugins.keySet().forEach(path -> {
                LoadVerdict verdict = verdicts.get(path);
                if (verdict != null) {
                    judgeNeeded(verdict.proof(), library(path), verdict.reach(), verdict.host(), verdict.hostKind());
                }
            });
        }

        private ElfFile library(String path) {
            return Objects.requireNonNull(libraries.get(path));
        }

        private void judgePlugin(ElfFile plugin, Hosts.Host host) {
            ElfFile program = host.program();
            if (program == null || !isSameMachine(program, plugin)) {
                add(plugin, proof(plugin, this::listed), Reach.UNUSED, null, host.kind());
                return;
            }
            LoadProof start = starts.get(program.path());
            boolean starts = start != null && start.outcome() != Outcome.FAILS;
            boolean isReached = host.isLikely() && starts && reach(program) != Reach.UNUSED;
            LoadProof proof =
                    proof(plugin, file -> prover.proveOpened(file, program, host.companions(), host.lazily()));
            add(plugin, proof, isReached ? Reach.PLUGIN : Reach.UNUSED, program.path(), host.kind());
        }

        private static boolean isSameMachine(ElfFile one, ElfFile other) {
            return one.outline().header().machine() == other.outline().header().machine()
                    && one.outline().header().bits() == other.outline().header().bits();
        }

        private LoadProof proof(ElfFile file, Function<ElfFile, LoadProof> prove) {
            Platform platform = image.inputs().platform();
            if (platform != null
                    && !Architecture.mayStart(platform, file.outline().header())) {
                return unknown(file, "is for another machine than the image");
            }
            if (++proven > MAX_OBJECTS) {
                return unknown(file, "the image has more than " + MAX_OBJECTS + " programs and libraries");
            }
            return prove.apply(file);
        }

        private LoadProof listed(ElfFile library) {
            ElfFile loader = loader(library.outline().header()).orElse(null);
            if (loader == null) {
                return unknown(library, "no loader for it is in the image");
            }
            return loader.path().equals(library.path())
                    ? new LoadProof(Outcome.LOADS, List.of(), List.of(), List.of(library.path()))
                    : prover.proveListed(library, loader);
        }

        /** The one that the image's shell has, or whatever is first started; else the one that is there. */
        private Optional<ElfFile> loader(ElfHeader header) {
            return loaders.computeIfAbsent(header.machine() * 128 + header.bits(), key -> {
                List<ElfFile> users = new ArrayList<>();
                SHELLS.forEach(shell -> image.elfFiles().find(shell).ifPresent(users::add));
                programs.stream().filter(startable::isFirst).forEach(users::add);
                for (ElfFile user : users) {
                    String interpreter = user.outline().interpreter();
                    Optional<ElfFile> loader = interpreter == null
                            ? Optional.empty()
                            : image.elfFiles().find(interpreter);
                    if (loader.isPresent()
                            && loader.get().outline().header().machine() == header.machine()
                            && loader.get().outline().header().bits() == header.bits()) {
                        return loader;
                    }
                }
                return prover.loaderFile(header, Family.MUSL).or(() -> prover.loaderFile(header, Family.GLIBC));
            });
        }

        private void add(ElfFile file, LoadProof proof, Reach reach, @Nullable String host, @Nullable String hostKind) {
            verdicts.putIfAbsent(file.path(), new LoadVerdict(file, proof, reach, host, hostKind, proof.atCall()));
        }

        private static LoadProof unknown(ElfFile file, String why) {
            return new LoadProof(Outcome.UNKNOWN, List.of(), List.of("/" + file.path() + ": " + why), List.of());
        }
    }
}
