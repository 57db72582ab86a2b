package io.basewatch.elf.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.loading.LoadFault.Kind;
import io.basewatch.elf.loading.LoadProof.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProverTest {

    private static final String MUSL = "/lib/ld-musl-x86_64.so.1";
    private static final String GLIBC = "/lib64/ld-linux-x86-64.so.2";

    /** Types of relocation of x86-64. */
    private static final int ABSOLUTE = 1;

    private static final int JUMP_SLOT = 7;
    private static final int FIXED_TLS = 18;
    private static final int INDIRECT = 37;

    private static final long DT_RUNPATH = 29;
    private static final long DT_FLAGS = 30;
    private static final long DT_RELRSZ = 35;
    private static final long DT_RELR = 36;

    @TempDir
    private Path root;

    private Environment environment = Environment.NONE;

    private static HandmadeElf elf() {
        return HandmadeElf.x86_64();
    }

    private static HandmadeElf musl(String version) {
        return elf().soname("libc.musl-x86_64.so.1")
                .exported("__libc_start_main", "stdin", "puts", "open", "stat", "posix_fallocate")
                .data("\0musl libc (x86_64)\nVersion %s\nDynamic Program Loader\n\0" + version + "\0");
    }

    private static HandmadeElf muslProgram() {
        return elf().interpreter(MUSL).needed("libc.musl-x86_64.so.1").undefined("__libc_start_main");
    }

    @BeforeEach
    void layLoaders() throws IOException {
        file(MUSL, musl("1.2.5"));
        file(GLIBC, elf().soname("ld-linux-x86-64.so.2").exported("_rtld_global"));
        file(
                "/lib/x86_64-linux-gnu/libc.so.6",
                elf().soname("libc.so.6")
                        .needed("ld-linux-x86-64.so.2")
                        .versionDefinitions("GLIBC_2.2.5", "GLIBC_2.31")
                        .exported("puts", "__libc_start_main")
                        .version("puts", 2)
                        .version("__libc_start_main", 2)
                        .data("\0GNU C Library (Debian GLIBC 2.31-13) stable release version 2.31.\0"));
        Files.createSymbolicLink(root.resolve("lib64/libc.so.6"), Path.of("../lib/x86_64-linux-gnu/libc.so.6"));
    }

    private void file(String path, HandmadeElf elf) throws IOException {
        text(path, null);
        Files.write(root.resolve(path.substring(1)), elf.build());
    }

    private void text(String path, String text) throws IOException {
        Path file = root.resolve(path.substring(1));
        Files.createDirectories(file.getParent());
        if (text != null) {
            Files.writeString(file, text);
        }
    }

    private LoadProof start(String program) {
        PlainRoot view = new PlainRoot(root);
        return new Prover(view, environment).proveStart(find(view, program));
    }

    private static ElfFile find(PlainRoot view, String path) {
        return view.elfFiles().find(path).orElseThrow();
    }

    private LoadProof open(String plugin, String host, boolean lazily) {
        PlainRoot view = new PlainRoot(root);
        return new Prover(view, environment).proveOpened(find(view, plugin), find(view, host), lazily);
    }

    private static List<String> lines(LoadProof proof) {
        return proof.faults().stream().map(LoadFault::line).toList();
    }

    @Test
    void aProgramWhoseLibrariesAreThereLoads() throws IOException {
        file("/usr/lib/libz.so.1", elf().soname("libz.so.1").exported("inflate").needed("libc.musl-x86_64.so.1"));
        file("/app", muslProgram().needed("libz.so.1").undefined("inflate"));
        LoadProof proof = start("/app");
        assertThat(proof.outcome()).isEqualTo(Outcome.LOADS);
        assertThat(proof.loaded()).containsExactly("app", "lib/ld-musl-x86_64.so.1", "usr/lib/libz.so.1");
    }

    @Test
    void whatMuslMissesIsToldInItsOwnWords() throws IOException {
        file("/usr/lib/liba.so", elf().undefined("gone", "puts").needed("libb.so", "libc.so.6"));
        file("/app", muslProgram().needed("liba.so").undefined("backtrace").weak("__gmon_start__"));
        assertThat(lines(start("/app")))
                .containsExactly(
                        "Error loading shared library libb.so: No such file or directory (needed by /usr/lib/liba.so)",
                        "Error relocating /usr/lib/liba.so: gone: symbol not found",
                        "Error relocating /app: backtrace: symbol not found");
        assertThat(start("/app").faults())
                .extracting(LoadFault::kind)
                .containsExactly(Kind.LIBRARY_MISSING, Kind.SYMBOL_MISSING, Kind.SYMBOL_MISSING);
    }

    @Test
    void aProgramWithoutItsLoaderIsRefusedByTheKernel() throws IOException {
        file("/app", elf().interpreter("/lib/ld-linux-aarch64.so.1").needed("libc.so.6"));
        LoadFault fault = start("/app").faults().get(0);
        assertThat(fault.kind()).isEqualTo(Kind.INTERPRETER_MISSING);
        assertThat(fault.name()).isEqualTo("/lib/ld-linux-aarch64.so.1");
        assertThat(fault.line()).isEqualTo("exec /app: no such file or directory");
    }

    @Test
    void muslInheritsRunpathsAndFillsInOrigin() throws IOException {
        file("/opt/lib/liba.so", elf().needed("libb.so"));
        file("/opt/lib/libb.so", elf());
        file("/opt/bin/app", muslProgram().needed("liba.so").tag(DT_RUNPATH, "$ORIGIN/../lib"));
        assertThat(start("/opt/bin/app").outcome()).isEqualTo(Outcome.LOADS);
        file("/opt/bin/app", muslProgram().needed("liba.so").tag(DT_RUNPATH, "$ORIGIN/../lib:$LIB"));
        assertThat(lines(start("/opt/bin/app")))
                .as("any other variable makes the whole list void")
                .containsExactly(
                        "Error loading shared library liba.so: No such file or directory (needed by /opt/bin/app)");
    }

    @Test
    void glibcsRunpathIsForTheObjectsOwnNeedsAlone() throws IOException {
        file("/opt/lib/liba.so", elf().needed("libb.so"));
        file("/opt/lib/libb.so", elf());
        file("/opt/bin/app", elf().interpreter(GLIBC).needed("liba.so").tag(DT_RUNPATH, "/opt/lib"));
        assertThat(lines(start("/opt/bin/app")))
                .containsExactly(
                        "/opt/bin/app: error while loading shared libraries: libb.so: cannot open shared object"
                                + " file: No such file or directory");
        file("/opt/bin/app", elf().interpreter(GLIBC).needed("liba.so").rpath("/opt/lib"));
        assertThat(start("/opt/bin/app").outcome()).isEqualTo(Outcome.LOADS);
    }

    @Test
    void muslsOwnListOfDirectoriesReplacesTheUsualOnes() throws IOException {
        file("/usr/lib/liba.so", elf());
        file("/app", muslProgram().needed("liba.so"));
        text("/etc/ld-musl-x86_64.path", "/opt/lib\n/lib");
        assertThat(start("/app").outcome()).isEqualTo(Outcome.FAILS);
        text("/etc/ld-musl-x86_64.path", "");
        assertThat(start("/app").outcome()).as("an empty one leaves none").isEqualTo(Outcome.FAILS);
        text("/etc/ld-musl-x86_64.path", "/opt/lib:/usr/lib");
        assertThat(start("/app").outcome()).isEqualTo(Outcome.LOADS);
    }

    @Test
    void theEnvironmentsLibrariesAreLookedAtFirstAndMissingPreloadsArePassedOver() throws IOException {
        file("/opt/liba.so", elf().exported("gone"));
        file("/opt/libpre.so", elf().exported("missing"));
        file("/app", muslProgram().needed("liba.so").undefined("missing", "gone"));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.FAILS);
        environment =
                Environment.of(List.of("LD_LIBRARY_PATH=/opt", "LD_PRELOAD=/opt/libpre.so:/opt/nothing.so"), null);
        assertThat(start("/app").outcome()).isEqualTo(Outcome.LOADS);
        assertThat(start("/app").loaded().get(1)).isEqualTo("opt/libpre.so");
    }

    @Test
    void muslDoesNotSeeFunctionsThatChooseTheirCode() throws IOException {
        file("/lib/liba.so", elf().exported("chosen").info("chosen", 0x1a));
        file("/app", muslProgram().needed("liba.so").undefined("chosen"));
        assertThat(lines(start("/app"))).containsExactly("Error relocating /app: chosen: symbol not found");
    }

    @Test
    void relocationsThatMuslDoesNotKnowAreFatal() throws IOException {
        file("/lib/liba.so", elf().undefined("puts").relocation("puts", INDIRECT));
        file("/app", muslProgram().needed("liba.so"));
        assertThat(lines(start("/app")))
                .containsExactly("Error relocating /lib/liba.so: unsupported relocation type 37");
    }

    @Test
    void namesForLargeFilesAreTakenForTheirPlainOnesSinceMusl124() throws IOException {
        file("/app", muslProgram().undefined("open64", "stat64", "posix_fallocate64"));
        assertThat(lines(start("/app")))
                .as("a name of 17 characters does not fit into the loader's buffer before 1.2.6")
                .containsExactly("Error relocating /app: posix_fallocate64: symbol not found");
        file(MUSL, musl("1.2.3"));
        assertThat(start("/app").faultCount()).isEqualTo(3);
        file(MUSL, musl("1.2.6"));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.LOADS);
    }

    @Test
    void compactRelativeRelocationsArePassedOverBeforeMusl124() throws IOException {
        file("/app", muslProgram().tag(DT_RELR, 0).tag(DT_RELRSZ, 8));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.LOADS);
        file(MUSL, musl("1.2.3"));
        assertThat(start("/app").faults())
                .extracting(LoadFault::kind, LoadFault::name, LoadFault::line)
                .containsExactly(tuple(Kind.RELOCATION_UNSUPPORTED, "DT_RELR", ""));
    }

    @Test
    void anotherLibcIsTakenForTheRunningOne() throws IOException {
        file("/opt/other.so", elf().exported("__libc_start_main", "stdin", "backtrace"));
        file("/app", muslProgram().needed("/opt/other.so").undefined("backtrace"));
        assertThat(lines(start("/app"))).containsExactly("Error relocating /app: backtrace: symbol not found");
        assertThat(start("/app").loaded()).doesNotContain("opt/other.so");
    }

    @Test
    void aVersionThatGlibcDoesNotHaveIsTold() throws IOException {
        file(
                "/app",
                elf().interpreter(GLIBC)
                        .needed("libc.so.6")
                        .versions("libc.so.6", "GLIBC_2.2.5", "GLIBC_2.34")
                        .undefined("puts", "__libc_start_main")
                        .version("puts", 2)
                        .version("__libc_start_main", 3));
        LoadProof proof = start("/app");
        assertThat(lines(proof))
                .containsExactly(
                        "/app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.34' not found (required by /app)");
        assertThat(proof.faults().get(0).version()).isEqualTo("GLIBC_2.34");
    }

    @Test
    void whatGlibcBindsLazilyIsMissedAtTheCall() throws IOException {
        HandmadeElf lazy =
                elf().interpreter(GLIBC).needed("libc.so.6").undefined("gone").relocation("gone", JUMP_SLOT);
        file("/app", lazy);
        LoadProof proof = start("/app");
        assertThat(proof.atCall()).isTrue();
        assertThat(lines(proof)).containsExactly("/app: symbol lookup error: /app: undefined symbol: gone");
        file("/app", lazy.tag(DT_FLAGS, 8));
        assertThat(start("/app").atCall()).as("linked to be bound at once").isFalse();
        environment = Environment.of(List.of("LD_BIND_NOW=1"), null);
        file(
                "/app",
                elf().interpreter(GLIBC).needed("libc.so.6").undefined("gone").relocation("gone", JUMP_SLOT));
        assertThat(start("/app").atCall()).isFalse();
    }

    @Test
    void glibcLooksWhereItsTableSays() throws IOException {
        file("/opt/vendor/liba.so", elf());
        file("/app", elf().interpreter(GLIBC).needed("liba.so"));
        text("/etc/ld.so.conf", "include /etc/ld.so.conf.d/*.conf\n");
        text("/etc/ld.so.conf.d/vendor.conf", "# ours\n/opt/vendor\n");
        assertThat(start("/app").outcome()).as("no ldconfig was run").isEqualTo(Outcome.FAILS);
        text("/etc/ld.so.cache", "not readable");
        assertThat(start("/app").outcome())
                .as("the settings stand in for a table that cannot be read")
                .isEqualTo(Outcome.LOADS);
    }

    @Test
    void aLibraryThatOnlySomeProcessorsAreGivenIsNotKnown() throws IOException {
        file("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfast.so.1", elf().exported("fast"));
        file(
                "/app",
                elf().interpreter(GLIBC).needed("libfast.so.1", "libc.so.6").undefined("fast"));
        LoadProof proof = start("/app");
        assertThat(proof.outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(proof.unknowns())
                .first()
                .asString()
                .contains("/usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfast.so.1");
        file("/opt/tls/libfast.so.1", elf().exported("fast"));
        Files.delete(root.resolve("usr/lib/x86_64-linux-gnu/glibc-hwcaps/x86-64-v3/libfast.so.1"));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.FAILS);
        environment = Environment.of(List.of("LD_LIBRARY_PATH=/opt"), null);
        assertThat(start("/app").outcome()).isEqualTo(Outcome.UNKNOWN);
        file("/usr/lib/x86_64-linux-gnu/libfast.so.1", elf().exported("fast"));
        assertThat(start("/app").outcome()).as("one for all").isEqualTo(Outcome.LOADS);
    }

    @Test
    void whatAFilterAnswersForIsNotKnownToGlibcAndNothingToMusl() throws IOException {
        long auxiliary = 0x7ffffffdL;
        file("/usr/lib/x86_64-linux-gnu/libfront.so", elf().tag(auxiliary, "libback.so"));
        file("/app", elf().interpreter(GLIBC).needed("libfront.so", "libc.so.6").undefined("behind"));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.UNKNOWN);
        file("/usr/lib/libfront.so", elf().tag(auxiliary, "libback.so"));
        file("/app", muslProgram().needed("libfront.so").undefined("behind"));
        assertThat(lines(start("/app"))).containsExactly("Error relocating /app: behind: symbol not found");
    }

    @Test
    void aPluginSeesWhatItsHostStartedWithAndItsOwnLibraries() throws IOException {
        file("/lib/libhost.so", elf().exported("Py_Init"));
        file("/lib/libown.so", elf().exported("own"));
        file("/bin/host", muslProgram().needed("libhost.so").exported("host_api"));
        file("/mod.so", elf().needed("libown.so").undefined("Py_Init", "own", "host_api", "puts"));
        assertThat(open("/mod.so", "/bin/host", false).outcome()).isEqualTo(Outcome.LOADS);
        assertThat(open("/mod.so", "/bin/host", false).loaded()).containsExactly("mod.so", "lib/libown.so");
    }

    @Test
    void whatALazyHostDoesNotFindStrikesAtTheCall() throws IOException {
        file("/bin/host", muslProgram());
        file("/mod.so", elf().undefined("gone").relocation("gone", JUMP_SLOT));
        assertThat(open("/mod.so", "/bin/host", true).atCall()).isTrue();
        assertThat(open("/mod.so", "/bin/host", false).atCall()).isFalse();
        file("/mod.so", elf().undefined("gone").relocation("gone", ABSOLUTE));
        assertThat(open("/mod.so", "/bin/host", true).atCall())
                .as("data is needed at once")
                .isFalse();
    }

    @Test
    void aThreadsVariableAtAFixedDistanceHasNoRoomInAPlugin() throws IOException {
        file("/bin/host", muslProgram());
        file(
                "/mod.so",
                elf().needed("libtls.so").undefined("mine").info("mine", 0x16).relocation("mine", FIXED_TLS));
        file("/lib/libtls.so", elf().exported("mine").info("mine", 0x16));
        // Without a segment of its own it takes no room.
        assertThat(open("/mod.so", "/bin/host", false).outcome()).isEqualTo(Outcome.LOADS);
    }

    @Test
    void aProgramUnderGcompatHasItsLibraryInScope() throws IOException {
        file(GLIBC, elf().soname("gcompat-loader"));
        file("/lib/libgcompat.so.0", elf().exported("backtrace").needed("libc.musl-x86_64.so.1"));
        file("/app", elf().interpreter(GLIBC).needed("libc.so.6").undefined("backtrace", "puts", "error"));
        assertThat(lines(start("/app"))).containsExactly("Error relocating /app: error: symbol not found");
    }

    /** As jars bring one for each system, all for the same machine. */
    @Test
    void glibcTakesNoLibraryOfAnotherSystem() throws IOException {
        file("/app", elf().interpreter(GLIBC).needed("libc.so.6").undefined("__libc_start_main"));
        file("/opt/libfree.so", elf().soname("libfree.so").needed("libc.so.7"));
        file("/opt/libuser.so", elf().soname("libuser.so").needed("libfree.so").tag(DT_RUNPATH, "/opt"));
        Path free = root.resolve("opt/libfree.so");
        byte[] bytes = Files.readAllBytes(free);
        bytes[7] = 9;
        Files.write(free, bytes);

        assertThat(lines(open("/opt/libfree.so", "/app", false)))
                .containsExactly("/opt/libfree.so: ELF file OS ABI invalid");
        assertThat(lines(open("/opt/libuser.so", "/app", false)))
                .containsExactly("/opt/libfree.so: ELF file OS ABI invalid");
        PlainRoot view = new PlainRoot(root);
        assertThat(lines(new Prover(view, environment).proveListed(find(view, "/opt/libfree.so"), find(view, GLIBC))))
                .containsExactly(
                        "/opt/libfree.so: error while loading shared libraries: /opt/libfree.so: ELF file OS ABI invalid");
    }

    @Test
    void cyclesOfNeedsComeToAnEnd() throws IOException {
        file("/lib/liba.so", elf().needed("libb.so").undefined("b").exported("a"));
        file("/lib/libb.so", elf().needed("liba.so", "libb.so").undefined("a").exported("b"));
        file("/app", muslProgram().needed("liba.so"));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.LOADS);
        file("/app", elf().interpreter(GLIBC).needed("liba.so", "libc.so.6"));
        file(
                "/lib/x86_64-linux-gnu/liba.so",
                elf().needed("libb.so").undefined("b").exported("a"));
        assertThat(start("/app").outcome()).isEqualTo(Outcome.LOADS);
    }

    @Test
    void aLibraryThatIsNoElfFileIsToldAsTheLoaderDoes() throws IOException {
        text(
                "/lib/liba.so",
                "INPUT(-la) /* a linker's script that is long enough to be taken for a file with a header */");
        file("/app", muslProgram().needed("liba.so"));
        assertThat(lines(start("/app")))
                .containsExactly("Error loading shared library liba.so: Exec format error (needed by /app)");
        file("/app", elf().interpreter(GLIBC).needed("liba.so"));
        assertThat(lines(start("/app")))
                .containsExactly("/app: error while loading shared libraries: /lib/liba.so: invalid ELF header");
    }

    @Test
    void moreFaultsThanAreKeptAreCounted() throws IOException {
        String[] names = IntStream.range(0, 300).mapToObj(i -> "gone" + i).toArray(String[]::new);
        file("/app", muslProgram().undefined(names));
        LoadProof proof = start("/app");
        assertThat(proof.faults()).hasSize(200);
        assertThat(proof.faultCount()).isEqualTo(300);
    }
}
