package io.basewatch.elf.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.layerfacts.Corpus;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Scores;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The prover against the real loaders of the corpus' images, over the corpus' ELF files and the machine's: line by line. */
@ExtendWith(Scores.class)
class LoaderIdentityTest {

    private static final List<String> MUSL_RELEASES = List.of("3.6.5", "3.12.12", "3.18.9", "3.20.3");

    private static final List<String> MACHINES_FOLDERS = List.of("/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu");

    /** A folder whose ELF files are judged instead of the corpus' and the machine's: wheels, add-ons, programs of elsewhere. */
    private static final String FOLDER = System.getProperty("basewatch.elf.folder", "");

    /** Of another machine nobody asks a loader. */
    private static final int X86_64 = 62;

    private static final int FILES_FOR_MUSL = 1_100;
    private static final int FILES_FOR_GLIBC = 400;

    private static final Pattern UNRESOLVED =
            Pattern.compile("(undefined symbol: .*|symbol .* with link time reference)\\t\\((.*)\\)");

    @TempDir
    private Path scratch;

    @Test
    void saysWhatTheLoadersOfFourMuslReleasesSay() throws Exception {
        List<Path> files = files(FILES_FOR_MUSL);
        Environment environment = Environment.of(List.of("LD_LIBRARY_PATH=" + libraryPath()), null);
        SoftAssertions softly = new SoftAssertions();
        for (String release : MUSL_RELEASES) {
            Path loader = unpack("library/alpine", release).resolve("lib/ld-musl-x86_64.so.1");
            List<Future<List<String>>> said = runAll(
                    files,
                    file -> List.of(loader.toString(), "--list", file.toString()),
                    Map.of("LD_LIBRARY_PATH", libraryPath()));
            PlainRoot view = new PlainRoot(Path.of("/"));
            Prover prover = new Prover(view, environment, Integer.MAX_VALUE);
            Comparison comparison = new Comparison("musl of Alpine " + release);
            for (int i = 0; i < files.size(); i++) {
                LoadProof proof = prove(prover, view, files.get(i), loader);
                Set<String> mine = new TreeSet<>();
                proof.faults().forEach(fault -> mine.add(fault.line()));
                boolean dies = mine.remove("");
                Set<String> real = new TreeSet<>();
                for (String line : said.get(i).get()) {
                    if (line.startsWith("Error ") || line.endsWith(": Not a valid dynamic program")) {
                        real.add(line);
                    }
                }
                comparison.add(files.get(i), proof, dies ? mine : real, mine);
            }
            comparison.finish(softly);
        }
        softly.assertAll();
    }

