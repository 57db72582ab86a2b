package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileNames;
import io.basewatch.layerfacts.FirstBytes;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.LinkStore;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Python by its standard library, and the wheels installed for it by the platform they were built for. */
public final class PythonDetector implements Detector, Interest {

    private static final String ID = "python/3";
    private static final int MAX_EVIDENCE = 50;

    /** Where CPython has its library: {@code PREFIX/lib/python3.11/os.py}. */
    private static final Pattern LIBRARY = Pattern.compile(
            "((?:.*/)?lib(?:64|32)?/python(\\d\\.\\d{1,2})t?)/os\\.pyc?|((?:.*/)?lib(?:64|32)?/python(\\d)(\\d{1,2})\\.zip)");

    private static final Pattern SITE =
            Pattern.compile("(?:.*/)?lib(?:64|32)?/python(\\d(?:\\.\\d{1,2})?)t?/(?:site|dist)-packages/.*");
    private static final Pattern IN_SITE = Pattern.compile(".*/(?:site|dist)-packages/(.*)");
    private static final Pattern WHEEL = Pattern.compile(".*\\.dist-info/WHEEL");
    private static final Pattern HEADER = Pattern.compile("(?:.*/)?include/python(\\d\\.\\d{1,2})t?/patchlevel\\.h");
    /** Of all files that any of these patterns is about. */
    private static final FileNames NAMES =
            FileNames.of("os.py", "os.pyc", "python*", "patchlevel.h", "WHEEL", "PKG-INFO", "*.egg-info");

    private static final Pattern PATCH_LEVEL = Pattern.compile("#define\\s+PY_VERSION\\s+\"([0-9][^\"]{0,20})\"");
    private static final Pattern TAG = Pattern.compile("(?m)^Tag:\\s*(\\S{1,200})[ \\t\\r]*\\n");

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Hints hints() {
        return Hints.NONE.named("WHEEL", "patchlevel.h").stored();
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        if (file.name().equals("WHEEL") && WHEEL.matcher(file.path()).matches()) {
            return Want.content(16 << 10);
        }
        return file.name().equals("patchlevel.h") ? Want.content(8 << 10) : Want.NOTHING;
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        if (!LinkStore.holds(file.path())) {
            return Want.NOTHING;
        }
        if (FirstBytes.startWith(head, "Wheel-Version:")) {
            return Want.content(16 << 10);
        }
        return FirstBytes.haveLine(head, "/* Python version identification scheme")
                ? Want.content(8 << 10)
                : Want.NOTHING;
    }

    private static final class Site {
        final Map<String, Integer> wheels = new TreeMap<>();
        int packages;

        @Nullable
        Evidence nativeWheel;

        @Nullable
        Evidence first;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        Map<String, List<Evidence>> libraries = new TreeMap<>();
        Map<String, String> exact = new TreeMap<>();
        Site site = new Site();
        image.filesNamed(NAMES).forEach(file -> look(image, file, libraries, exact, site));
        Map<String, String> shared = new TreeMap<>();
        if (site.packages > 0) {
            shared.put("sitePackages", Integer.toString(site.packages));
        }
        site.wheels.forEach((platform, count) -> shared.put("wheels." + platform, count.toString()));
        Installed installed = new Installed(findings, ID);
        libraries.forEach((version, evidence) -> {
            Map<String, String> details = new TreeMap<>(shared);
            List<Evidence> all = new ArrayList<>(evidence);
            if (site.nativeWheel != null) {
                all.add(site.nativeWheel);
            }
            String found = exact.get(version);
            if (found == null) {
                found = installed
                        .named(
                                Pattern.compile("python3?|python" + Pattern.quote(version) + "(-minimal)?|libpython"
                                        + Pattern.quote(version) + "(-minimal|-stdlib)?|python3-libs|python3-minimal"),
                                upstream -> upstream.startsWith(version + "."))
                        .map(known -> {
                            all.add(installed.evidence(known));
                            return Installed.upstream(known.version());
                        })
                        .orElse(null);
            }
            findings.runtime(new LanguageRuntime("python", found == null ? version : found, details, all));
        });
        if (libraries.isEmpty() && site.packages > 0 && site.first != null) {
            if (image.isWhole()) {
                shared.put("interpreter", "none");
            }
            findings.runtime(new LanguageRuntime(
                    "python", null, shared, List.of(site.nativeWheel == null ? site.first : site.nativeWheel)));
        }
    }

    private static void look(
            ImageView image,
            ImageFile file,
            Map<String, List<Evidence>> libraries,
            Map<String, String> exact,
            Site site) {
        String path = file.entry().path();
        if ((!path.contains("python") && !path.endsWith(".dist-info/WHEEL")) || Caches.hold(path)) {
            return;
        }
        Matcher library = LIBRARY.matcher(path);
        if (library.matches()) {
            String version = library.group(2) != null ? library.group(2) : library.group(4) + "." + library.group(5);
            List<Evidence> evidence = libraries.computeIfAbsent(version, key -> new ArrayList<>());
            if (evidence.size() < MAX_EVIDENCE) {
                evidence.add(new Evidence(path, file.layer(), null, ID));
            }
        }
        Matcher header = HEADER.matcher(path);
        if (header.matches()) {
            Matcher level = PATCH_LEVEL.matcher(text(file));
            if (level.find()) {
                exact.put(header.group(1), level.group(1));
            }
        }
        String name = file.entry().name();
        boolean isWheel = name.equals("WHEEL") && path.endsWith(".dist-info/WHEEL") && isImportedFrom(path);
        if (isWheel) {
            // uv can make each file of a site a link into its cache.
            Matcher tag = TAG.matcher(text(image.find(path).orElse(file)));
            String platform = "unknown";
            String found = null;
            if (tag.find()) {
                found = tag.group(1);
                platform = platform(found.substring(found.lastIndexOf('-') + 1));
            }
            site.wheels.merge(platform, 1, Integer::sum);
            if (site.nativeWheel == null && !platform.equals("any")) {
                site.nativeWheel = new Evidence(path, file.layer(), found == null ? null : "Tag: " + found, ID);
            }
        }
        if (isWheel
                || (SITE.matcher(path).matches()
                        && (path.endsWith(".egg-info/PKG-INFO") || path.endsWith(".egg-info")))) {
            site.packages++;
            if (site.first == null) {
                site.first = new Evidence(path, file.layer(), null, ID);
            }
        }
    }

    /**
     * Whether it lies directly in a folder that Python looks into: the site's, or any other that a path can name ({@code pip install --target}). Deeper lie the
     * copies that packages bring for themselves ({@code setuptools/_vendor}).
     */
    private static boolean isImportedFrom(String path) {
        Matcher site = IN_SITE.matcher(path);
        return site.matches()
                ? site.group(1).indexOf('/') == site.group(1).lastIndexOf('/')
                : !path.contains("/_vendor/");
    }

    /** The part of a platform tag that names what it needs: {@code manylinux}, {@code musllinux}, {@code linux}, {@code any}. */
    private static String platform(String tag) {
        for (String known : List.of("manylinux", "musllinux", "linux", "any")) {
            if (tag.startsWith(known)) {
                return known;
            }
        }
        return "other";
    }

    private static String text(ImageFile file) {
        byte[] content = file.content();
        return content == null ? "" : new String(content, StandardCharsets.ISO_8859_1);
    }
}
