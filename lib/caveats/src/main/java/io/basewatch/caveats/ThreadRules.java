package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.elf.Marker;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Threads: their stacks, and the memory they ask for at once. */
final class ThreadRules {

    private static final String[] MAKES_THREADS = {"pthread_create", "thrd_create"};
    private static final String[] SETS_STACK = {"pthread_attr_setstacksize", "pthread_attr_setstack"};
    private static final Pattern ALLOCATOR = Pattern.compile("jemalloc|mimalloc|tcmalloc|snmalloc|hoard|scudo");
    private static final int DEFAULT_STACK = 128 << 10;

    private ThreadRules() {}

    static Rule table() {
        return new RuleTable(
                "threads/1",
                List.of(
                        RuleTable.Row.musl("small-default-thread-stack", ThreadRules::stack),
                        RuleTable.Row.musl("malloc-slow-contended", ThreadRules::contended),
                        RuleTable.Row.musl("malloc-replacement-unsupported-old", ThreadRules::replaced),
                        RuleTable.Row.musl("fork-mt-restrictions", ThreadRules::fork),
                        RuleTable.Row.any("rust-static-musl-allocator", ThreadRules::rust)));
    }

    private static List<Sighting> stack(Traits traits, String rule) {
        boolean isOld = ReleaseRange.parse("<1.1.21").holds(String.valueOf(traits.musl()));
        String what = "threads get " + (isOld ? "80" : "128")
                + " KiB of stack by default, where glibc gives 8 MiB: deep recursion in one ends in a segmentation fault";
        // How much a thread needs no file says; 80 KiB are too little for many.
        Severity own = isOld ? Severity.HIGH : Severity.MEDIUM;
        List<Sighting> seen = new ArrayList<>();
        List<ElfFile> small = new ArrayList<>();
        List<ElfFile> asking = new ArrayList<>();
        for (Traits.Use use : traits.uses()) {
            if (use.of(MAKES_THREADS)
                    && !use.of(SETS_STACK)
                    && traits.isOwn(use.file().path())) {
                (!isOld && use.stackBytes() > DEFAULT_STACK ? asking : small).add(use.file());
            }
        }
        if (!small.isEmpty()) {
            seen.add(Evidences.risk(
                    traits,
                    rule,
                    own,
                    what + "; rated so as threads are made, and their stack is never set, by "
                            + Evidences.named(small, "an own program", "own programs and libraries"),
                    small));
        }
        if (!asking.isEmpty()) {
            seen.add(Evidences.risk(traits, rule, own, what, asking)
                    .mitigatedBy("PT_GNU_STACK of these programs asks for more"));
        }
        for (String name : List.of("python", "ruby")) {
            for (LanguageRuntime runtime : traits.runtimes(name)) {
                seen.add(interpreter(traits, runtime, what));
            }
        }
        if (seen.isEmpty()) {
            seen.add(Sighting.risk(
                    Severity.LOW,
                    what + "; nothing in the image is known to rely on the default, so it is for what is added to it",
                    NameRules.ofLibc(traits)));
        }
        return seen;
    }

    private static Sighting interpreter(Traits traits, LanguageRuntime runtime, String what) {
        String name = runtime.name() + (runtime.version() == null ? "" : " " + runtime.version());
        Sighting seen = new Sighting(
                io.basewatch.fleetmodel.Caveat.Kind.RISK,
                Severity.HIGH,
                what + "; " + name + " recurses in its threads",
                runtime.evidence(),
                runtime.evidence().size(),
                null);
        String packaged = runtime.evidence().stream().anyMatch(found -> traits.isPackaged(found.path()))
                ? name + " is Alpine's own package, which sets 1 MiB for Python's threads"
                : null;
        String official = runtime.name().equals("python")
                        && traits.env("PYTHON_VERSION").isPresent()
                        && traits.image().find("usr/local/bin/python3").isPresent()
                ? "this is the official image's Python, which is built with 1 MiB"
                : null;
        String why = packaged != null ? packaged : official;
        if (why == null) {
            return seen;
        }
        // Checked by those who build it: two steps.
        return new Sighting(
                seen.kind(),
                Severity.LOW,
                seen.message() + "; a note only, as " + why,
                seen.evidence(),
                seen.found(),
                why);
    }

