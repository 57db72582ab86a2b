package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfHeader;
import io.basewatch.elf.Marker;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.InstalledPackage;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Node.js by its binary, and native addons by the libc they were built for. */
public final class NodeDetector implements Detector, Interest {

    private static final String ID = "node/3";
    private static final Pattern PACKAGE = Pattern.compile("nodejs(-current|-lts|\\d*|-\\d+)?|node(js)?\\d\\d");
    private static final Pattern VERSION = Pattern.compile("(\\d+\\.\\d+\\.\\d+)");
    private static final Pattern HEADER =
            Pattern.compile("#define\\s+NODE_(MAJOR|MINOR|PATCH)_VERSION\\s+(\\d{1,4})\\s");
    private static final FileNames MODULE_NAME = FileNames.of("package.json");
    private static final Pattern MODULE = Pattern.compile("(?:.*/)?node_modules/(?:@[^/]+/)?[^/@]+/package\\.json");

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Hints hints() {
        return Hints.NONE.named("node_version.h").stored();
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        return file.path().endsWith("include/node/node_version.h") ? Want.content(8 << 10) : Want.NOTHING;
    }

    /** The license in front of the header, which is all that its first bytes show, is that of some dozen others. */
    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return LinkStore.holds(file.path())
                        && file.size() <= 8 << 10
                        && FirstBytes.startWith(head, "// Copyright Joyent, Inc. and other Node contributors.")
                ? Want.content(8 << 10)
                : Want.NOTHING;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        List<Evidence> evidence = new ArrayList<>();
        String version = binaryVersion(elfFiles, evidence);
        if (version == null) {
            version = headerVersion(image, evidence);
        }
        Installed installed = new Installed(findings, ID);
        Optional<InstalledPackage> listed = installed.named(PACKAGE);
        if (listed.isPresent()) {
            evidence.add(installed.evidence(listed.get()));
            if (version == null) {
                version = Installed.upstream(listed.get().version());
            }
        }
        Map<String, String> details = new TreeMap<>();
        if (evidence.isEmpty() && image.isWhole()) {
            details.put("interpreter", "none");
        }
        addons(elfFiles, details, evidence);
        AtomicInteger modules = new AtomicInteger();
        image.filesNamed(MODULE_NAME)
                .filter(file -> MODULE.matcher(file.entry().path()).matches()
                        && !Caches.hold(file.entry().path()))
                .forEach(file -> modules.incrementAndGet());
        if (modules.get() > 0) {
            details.put("modules", modules.toString());
        }
        if (!evidence.isEmpty()) {
            findings.runtime(new LanguageRuntime("node", version, details, evidence));
        }
    }

    private static @Nullable String binaryVersion(ElfFiles elfFiles, List<Evidence> evidence) {
        String version = null;
        for (ElfFile file : elfFiles.all()) {
            boolean isNode = file.name().equals("node") || file.name().equals("nodejs");
            if (!isNode || !file.outline().kind().isExecutable() || evidence.size() >= 3) {
                continue;
            }
            String text = file.outline().origin().markers().get(Marker.NODE);
            Matcher matcher = VERSION.matcher(text == null ? "" : text);
            boolean isTold = matcher.lookingAt();
            evidence.add(new Evidence(file.path(), file.layer(), isTold ? "v" + matcher.group(1) : null, ID));
            if (isTold && version == null) {
                version = matcher.group(1);
            }
        }
        return version;
    }

    private static @Nullable String headerVersion(ImageView image, List<Evidence> evidence) {
        for (String path : List.of("usr/local/include/node/node_version.h", "usr/include/node/node_version.h")) {
            Optional<ImageFile> file = image.find(path);
            byte[] content = file.map(ImageFile::content).orElse(null);
            if (file.isEmpty() || content == null) {
                continue;
            }
            Map<String, String> parts = new TreeMap<>();
            Matcher part = HEADER.matcher(new String(content, StandardCharsets.ISO_8859_1));
            while (part.find()) {
                parts.putIfAbsent(part.group(1), part.group(2));
            }
            if (parts.size() == 3) {
                String version = parts.get("MAJOR") + "." + parts.get("MINOR") + "." + parts.get("PATCH");
                evidence.add(new Evidence(path, file.get().layer(), version, ID));
                return version;
            }
        }
        return null;
    }

    private static void addons(ElfFiles elfFiles, Map<String, String> details, List<Evidence> evidence) {
        Map<String, Integer> counts = new TreeMap<>();
        for (ElfFile file : elfFiles.all()) {
            if (!file.name().endsWith(".node")
                    || Caches.hold(file.path())
                    || file.outline().header().type() != ElfHeader.ET_DYN) {
                continue;
            }
            Libc.Family family = file.outline().builtFor();
            String key = family == null ? "other" : family.toString();
            if (counts.merge(key, 1, Integer::sum) == 1) {
                evidence.add(new Evidence(
                        file.path(),
                        file.layer(),
                        "addon built for " + (family == null ? "no known libc" : family),
                        ID));
            }
        }
        counts.forEach((family, count) -> details.put("addons." + family, count.toString()));
    }
}
