package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Libc;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a loader refuses, by the verdicts on each object: told once, by the entry that says most of what to do. First by where the object comes from ({@link
 * GlibcPlaces}), then by what it lacks ({@link MissingSymbols}). Many objects of one kind are one finding. Of what lies in such a place and has no verdict is told what it
 * is built for, as a risk. That a program's own loader is missing is told by {@link InterpreterMissing}, here only for places.
 */
final class LoadFailures implements Rule {

    private static final String ID = "load-failures/1";

    private static final Set<String> PLACES = Set.of(
            "python-manylinux-extension-installed",
            "node-native-addon-glibc",
            "jdk-glibc-on-musl",
            "ruby-gem-platform-glibc",
            "dotnet-rid-mismatch",
            "bundled-browser-glibc",
            "oracle-instantclient",
            "go-cgo-binary-wrong-libc");

    private static final String VERSIONS_IGNORED = "symbol-versions-ignored";

    /** How an object stands, the worst first: as the severity of what it is told by. */
    private enum Standing {
        FIRST("the image starts it"),
        OF_FIRST("what the image starts opens it"),
        REACHABLE("the command names it, PATH leads to it or such a program needs it"),
        PLUGIN("a runtime of the image opens what lies there"),
        UNUSED("nothing in the image is known to load what lies there");

        final String why;

        Standing(String why) {
            this.why = why;
        }
    }

    /** One object under one entry. */
    private static final class Member {
        final ElfFile file;
        Standing standing;
        boolean atCall;
        /** Whether a loader's verdict says so. */
        final boolean isProven;

        final Set<String> lines = new HashSet<>();
        String line;
        GlibcPlaces.@Nullable Place place;

        Member(ElfFile file, Standing standing, boolean atCall, boolean isProven, String line) {
            this.file = file;
            this.standing = standing;
            this.atCall = atCall;
            this.isProven = isProven;
            this.line = line;
        }

        @Nullable
        String sibling() {
            return place == null ? null : place.sibling();
        }
    }

