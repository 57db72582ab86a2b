package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.loading.LoadFault;
import io.basewatch.elf.loading.LoadProof;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.TestLayers;
import io.basewatch.layerfacts.TestLayers.Tar;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Small images by hand, as rules see them. */
final class Images {

    static final String MUSL_LOADER = "/lib/ld-musl-x86_64.so.1";
    static final String GLIBC_LOADER = "/lib64/ld-linux-x86-64.so.2";

    private Tar files;
    private final List<String> env = new ArrayList<>();
    private List<String> command = List.of("/bin/sh");
    private Map<String, String> labels = Map.of();
    private boolean whole = true;
    private String platform = "linux/amd64";

    private Images(Tar files) {
        this.files = files;
    }

    static HandmadeElf elf() {
        return HandmadeElf.of(64, ByteOrder.LITTLE_ENDIAN, ElfHeader.EM_X86_64);
    }

    /** A program for musl that refers to functions of libc. */
    static byte[] muslProgram(String... functions) {
        return calls(elf().interpreter(MUSL_LOADER).needed("libc.musl-x86_64.so.1"), functions);
    }

    static byte[] muslLibrary(String soname, String... functions) {
        return calls(elf().type(ElfHeader.ET_DYN).soname(soname).needed("libc.musl-x86_64.so.1"), functions);
    }

    static byte[] glibcProgram(String... functions) {
        return calls(elf().interpreter(GLIBC_LOADER).needed("libc.so.6"), functions);
    }

    /** That asks for functions which glibc has. */
    static byte[] glibcLibraryCalling(String soname, String... functions) {
        return calls(elf().type(ElfHeader.ET_DYN).soname(soname).needed("libc.so.6"), functions);
    }

    static byte[] glibcLibrary(String soname, String... needed) {
        return elf().type(ElfHeader.ET_DYN)
                .soname(soname)
                .needed("libc.so.6")
                .needed(needed)
                .build();
    }

    private static byte[] calls(HandmadeElf elf, String... functions) {
        HandmadeElf with = elf.undefined(functions);
        for (String function : functions) {
            with = with.relocation(function, 7);
        }
        return with.build();
    }

    static Images alpine(String release, String musl) {
        return new Images(TestLayers.tar()
                .file("etc/os-release", "ID=alpine\nVERSION_ID=" + release + "\nPRETTY_NAME=\"Alpine Linux\"\n")
                .file(
                        "bin/busybox",
                        elf().interpreter(MUSL_LOADER)
                                .needed("libc.musl-x86_64.so.1")
                                .build(),
                        0755)
                .symlink("bin/sh", "/bin/busybox")
                .file("etc/nsswitch.conf", "hosts: files dns\n")
                .file(
                        "lib/ld-musl-x86_64.so.1",
                        elf().type(ElfHeader.ET_DYN)
                                .soname("libc.musl-x86_64.so.1")
                                .exported("malloc", "printf", "open")
                                .data("musl libc (x86_64)\0Version %s\0" + musl + "\0")
                                .build(),
                        0755));
    }

    /** Alpine 3.20 with a musl without known faults of its branch, so that nothing but what a test puts in is told. */
    static Images current() {
        return alpine("3.24.1", "1.2.6");
    }

