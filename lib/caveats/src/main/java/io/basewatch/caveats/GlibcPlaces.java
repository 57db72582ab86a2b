package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.layerfacts.FileEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where files for glibc come from when they lie in an image on musl: a wheel, an addon, a JDK, a gem… By that they are told, as the place says what to do. What has no
 * place is told by what it lacks.
 */
final class GlibcPlaces {

    /** Of what other rules tell, and of glibc's own files. */
    static final String TOLD_ELSEWHERE = "";

    /**
     * @param caveat the entry that tells it; {@link #TOLD_ELSEWHERE} for none of the loader's
     * @param runtime whose plugin it is; null for programs and what any of them may open
     * @param sibling what stands in for it on musl; null when nothing does
     * @param excerpt for evidence, such as a wheel's tag; null for none
     */
    record Place(
            String caveat,
            @Nullable String runtime,
            @Nullable String sibling,
            @Nullable String excerpt) {}

    private static final Pattern SITE = Pattern.compile("(?:.*/)?(?:site|dist)-packages/.*");
    private static final Pattern GEM =
            Pattern.compile("(?:.*/)?(?:gems|extensions)/[^/]+-(?:x86_64|aarch64|arm|arm64|x86)-linux(?:-gnu)?/.*");
    private static final Pattern DOTNET_NATIVE = Pattern.compile("(.*/)?runtimes/linux-([a-z0-9]+)/native/([^/]+)");
    private static final Pattern DOTNET_SHARED = Pattern.compile("(?:.*/)?shared/Microsoft\\.NETCore\\.App/.*");
    private static final Pattern BROWSER = Pattern.compile(
            "(?:.*/)?(?:\\.cache/puppeteer/.*|\\.local-chromium/.*|\\.?ms-playwright/.*"
                    + "|\\.cache/Cypress/.*|node_modules/electron/dist/.*|phantomjs/bin/phantomjs|phantomjs[^/]*/bin/phantomjs)");
    private static final Pattern ORACLE =
            Pattern.compile("lib(?:clntsh(?:core)?|occi|nnz\\d*|ociei|ociicus|clntshcore|oramysql)\\b.*\\.so.*");
    private static final Pattern CUDA = Pattern.compile(
            "lib(?:cudart|cublas|cublasLt|cudnn\\w*|cufft|nvinfer\\w*|onnxruntime_providers_cuda)\\b.*\\.so.*");
    private static final Pattern TAG = Pattern.compile("(?m)^Tag:\\s*(\\S{1,200})");

    private final Traits traits;
    private final Map<String, String> tagByFile = new HashMap<>();
    private final Set<String> agents = new TreeSet<>();

    GlibcPlaces(Traits traits) {
        this.traits = traits;
        readWheels();
        for (String variable : List.of("LD_PRELOAD", "CORECLR_PROFILER_PATH", "CORECLR_PROFILER_PATH_64")) {
            for (String word : traits.env(variable).orElse("").split("[\\s:]+")) {
                if (!word.isEmpty()) {
                    traits.image().find(word).map(FileEntry::path).ifPresent(agents::add);
                }
            }
        }
    }

    /** Which files each wheel brought, by its RECORD, whose kept text has the native ones. */
    private void readWheels() {
        Map<String, String> tags = new HashMap<>();
        for (JudgedImage.KeptText text : traits.texts()) {
            String path = text.entry().path();
            Matcher tag = TAG.matcher(path.endsWith(".dist-info/WHEEL") ? text.text() : "");
            if (tag.find()) {
                tags.put(path.substring(0, path.lastIndexOf('/')), tag.group(1));
            }
        }
        for (JudgedImage.KeptText text : traits.texts()) {
            String path = text.entry().path();
            if (!path.endsWith(".dist-info/RECORD")) {
                continue;
            }
            String info = path.substring(0, path.lastIndexOf('/'));
            String site = info.substring(0, info.lastIndexOf('/') + 1);
            String tag = tags.get(info);
            if (tag != null) {
                text.text().lines().forEach(line -> tagByFile.put(site + line.split(",", 2)[0], tag));
            }
        }
    }