    private record Group(
            String caveat, Severity severity, Kind kind, boolean isProven, boolean atCall, boolean hasSibling)
            implements Comparable<Group> {
        private static final Comparator<Group> ORDER = Comparator.comparing(Group::severity)
                .reversed()
                .thenComparing(Group::kind)
                .thenComparing(Group::caveat)
                .thenComparing(Group::isProven)
                .thenComparing(Group::atCall)
                .thenComparing(Group::hasSibling);

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
    public Set<String> tells() {
        return Stream.of(
                        PLACES,
                        MissingSymbols.tells(),
                        Set.of(
                                VERSIONS_IGNORED,
                                "elf-needed-missing",
                                "elf-symbol-version-missing",
                                "elf-irelative-reloc",
                                "elf-initial-exec-tls-dlopen"))
                .flatMap(Set::stream)
                .collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public List<Caveat> judge(Case seen) {
        Map<String, Map<String, Member>> told = new TreeMap<>();
        GlibcPlaces places = new GlibcPlaces(seen.traits());
        Set<String> judged = new HashSet<>();
        for (LoadVerdict verdict : seen.verdicts()) {
            List<LoadFault> faults = telling(seen, verdict);
            faults.forEach(fault -> fault(seen, places, verdict, fault, told));
            if (!faults.isEmpty() || verdict.proof().outcome() == LoadProof.Outcome.LOADS) {
                judged.add(verdict.object().path());
            }
        }
        stranded(seen, places, told);
        unjudged(seen, places, judged, told);
        List<Caveat> caveats = new ArrayList<>();
        told.forEach((caveat, members) -> caveats.addAll(group(seen, caveat, List.copyOf(members.values()))));
        caveats.addAll(ignoredVersions(seen));
        return caveats;
    }

    /**
     * Without symbols that are missing for another reason than the object itself: a library of which nobody knows who opens it may get them of that one, and with
     * a library that is not there all of its symbols are missing. Those of glibc alone nobody else has.
     */
    private static List<LoadFault> telling(Case seen, LoadVerdict verdict) {
        if (verdict.proof().outcome() != LoadProof.Outcome.FAILS) {
            return List.of();
        }
        List<LoadFault> all = verdict.proof().faults();
        boolean lacksLibrary = all.stream()
                .anyMatch(fault ->
                        fault.kind() == LoadFault.Kind.LIBRARY_MISSING || fault.kind() == LoadFault.Kind.LIBRARY_UNFIT);
        boolean isAlone = verdict.reach() == LoadVerdict.Reach.UNUSED
                && verdict.host() == null
                && verdict.object().outline().kind() == ElfFacts.Kind.SHARED_LIBRARY;
        return all.stream()
                .filter(fault -> fault.kind() != LoadFault.Kind.SYMBOL_MISSING
                        || !(lacksLibrary || isAlone)
                        || !caveat(seen, fault).equals(MissingSymbols.ANY))
                .toList();
    }

    private static void fault(
            Case seen,
            GlibcPlaces places,
            LoadVerdict verdict,
            LoadFault fault,
            Map<String, Map<String, Member>> told) {
        String path = fault.object().startsWith("/") ? fault.object().substring(1) : fault.object();
        ElfFile object = path.equals(verdict.object().path())
                ? verdict.object()
                : seen.image().elfFiles().find(path).orElse(verdict.object());
        GlibcPlaces.Place place = isForeign(seen, object) ? places.of(object) : null;
        String caveat = place != null ? place.caveat() : caveat(seen, fault);
        if (caveat.equals(GlibcPlaces.TOLD_ELSEWHERE)) {
            return;
        }
        Standing standing = standing(seen, verdict);
        Member member = told.computeIfAbsent(caveat, key -> new TreeMap<>())
                .computeIfAbsent(
                        object.path(), key -> new Member(object, standing, verdict.atCall(), true, fault.line()));
        member.place = place;
        member.lines.add(fault.line());
        if (standing.compareTo(member.standing) < 0) {
            member.standing = standing;
        }
        member.atCall &= verdict.atCall();
    }

    /** A file for glibc in an image on musl. */
    private static boolean isForeign(Case seen, ElfFile file) {
        return seen.traits().isMusl() && file.outline().builtFor() == Libc.Family.GLIBC;
    }

    private static Standing standing(Case seen, LoadVerdict verdict) {
        return switch (verdict.reach()) {
            case FIRST -> Standing.FIRST;
            case REACHABLE -> Standing.REACHABLE;
            case PLUGIN -> isFirst(seen, verdict.host()) ? Standing.OF_FIRST : Standing.PLUGIN;
            case UNUSED -> Standing.UNUSED;
        };
    }

    private static boolean isFirst(Case seen, @Nullable String program) {
        return program != null
                && seen.image()
                        .elfFiles()
                        .find(program)
                        .filter(seen.startable()::isFirst)
                        .isPresent();
    }

    private static String caveat(Case seen, LoadFault fault) {
        return switch (fault.kind()) {
            case INTERPRETER_MISSING -> GlibcPlaces.TOLD_ELSEWHERE;
            case LIBRARY_MISSING, LIBRARY_UNFIT -> "elf-needed-missing";
            case VERSION_MISSING -> "elf-symbol-version-missing";
            case SYMBOL_MISSING ->
                seen.traits().isMusl() ? MissingSymbols.caveat(fault.name(), seen.traits()) : MissingSymbols.ANY;
            case RELOCATION_UNSUPPORTED -> seen.traits().isMusl() ? "elf-irelative-reloc" : MissingSymbols.ANY;
            case TLS -> seen.traits().isMusl() ? "elf-initial-exec-tls-dlopen" : GlibcPlaces.TOLD_ELSEWHERE;
        };
    }

    /** Programs whose loader is missing, where their place says more than that. */
    private static void stranded(Case seen, GlibcPlaces places, Map<String, Map<String, Member>> told) {
        seen.stranded().forEach(program -> {
            GlibcPlaces.Place place = isForeign(seen, program)
                    ? places.of(program)
                    : GlibcPlaces.isGoProgram(program)
                            ? new GlibcPlaces.Place("go-cgo-binary-wrong-libc", null, null, null)
                            : null;
            if (place != null && !place.caveat().equals(GlibcPlaces.TOLD_ELSEWHERE)) {
                boolean executable = (program.mode() & 0111) != 0;
                Standing standing = !executable || !seen.startable().isReachable(program)
                        ? Standing.UNUSED
                        : seen.startable().isFirst(program) ? Standing.FIRST : Standing.REACHABLE;
                Member member = new Member(
                        program,
                        standing,
                        false,
                        true,
                        "its loader " + program.outline().interpreter() + " is not in the image");
                member.place = place;
                told.computeIfAbsent(place.caveat(), key -> new TreeMap<>()).putIfAbsent(program.path(), member);
            }
        });
    }

    /** What lies in a place of its kind, is for glibc, and no loader was asked about. */
    private static void unjudged(
            Case seen, GlibcPlaces places, Set<String> judged, Map<String, Map<String, Member>> told) {
        if (!seen.traits().isMusl()) {
            return;
        }
        for (ElfFile file : seen.image().elfFiles().all()) {
            GlibcPlaces.Place place =
                    isForeign(seen, file) && !judged.contains(file.path()) && isUsable(seen.traits(), file)
                            ? places.of(file)
                            : null;
            if (place == null || place.caveat().equals(GlibcPlaces.TOLD_ELSEWHERE)) {
                continue;
            }
            boolean isLoaded = place.runtime() == null
                    ? seen.startable().isReachable(file)
                    : seen.traits().has(place.runtime());
            Member member = new Member(
                    file,
                    seen.startable().isFirst(file) ? Standing.FIRST : isLoaded ? Standing.PLUGIN : Standing.UNUSED,
                    false,
                    false,
                    place.excerpt() == null ? "built for glibc" : place.excerpt());
            member.place = place;
            told.computeIfAbsent(place.caveat(), key -> new TreeMap<>()).putIfAbsent(file.path(), member);
        }
    }

    private static boolean isUsable(Traits traits, ElfFile file) {
        return file.outline().kind().isExecutable()
                ? traits.isForThisMachine(file)
                : traits.isLoadable(file.outline().header());
    }

    private static List<Caveat> group(Case seen, String caveat, List<Member> members) {
        Map<Group, List<Member>> groups = new TreeMap<>();
        for (Member member : members) {
            groups.computeIfAbsent(group(caveat, member), key -> new ArrayList<>())
                    .add(member);
        }
        List<Caveat> caveats = new ArrayList<>();
        groups.forEach((group, alike) -> caveats.add(
                sighting(seen, group, alike).toCaveat(caveat, seen.image().isWhole())));
        return caveats;
    }

    private static Group group(String caveat, Member member) {
        if (member.sibling() != null) {
            return new Group(caveat, Severity.LOW, Kind.INFO, member.isProven, false, true);
        }
        Severity rated = severity(Catalogue.severity(caveat), member.standing);
        if (member.atCall && member.standing != Standing.UNUSED) {
            rated = Sighting.milder(rated);
        }
        boolean certain = member.isProven && !member.atCall && member.standing != Standing.UNUSED;
        // Reasons differ, findings do not: one for each severity.
        return new Group(caveat, rated, certain ? Kind.CERTAIN : Kind.RISK, member.isProven, member.atCall, false);
    }

    private static Severity severity(Severity worst, Standing standing) {
        Severity bounded = worst == Severity.CRITICAL ? Severity.HIGH : worst;
        return switch (standing) {
            case FIRST -> Severity.CRITICAL;
            case OF_FIRST -> worst;
            case REACHABLE, PLUGIN -> bounded;
            case UNUSED -> Severity.LOW;
        };
    }

    private static Sighting sighting(Case seen, Group group, List<Member> members) {
        List<Member> ordered = members.stream()
                .sorted(Comparator.<Member, Standing>comparing(member -> member.standing)
                        .thenComparing(member -> member.file.path()))
                .toList();
        Member worst = ordered.get(0);
        List<Evidence> evidence = ordered.stream()
                .limit(Caveat.MAX_EVIDENCE)
                .map(member -> seen.traits().evidence(member.file, member.line, ID))
                .toList();
        String who = Sighting.named(
                ordered.stream().map(member -> member.file.path()).toList(), "an object", "objects");
        String message = who + what(seen, group, worst, members) + "; rated so as " + worst.standing.why;
        String sibling = group.hasSibling ? "there is a variant for musl (" + worst.sibling() + ")" : null;
        return new Sighting(
                group.kind,
                group.severity,
                sibling == null ? message : who + " for glibc would not do on musl; " + sibling,
                evidence,
                members.size(),
                sibling);
    }

    private static String what(Case seen, Group group, Member worst, List<Member> members) {
        if (!group.isProven) {
            return " for glibc in an image on musl (" + worst.line
                    + "): it is by what each needs whether it loads, which was not worked out";
        }
        long lines = members.stream().mapToLong(member -> member.lines.size()).sum();
        String more = lines > 1 ? ", and " + (lines - 1) + (lines == 2 ? " more such line" : " more such lines") : "";
        String libc = seen.traits().isMusl()
                ? "musl"
                        + (seen.traits().musl() == null
                                ? ""
                                : " " + seen.traits().musl())
                : "this image's libc";
        return group.atCall
                ? " can be loaded under " + libc + ", but would fail when a missing function is called (" + worst.line
                        + more + ")"
                : " cannot be loaded under " + libc + " (" + worst.line + more + ")";
    }

    private static List<Caveat> ignoredVersions(Case seen) {
        List<ElfFile> lucky = seen.verdicts().stream()
                .filter(verdict -> verdict.proof().outcome() == LoadProof.Outcome.LOADS
                        && verdict.reach() != LoadVerdict.Reach.UNUSED
                        && isForeign(seen, verdict.object())
                        && verdict.object().outline().origin().libc() == null
                        && !verdict.object().path().startsWith("usr/glibc-compat/"))
                .map(LoadVerdict::object)
                .toList();
        return lucky.isEmpty()
                ? List.of()
                : List.of(Evidences.risk(
                                seen.traits(),
                                ID,
                                Catalogue.severity(VERSIONS_IGNORED),
                                "built for glibc and loaded under musl, which checks no symbol versions: "
                                        + Evidences.named(lucky, "an object", "objects")
                                        + ", never tested with these functions",
                                lucky)
                        .toCaveat(VERSIONS_IGNORED, seen.image().isWhole()));
    }
}