    static Images debian() {
        return new Images(TestLayers.tar()
                .file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12\"\n")
                .file("bin/dash", glibcProgram(), 0755)
                .symlink("bin/sh", "dash")
                .file("lib64/ld-linux-x86-64.so.2", glibcLibrary("ld-linux-x86-64.so.2"), 0755)
                .file(
                        "lib/x86_64-linux-gnu/libc.so.6",
                        elf().type(ElfHeader.ET_DYN)
                                .soname("libc.so.6")
                                .data("GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.\n")
                                .build(),
                        0755));
    }

    /** Nothing but what is put in. */
    static Images empty() {
        return new Images(TestLayers.tar());
    }

    Images file(String path, byte[] content) {
        files = files.file(path, content, 0755);
        return this;
    }

    Images text(String path, String content) {
        files = files.file(path, content);
        return this;
    }

    Images link(String path, String target) {
        files = files.symlink(path, target);
        return this;
    }

    Images env(String variable) {
        env.add(variable);
        return this;
    }

    Images starts(String... words) {
        command = List.of(words);
        return this;
    }

    Images label(String name, String value) {
        labels = Map.of(name, value);
        return this;
    }

    Images on(String where) {
        platform = where;
        return this;
    }

    Images cut() {
        whole = false;
        return this;
    }

    /** Adds packages to apk's database, as {@code name=version}. */
    Images packages(String... listed) {
        StringBuilder database = new StringBuilder();
        for (String one : listed) {
            String[] parts = one.split("=", 2);
            database.append("P:")
                    .append(parts[0])
                    .append("\nV:")
                    .append(parts[1])
                    .append("\nA:x86_64\nI:1000000\n\n");
        }
        return text("lib/apk/db/installed", database.toString());
    }

    JudgedImage judged() {
        ImageInputs inputs = new ImageInputs(command, List.of(), env, labels).on(Platform.parse(platform));
        Fingerprinter.Result seen = Fingerprinter.fingerprint(List.of(files.facts(Kinds.all())), inputs, whole);
        return JudgedImage.of(seen.seen(), seen.fingerprint());
    }

    Judgement judgement() {
        return Judge.judge(analysis(), judged());
    }

    /** Told as {@code id kind severity found}, but what is told of every image on musl; of objects of which no loader was asked. */
    List<String> told() {
        return told(image -> List.of());
    }

    /** The same with what the loaders really say. */
    List<String> proven() {
        return told(image -> LoadVerdicts.of(image, new Startable(image)).all());
    }

    /** The same with verdicts of the loader. */
    List<String> told(Function<JudgedImage, List<LoadVerdict>> verdicts) {
        return caveats(verdicts).stream().map(Images::summary).toList();
    }

    List<Caveat> caveats(Function<JudgedImage, List<LoadVerdict>> verdicts) {
        JudgedImage image = judged();
        List<LoadVerdict> made = verdicts.apply(image);
        Judgement judgement = Judge.judge(analysis(), new Case(image, made), Judge.rules());
        if (!judgement.reasons().isEmpty()) {
            throw new AssertionError(judgement.reasons().toString());
        }
        return judgement.caveats().stream()
                .filter(caveat ->
                        !caveat.id().equals("small-default-thread-stack") || caveat.severity() != Caveat.Severity.LOW)
                .toList();
    }

    Optional<Caveat> caveat(String id) {
        return caveats(image -> List.of()).stream()
                .filter(caveat -> caveat.id().equals(id))
                .findFirst();
    }

    static String summary(Caveat caveat) {
        return caveat.id() + " " + caveat.kind() + " " + caveat.severity() + " " + caveat.found();
    }

    private ImageAnalysis analysis() {
        AnalysisStatus status = whole ? AnalysisStatus.COMPLETE : AnalysisStatus.PARTIAL;
        List<Reason> reasons = whole ? List.of() : List.of(new Reason(Reason.Code.LAYER_CORRUPT, "cut"));
        return new ImageAnalysis(
                Digest.sha256Of(new byte[] {1}),
                null,
                status,
                reasons,
                Fingerprint.unknown(),
                List.of(),
                null,
                "1[a/1]",
                Instant.EPOCH);
    }

    /** What a loader would say of an object: that it misses symbols. */
    static LoadVerdict missing(
            JudgedImage image,
            String path,
            LoadVerdict.Reach reach,
            @Nullable String host,
            boolean atCall,
            String... symbols) {
        List<LoadFault> faults = new ArrayList<>();
        for (String symbol : symbols) {
            faults.add(new LoadFault(
                    LoadFault.Kind.SYMBOL_MISSING,
                    "/" + path,
                    symbol,
                    null,
                    "Error relocating /" + path + ": " + symbol + ": symbol not found"));
        }
        return verdict(image, path, reach, host, atCall, faults);
    }

    static LoadVerdict verdict(
            JudgedImage image,
            String path,
            LoadVerdict.Reach reach,
            @Nullable String host,
            boolean atCall,
            List<LoadFault> faults) {
        ElfFile object = image.elfFiles().find(path).orElseThrow();
        LoadProof proof = new LoadProof(
                faults.isEmpty() ? LoadProof.Outcome.LOADS : LoadProof.Outcome.FAILS, faults, List.of(), List.of());
        return new LoadVerdict(object, proof, reach, host, host == null ? null : "python", atCall);
    }
}
