package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Java by the release file of its home, and the libc its launcher was built for. */
public final class JavaDetector implements Detector, Interest {

    private static final String ID = "java/3";
    private static final Pattern PROPERTY = Pattern.compile("(?m)^([A-Z_]{3,40})=(\"?)([^\"\\r\\n]{1,200})\\2\\s*$");
    private static final Pattern LAUNCHER = Pattern.compile("(.*/)?bin/java");
    private static final Pattern VM = Pattern.compile("(.*?)/?(?:jre/)?lib/(?:[a-z0-9_]+/)?server/libjvm\\.so");
    private static final FileNames OF_HOMES = FileNames.of("release", "libjvm.so", "java");
    private static final Pattern HOME_VERSION =
            Pattern.compile(".*?(?:java|jdk|jre|openjdk|zulu)-?(\\d{1,2}(?:\\.\\d+)*).*");

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Hints hints() {
        return Hints.NONE.named("release").stored();
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        return file.name().equals("release") && file.size() <= 64 << 10 ? Want.content(8 << 10) : Want.NOTHING;
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        return LinkStore.holds(file.path())
                        && (FirstBytes.haveLine(head, "JAVA_VERSION=") || FirstBytes.startWith(head, "IMPLEMENTOR="))
                ? Want.content(8 << 10)
                : Want.NOTHING;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        Set<String> homes = new TreeSet<>();
        Map<String, Map<String, String>> releases = new HashMap<>();
        Map<String, Evidence> releaseEvidence = new HashMap<>();
        image.filesNamed(OF_HOMES).forEach(file -> {
            FileEntry entry = file.entry();
            if (entry.type() != FileEntry.Type.FILE || Caches.hold(entry.path())) {
                return;
            }
            if (entry.name().equals("release")) {
                Map<String, String> properties = properties(file);
                if (properties.containsKey("JAVA_VERSION")) {
                    String home = parent(entry.path());
                    homes.add(home);
                    releases.put(home, properties);
                    releaseEvidence.put(
                            home,
                            new Evidence(
                                    entry.path(),
                                    file.layer(),
                                    "JAVA_VERSION=\"" + properties.get("JAVA_VERSION") + "\"",
                                    ID));
                }
                return;
            }
            Matcher vm = VM.matcher(entry.path());
            if (entry.name().equals("libjvm.so") && vm.matches()) {
                homes.add(vm.group(1));
            } else if (entry.name().equals("java")
                    && LAUNCHER.matcher(entry.path()).matches()
                    && elfFiles.find(entry.path()).isPresent()) {
                String home = parent(parent(entry.path()));
                homes.add(home.endsWith("/jre") ? parent(home) : home);
            }
        });
        for (String home : homes) {
            tell(elfFiles, findings, home, releases.getOrDefault(home, Map.of()), releaseEvidence.get(home));
        }
    }

    private static void tell(
            ElfFiles elfFiles,
            Findings findings,
            String home,
            Map<String, String> release,
            @Nullable Evidence releaseFile) {
        Map<String, String> details = new TreeMap<>();
        List<Evidence> evidence = new ArrayList<>();
        if (releaseFile != null) {
            evidence.add(releaseFile);
        }
        put(details, "vendor", release.get("IMPLEMENTOR"));
        put(details, "libc", release.get("LIBC"));
        put(details, "imageType", release.get("IMAGE_TYPE"));
        details.put("home", home);
        for (String relative :
                List.of("/bin/java", "/jre/bin/java", "/lib/server/libjvm.so", "/jre/lib/amd64/server/libjvm.so")) {
            Optional<ElfFile> file = elfFiles.find(home + relative);
            if (file.isEmpty()) {
                continue;
            }
            Libc.Family family = file.get().outline().builtFor();
            evidence.add(new Evidence(
                    file.get().path(), file.get().layer(), family == null ? null : "built for " + family, ID));
            if (family != null) {
                details.putIfAbsent("builtFor", family.toString());
            }
        }
        String version = release.get("JAVA_VERSION");
        if (version == null) {
            Matcher named = HOME_VERSION.matcher(home.substring(home.lastIndexOf('/') + 1));
            version = named.matches() ? named.group(1) : null;
        }
        findings.runtime(new LanguageRuntime("java", version, details, evidence));
    }

    private static void put(Map<String, String> details, String name, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            details.put(name, value);
        }
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    private static Map<String, String> properties(ImageFile file) {
        byte[] content = file.content();
        Map<String, String> properties = new HashMap<>();
        if (content != null) {
            Matcher property = PROPERTY.matcher(new String(content, StandardCharsets.UTF_8));
            while (property.find()) {
                properties.putIfAbsent(property.group(1), property.group(3));
            }
        }
        return properties;
    }
}