    @Test
    void saysWhatTheLoadersOfFourGlibcReleasesSay() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        compareWithGlibc("library/busybox", "1-glibc", softly);
        compareWithGlibc("wolfi/glibc-base", "20230201", softly);
        compareWithGlibc("tinycore/tinycore", "11.0-x86_64", softly);
        compareWithGlibc("tinycore/tinycore", "8.2-x86_64", softly);
        softly.assertAll();
    }

    @Test
    void saysWhatPythonHearsWhenItOpensLibraries() throws Exception {
        Path python = Path.of("/usr/bin/python3.11");
        assumeTrue(Files.isExecutable(python), "there is no " + python + " on this machine");
        List<Path> libraries = new ArrayList<>();
        for (String folder : List.of("/usr/lib/python3.11/lib-dynload", "/usr/lib/x86_64-linux-gnu")) {
            try (Stream<Path> all = Files.list(Path.of(folder))) {
                all.filter(file -> file.toString().contains(".so") && Files.isRegularFile(file))
                        .filter(LoaderIdentityTest::isDynamic)
                        .sorted()
                        .limit(150)
                        .forEach(libraries::add);
            }
        }
        for (boolean lazily : List.of(false, true)) {
            // RTLD_LAZY is 1, RTLD_NOW 2.
            String script = "import sys,_ctypes\ntry: _ctypes.dlopen(sys.argv[1]," + (lazily ? 1 : 2)
                    + "); print('loads')\nexcept OSError as e: print(e)";
            List<Future<List<String>>> said = runAll(
                    libraries, file -> List.of(python.toString(), "-S", "-E", "-c", script, file.toString()), Map.of());
            PlainRoot view = new PlainRoot(Path.of("/"));
            Prover prover = new Prover(view, Environment.NONE, Integer.MAX_VALUE);
            ElfFile host = view.elfFiles().find(python.toString()).orElseThrow();
            Comparison comparison = new Comparison("dlopen of Debian" + (lazily ? ", lazily" : ""));
            for (int i = 0; i < libraries.size(); i++) {
                ElfFile library =
                        view.elfFiles().find(libraries.get(i).toString()).orElseThrow();
                // By the path at which it lies, which is that of the file.
                LoadProof proof = prover.proveOpened(library, host, lazily);
                Set<String> mine = new TreeSet<>();
                proof.faults().forEach(fault -> mine.add(fault.line()));
                Set<String> real = new TreeSet<>(said.get(i).get());
                boolean isSame = real.contains("loads") ? mine.isEmpty() || proof.atCall() : mine.containsAll(real);
                comparison.add(libraries.get(i), proof, isSame ? mine : real, mine);
            }
            SoftAssertions softly = new SoftAssertions();
            comparison.finish(150, softly);
            softly.assertAll();
        }
    }

    private void compareWithGlibc(String repository, String tag, SoftAssertions softly) throws Exception {
        List<Path> files = files(FILES_FOR_GLIBC);
        Path root = unpack(repository, tag);
        Path loader = root.resolve("lib").resolve("ld-linux-x86-64.so.2");
        String libraryPath = root.resolve("lib") + ":" + libraryPath();
        // Lists as ldd(1) does with -r, and looks nowhere but along the path.
        List<Future<List<String>>> said = runAll(
                files,
                file -> List.of(loader.toString(), "--inhibit-cache", "--library-path", libraryPath, file.toString()),
                Map.of("LD_TRACE_LOADED_OBJECTS", "1", "LD_WARN", "yes", "LD_BIND_NOW", "1"));
        PlainRoot plain = new PlainRoot(Path.of("/"));
        Prover prover = new Prover(
                withoutTable(plain),
                Environment.of(List.of("LD_LIBRARY_PATH=" + libraryPath), null),
                Integer.MAX_VALUE);
        Comparison comparison = new Comparison("glibc of " + repository + " " + tag);
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i);
            LoadProof proof = prove(prover, plain, file, loader);
            if (proof.faults().stream().anyMatch(fault -> fault.kind() == LoadFault.Kind.LIBRARY_UNFIT)) {
                continue;
            }
            Set<String> mine = new TreeSet<>();
            proof.faults().forEach(fault -> mine.add(listed(fault)));
            comparison.add(file, proof, glibcLines(said.get(i).get()), mine);
        }
        comparison.finish(softly);
    }

    /** In listing, the loader has other words around what it tells. */
    private static String listed(LoadFault fault) {
        String line = fault.line();
        return switch (fault.kind()) {
            case LIBRARY_MISSING -> "missing " + fault.name();
            case VERSION_MISSING -> line.substring(line.indexOf(": ") + 2);
            case SYMBOL_MISSING -> line.substring(line.indexOf(" error: ") + " error: ".length());
            default -> line;
        };
    }

    private static Set<String> glibcLines(List<String> said) {
        Set<String> missing = new TreeSet<>();
        Set<String> others = new TreeSet<>();
        for (String line : said) {
            Matcher unresolved = UNRESOLVED.matcher(line);
            if (line.endsWith(" => not found")) {
                missing.add("missing " + line.strip().replace(" => not found", ""));
            } else if (line.contains("' not found (required by ")) {
                others.add(line.substring(line.indexOf(": ") + 2));
            } else if (unresolved.matches()) {
                others.add(unresolved.group(2) + ": " + unresolved.group(1));
            } else if (line.contains("error while loading")) {
                others.add(line);
            }
        }
        // A program that is started hears of nothing behind a missing library.
        return missing.isEmpty() ? others : missing;
    }

    private static final class Comparison {
        private final String name;
        private final List<String> differences = new ArrayList<>();
        private int files;
        private int lines;
        private int unknown;
        private final List<String> whyUnknown = new ArrayList<>();

        Comparison(String name) {
            this.name = name;
        }

        void add(Path file, LoadProof proof, Set<String> real, Set<String> mine) {
            if (proof.outcome() == LoadProof.Outcome.UNKNOWN) {
                unknown++;
                whyUnknown.add(file + " " + proof.unknowns());
                return;
            }
            files++;
            lines += real.size();
            if (!real.equals(mine)) {
                Set<String> missed = new TreeSet<>(real);
                missed.removeAll(mine);
                Set<String> invented = new TreeSet<>(mine);
                invented.removeAll(real);
                differences.add(file + " missed " + missed + " invented " + invented);
            }
        }

        void finish(SoftAssertions softly) {
            finish(FOLDER.isEmpty() ? 300 : 0, softly);
        }

        void finish(int least, SoftAssertions softly) {
            Scores.tell("as " + name, files - differences.size(), files);
            softly.assertThat(differences)
                    .as(name + ", " + lines + " lines of " + files + " files")
                    .isEmpty();
            softly.assertThat(unknown)
                    .as("not known of " + name + ": " + whyUnknown)
                    .isLessThan(files / 100 + 1);
            softly.assertThat(files).isGreaterThan(least);
        }
    }

    private static LoadProof prove(Prover prover, PlainRoot view, Path file, Path loader) {
        ElfFile object = view.elfFiles().find(file.toString()).orElseThrow();
        ElfFile by = view.elfFiles().find(loader.toString()).orElseThrow();
        return prover.proveListed(object, file.toString(), by, loader.toString());
    }

    private static LoaderView withoutTable(LoaderView view) {
        return new LoaderView() {
            @Override
            public Optional<FileEntry> find(String path) {
                return path.endsWith("/ld.so.cache") ? Optional.empty() : view.find(path);
            }

            @Override
            public Stream<FileEntry> list(String directory) {
                return view.list(directory);
            }

            @Override
            public Optional<String> text(String path) {
                return path.endsWith("/ld.so.cache") ? Optional.empty() : view.text(path);
            }

            @Override
            public ElfFiles elfFiles() {
                return view.elfFiles();
            }

            @Override
            public boolean isWhole() {
                return true;
            }
        };
    }

    private static String libraryPath() {
        return "/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu";
    }

    /** The corpus' files, and so many of the machine's own; or those of the folder that is asked for. */
    private static List<Path> files(int most) throws IOException {
        assumeTrue(
                System.getProperty("os.arch").equals("amd64") && Files.isDirectory(Path.of(MACHINES_FOLDERS.get(2))),
                "this is no machine for x86-64 laid out as Debian's, on which the loaders could be run");
        List<Path> files = new ArrayList<>();
        if (!FOLDER.isEmpty()) {
            try (Stream<Path> asked = Files.walk(Path.of(FOLDER))) {
                asked.filter(file -> Files.isRegularFile(file) && !Files.isSymbolicLink(file))
                        .filter(LoaderIdentityTest::isDynamic)
                        .sorted()
                        .forEach(files::add);
            }
            return files;
        }
        try (Stream<Path> corpus = Files.list(Corpus.path("elf/bin"))) {
            corpus.sorted().filter(LoaderIdentityTest::isDynamic).forEach(files::add);
        }
        for (String folder : MACHINES_FOLDERS) {
            try (Stream<Path> own = Files.walk(Path.of(folder))) {
                own.filter(Files::isRegularFile)
                        .filter(file -> !Files.isSymbolicLink(file))
                        .filter(LoaderIdentityTest::isDynamic)
                        .sorted()
                        .limit(most / MACHINES_FOLDERS.size() + (folder.contains("lib") ? most / 3 : 0))
                        .forEach(files::add);
            }
        }
        return files;
    }

    private static boolean isDynamic(Path file) {
        if (file.toString().endsWith(".o")
                || file.toString().endsWith(".debug")
                || file.toString().contains("static")) {
            return false;
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] head = in.readNBytes(20);
            return head.length == 20
                    && Arrays.equals(Arrays.copyOf(head, 4), new byte[] {0x7f, 'E', 'L', 'F'})
                    && (head[16] == 2 || head[16] == 3)
                    && (FOLDER.isEmpty() || head[18] == X86_64);
        } catch (IOException e) {
            return false;
        }
    }

    private interface Command {
        List<String> of(Path file);
    }

    private static List<Future<List<String>>> runAll(List<Path> files, Command command, Map<String, String> environment)
            throws InterruptedException {
        ExecutorService runners = Executors.newFixedThreadPool(2);
        List<Future<List<String>>> said = new ArrayList<>();
        for (Path file : files) {
            said.add(runners.submit(() -> run(command.of(file), environment)));
        }
        runners.shutdown();
        return said;
    }

    private static List<String> run(List<String> command, Map<String, String> environment) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        List<String> lines = new ArrayList<>();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.ISO_8859_1))) {
            String line = reader.readLine();
            while (line != null) {
                lines.add(line);
                line = reader.readLine();
            }
        }
        process.waitFor();
        return lines;
    }

    /** The folders of libraries of an image of the corpus, in a directory of the test's own. */
    private Path unpack(String repository, String tag) throws IOException {
        for (JsonNode image : Corpus.json("truth.json").get("images")) {
            List<String> tags = new ArrayList<>();
            image.path("tags").forEach(node -> tags.add(node.asString()));
            image.path("via_index_tags").forEach(node -> tags.add(node.asString()));
            boolean isIt = image.get("repo").asString().equals(repository)
                    && tags.contains(tag)
                    && image.get("platform").get("architecture").asString().equals("amd64");
            if (isIt) {
                Path root = Files.createTempDirectory(scratch, "root");
                for (JsonNode layer : image.get("layers")) {
                    unpack(layer.get("digest").asString().substring("sha256:".length()), root);
                }
                return root;
            }
        }
        throw new IllegalStateException("the corpus has no " + repository + ":" + tag);
    }

    private static void unpack(String digest, Path root) throws IOException {
        Path blob = Corpus.path(
                "registry/docker/registry/v2/blobs/sha256/" + digest.substring(0, 2) + "/" + digest + "/data");
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new GZIPInputStream(new BufferedInputStream(Files.newInputStream(blob))))) {
            TarArchiveEntry entry = tar.getNextEntry();
            while (entry != null) {
                String name = entry.getName().replaceFirst("^\\./", "");
                if (name.matches("(usr/)?lib(64)?/[^/]*\\.so[^/]*") && !Files.exists(root.resolve(name))) {
                    Path file = root.resolve(name);
                    Files.createDirectories(file.getParent());
                    if (entry.isSymbolicLink()) {
                        Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                    } else if (entry.isFile()) {
                        Files.copy(tar, file);
                        assertThat(file.toFile().setExecutable(true)).isTrue();
                    }
                }
                entry = tar.getNextEntry();
            }
        }
    }
}