    private static List<Sighting> contended(Traits traits, String rule) {
        String what = "malloc has one lock for all threads: programs that allocate in many at once are slow";
        String other = otherAllocator(traits);
        List<ElfFile> own = traits.uses().stream()
                .filter(use -> use.of(MAKES_THREADS)
                        && use.of("malloc", "_Znwm")
                        && traits.isOwn(use.file().path()))
                .map(Traits.Use::file)
                .filter(file -> !hasAllocator(file))
                .toList();
        if (!own.isEmpty()) {
            return List.of(Evidences.risk(
                            traits,
                            rule,
                            Severity.MEDIUM,
                            what + "; rated so as threads are made and memory is taken from libc by "
                                    + Evidences.named(own, "an own program", "own programs and libraries")
                                    + "; a measurement under load settles it",
                            own)
                    .mitigatedBy(other));
        }
        List<LanguageRuntime> java = traits.runtimes("java").stream()
                .filter(runtime -> "musl".equals(runtime.details().get("builtFor")))
                .toList();
        if (!java.isEmpty()) {
            List<Evidence> evidence = java.get(0).evidence();
            return List.of(Sighting.risk(
                            Severity.MEDIUM,
                            what + "; rated so as Java compiles and runs native parts in many threads",
                            evidence)
                    .mitigatedBy(other));
        }
        return ReleaseRange.parse("<1.2.1").holds(String.valueOf(traits.musl()))
                ? List.of(Sighting.risk(
                        Severity.LOW,
                        what + "; musl before 1.2.1 has the older allocator, which wastes memory too",
                        NameRules.ofLibc(traits)))
                : List.of();
    }

    private static boolean hasAllocator(ElfFile file) {
        return file.outline().has(Marker.JEMALLOC)
                || file.outline().has(Marker.MIMALLOC)
                || file.outline().has(Marker.SNMALLOC);
    }

    private static @Nullable String otherAllocator(Traits traits) {
        return PreloadRules.entries(traits).stream()
                .filter(entry -> ALLOCATOR.matcher(entry.name()).find() && entry.found() != null)
                .map(entry -> "LD_PRELOAD brings another allocator (" + entry.name() + ")")
                .findFirst()
                .orElse(null);
    }

    private static List<Sighting> replaced(Traits traits, String rule) {
        return traits.env("LD_PRELOAD")
                .filter(preload -> ALLOCATOR.matcher(preload).find())
                .map(preload -> List.of(Sighting.risk(
                        Severity.MEDIUM,
                        "musl " + traits.musl()
                                + " does not support another malloc, which LD_PRELOAD brings: crashes at start",
                        List.of(traits.ofEnv("LD_PRELOAD", rule)))))
                .orElse(List.of());
    }

    private static List<Sighting> fork(Traits traits, String rule) {
        List<ElfFile> both = traits.uses().stream()
                .filter(use -> use.of(MAKES_THREADS)
                        && use.of("fork")
                        && traits.isOwn(use.file().path()))
                .map(Traits.Use::file)
                .toList();
        return Evidences.risks(
                traits,
                rule,
                Severity.LOW,
                "a child of a process with threads may hang in a lock of libc: threads and children are made by "
                        + Evidences.named(both, "a program", "programs"),
                both);
    }

    private static List<Sighting> rust(Traits traits, String rule) {
        List<ElfFile> slow = traits.image().elfFiles().all().stream()
                .filter(file -> file.outline().kind() == ElfFacts.Kind.STATIC_EXECUTABLE
                        || file.outline().kind() == ElfFacts.Kind.STATIC_PIE)
                .filter(file ->
                        file.outline().has(Marker.RUST) || file.outline().has(Marker.RUSTC))
                .filter(file -> LinkedLibc.linkedInto(file.outline().origin()) == Libc.Family.MUSL)
                .filter(file -> !hasAllocator(file) && !traits.isPackaged(file.path()))
                .filter(file -> traits.startable().isReachable(file))
                .toList();
        return slow.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(
                        traits,
                        rule,
                        Severity.MEDIUM,
                        Evidences.named(slow, "a static Rust program", "static Rust programs")
                                + " with musl's allocator and no other: slow where many threads allocate; a measurement under load settles it",
                        slow));
    }
}
