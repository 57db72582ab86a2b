package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fingerprint.libc.Architecture;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc.Family;
import io.basewatch.fleetmodel.Platform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Dynamic executables whose loader (PT_INTERP) is not in the image: execve(2) fails with ENOENT although the file is there. Certain for what something is
 * known to start; a program that lies about unused is a risk. A loader that is there, be it a shim, takes the trap away, and is other rules' business;
 * so is a program for another machine, which the kernel refuses before it looks for the loader.
 */
final class InterpreterMissing implements Rule {

    private static final String ID = "elf-interpreter-missing/1";

    /** Of programs for glibc, the trap by which most images on Alpine are caught; and of all others. */
    private static final String GLIBC = "elf-glibc-interpreter-missing";

    private static final String OTHER = "elf-interpreter-missing";

    /** Loaders of glibc that {@link LinkedLibc} does not know by their names alone. */
    private static final Pattern GLIBC_PATH = Pattern.compile("ld-linux|ld64\\.so|ld\\.so\\.1|linux-gnu");

    private static final int MAX_NAMED = 3;

    /** The worst first. */
    private record Group(String id, Kind kind, Severity severity) implements Comparable<Group> {
        private static final Comparator<Group> ORDER = Comparator.comparing(Group::severity)
                .reversed()
                .thenComparing(Group::kind)
                .thenComparing(Group::id);

        @Override
        public int compareTo(Group other) {
            return ORDER.compare(this, other);
        }
    }

    @Override
    public String id() {
        return ID;
    }

    @Override
    public List<Caveat> judge(Case seen) {
        JudgedImage image = seen.image();
        List<ElfFile> stranded = seen.stranded();
        if (stranded.isEmpty()) {
            return List.of();
        }
        Startable startable = seen.startable();
        Map<Group, List<ElfFile>> groups = new TreeMap<>();
        stranded.forEach(program -> groups.computeIfAbsent(group(image, startable, program), group -> new ArrayList<>())
                .add(program));
        return groups.entrySet().stream()
                .map(entry -> caveat(entry.getKey(), entry.getValue(), image.isWhole()))
                .toList();
    }

    @Override
    public Set<String> tells() {
        return Set.of(GLIBC, OTHER);
    }

    /** In order of their paths. */
    static List<ElfFile> stranded(JudgedImage image) {
        Map<String, Boolean> missing = new HashMap<>();
        return image.elfFiles().all().stream()
                .filter(file -> file.outline().kind() == ElfFacts.Kind.DYNAMIC_EXECUTABLE)
                // A libc that can be called like a program is nobody's to start.
                .filter(file -> file.outline().origin().libc() == null)
                .filter(file -> isMissing(file.outline().interpreter(), image, missing))
                .filter(file -> mayStart(image.inputs().platform(), file))
                .toList();
    }

    private static boolean isMissing(@Nullable String interpreter, JudgedImage image, Map<String, Boolean> known) {
        return interpreter != null
                && !interpreter.isEmpty()
                && known.computeIfAbsent(interpreter, path -> image.find(path).isEmpty());
    }

    private static boolean mayStart(@Nullable Platform platform, ElfFile file) {
        return platform == null
                || Architecture.mayStart(platform, file.outline().header());
    }

    private static Group group(JudgedImage image, Startable startable, ElfFile program) {
        String interpreter = interpreter(program);
        boolean glibc = LinkedLibc.ofLoaderName(interpreter) == Family.GLIBC
                || GLIBC_PATH.matcher(interpreter).find();
        boolean executable = (program.mode() & 0111) != 0;
        boolean reachable = executable && startable.isReachable(program);
        // The kernel looks for one that is not absolute where the program happens to be started.
        boolean certain = reachable && image.isWhole() && interpreter.startsWith("/");
        Severity severity = !reachable ? Severity.LOW : startable.isFirst(program) ? Severity.CRITICAL : Severity.HIGH;
        return new Group(glibc ? GLIBC : OTHER, certain ? Kind.CERTAIN : Kind.RISK, severity);
    }

    private static String interpreter(ElfFile program) {
        return String.valueOf(program.outline().interpreter());
    }

    private static Caveat caveat(Group group, List<ElfFile> programs, boolean whole) {
        List<Evidence> evidence = programs.stream()
                .limit(Caveat.MAX_EVIDENCE)
                .map(program -> new Evidence(program.path(), program.layer(), interpreter(program), ID))
                .toList();
        return new Caveat(
                group.id(),
                group.kind(),
                group.severity(),
                message(group, programs, whole),
                evidence,
                programs.size(),
                null);
    }

    private static String message(Group group, List<ElfFile> programs, boolean whole) {
        List<String> loaders = programs.stream()
                .map(InterpreterMissing::interpreter)
                .distinct()
                .toList();
        String named = loaders.stream().limit(MAX_NAMED).collect(Collectors.joining(", "))
                + (loaders.size() > MAX_NAMED ? " and " + (loaders.size() - MAX_NAMED) + " more" : "");
        String who = switch (group.severity()) {
            case CRITICAL -> "what the image starts (" + programs.get(0).path() + ")";
            case HIGH, MEDIUM -> count(programs, "that the command names or PATH leads to");
            case LOW -> count(programs, "that nothing is known to start");
        };
        String missing =
                whole ? "which the image does not have" : "which is not in those parts of the image that could be read";
        // Of what the image starts one is named.
        boolean isOne = programs.size() == 1 || group.severity() == Severity.CRITICAL;
        return who + " need" + (isOne ? "s " : " ") + named + " to be loaded, " + missing
                + ": the kernel refuses to start " + (isOne ? "it" : "them")
                + " with ENOENT, a container runtime says \"no such file or directory\", a shell \"not found\" (exit code"
                + " 127), although the " + (isOne ? "file is" : "files are") + " there";
    }

    private static String count(List<ElfFile> programs, String which) {
        return programs.size() == 1
                ? "a program " + which + " (" + programs.get(0).path() + ")"
                : programs.size() + " programs " + which + " ("
                        + programs.get(0).path() + ", …)";
    }
}