    /** Null for a file that lies nowhere in particular. */
    @Nullable
    Place of(ElfFile file) {
        String path = file.path();
        if (path.startsWith("usr/glibc-compat/")
                || file.outline().origin().libc() != null
                || agents.contains(path)
                || path.startsWith("opt/extensions/")
                || CUDA.matcher(file.name()).matches()
                || path.contains("node_modules/grpc/src/node/extension_binary/")
                || file.name().startsWith("ddtrace")) {
            return new Place(TOLD_ELSEWHERE, null, null, null);
        }
        String tag = tagByFile.get(path);
        if (tag != null || SITE.matcher(path).matches()) {
            return new Place(
                    "python-manylinux-extension-installed", "python", null, tag == null ? null : "Tag: " + tag);
        }
        if (file.name().endsWith(".node")) {
            return new Place("node-native-addon-glibc", "node", muslAddon(path), null);
        }
        if (traits.javaHomes().stream().anyMatch(path::startsWith)) {
            return new Place("jdk-glibc-on-musl", null, null, null);
        }
        if (GEM.matcher(path).matches()) {
            return new Place("ruby-gem-platform-glibc", "ruby", null, null);
        }
        Matcher dotnet = DOTNET_NATIVE.matcher(path);
        if (dotnet.matches()) {
            String other = (dotnet.group(1) == null ? "" : dotnet.group(1)) + "runtimes/linux-musl-" + dotnet.group(2)
                    + "/native/" + dotnet.group(3);
            boolean hasOther = traits.image().find(other).isPresent();
            return new Place("dotnet-rid-mismatch", "dotnet", hasOther ? other : null, null);
        }
        if (DOTNET_SHARED.matcher(path).matches()
                || traits.image().find(path + ".deps.json").isPresent()) {
            return new Place("dotnet-rid-mismatch", null, null, null);
        }
        if (BROWSER.matcher(path).matches()) {
            return new Place("bundled-browser-glibc", null, chromium(), null);
        }
        if (ORACLE.matcher(file.name()).matches()) {
            return new Place("oracle-instantclient", null, null, null);
        }
        return isGoProgram(file) ? new Place("go-cgo-binary-wrong-libc", null, null, null) : null;
    }

    static boolean isGoProgram(ElfFile file) {
        return file.outline().origin().go() != null && file.outline().kind() == ElfFacts.Kind.DYNAMIC_EXECUTABLE;
    }

    private @Nullable String chromium() {
        return traits.apk().has("chromium")
                        && (traits.env("PUPPETEER_EXECUTABLE_PATH").isPresent()
                                || traits.env("CHROME_PATH").isPresent()
                                || traits.env("CHROME_BIN").isPresent())
                ? "Alpine's chromium, to which the environment points"
                : null;
    }

    /** The variant of an addon that its package would take on musl: in the same folder, or in the neighbour whose name ends in -musl. */
    private @Nullable String muslAddon(String path) {
        String directory = path.substring(0, Math.max(0, path.lastIndexOf('/')));
        String beside = traits.image()
                .list(directory)
                .filter(entry -> entry.name().endsWith(".node") && entry.name().contains("musl"))
                .map(FileEntry::path)
                .findFirst()
                .orElse(null);
        if (beside != null) {
            return beside;
        }
        Matcher gnu = Pattern.compile("(.*/node_modules/.*[/-])(linux-[a-z0-9]+)(-gnu|-glibc)?((?:/.*)?)")
                .matcher(directory);
        if (!gnu.matches()) {
            return null;
        }
        String before = gnu.group(1);
        for (String other : List.of(gnu.group(2) + "-musl", gnu.group(2).replace("linux-", "linuxmusl-"))) {
            if (traits.image().find(before + other).isPresent()) {
                return before + other;
            }
        }
        return null;
    }
}
