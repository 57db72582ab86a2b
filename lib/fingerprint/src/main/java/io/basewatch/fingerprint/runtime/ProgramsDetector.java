package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ElfOutline;
import io.basewatch.elf.GoBuild;
import io.basewatch.elf.Marker;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Languages and tools that leave their name in the executables built with them: Go, Rust, BusyBox, packed files. */
public final class ProgramsDetector implements Detector {

    private static final String ID = "programs/2";
    private static final int MAX_EVIDENCE = 5;

    /** More than a result may have. */
    private static final int MAX_GROUPS = 2_000;

    private static final Pattern RUSTC_VERSION = Pattern.compile("\\d+\\.\\d+\\.\\d+(-[0-9a-z.]+)?");

    @Override
    public String id() {
        return ID;
    }

    private record Key(String name, @Nullable String version) {}

    private static final class Group {
        final List<Evidence> evidence = new ArrayList<>();
        final Map<String, Integer> counts = new TreeMap<>();

        void add(ElfFile file, String excerpt, String kind) {
            // Hard links of one file say the same.
            boolean isNew = evidence.stream().noneMatch(seen -> excerpt.equals(seen.excerpt()));
            if (evidence.isEmpty() || (isNew && evidence.size() < MAX_EVIDENCE)) {
                evidence.add(new Evidence(file.path(), file.layer(), excerpt, ID));
            }
            counts.merge(kind, 1, Integer::sum);
        }
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        Map<Key, Group> groups = new LinkedHashMap<>();
        elfFiles.all().forEach(file -> look(file, file.outline(), groups));
        groups.forEach((key, group) -> {
            Map<String, String> details = new TreeMap<>();
            group.counts.forEach((kind, count) -> details.put(kind, count.toString()));
            findings.runtime(new LanguageRuntime(key.name, key.version, details, group.evidence));
        });
    }

    private static void look(ElfFile file, ElfOutline outline, Map<Key, Group> groups) {
        GoBuild go = outline.origin().go();
        if (go != null && !isNamedLibrary(file.name())) {
            Boolean cgo = go.cgo();
            String linkage = outline.kind().isStatic() ? "static" : "dynamic";
            String version = go.version() == null ? null : go.version().replaceFirst("^go", "");
            String excerpt = (go.version() == null ? "Go" : go.version())
                    + (go.module() == null ? "" : " " + go.module())
                    + (cgo == null ? "" : cgo ? " cgo" : " without cgo");
            Group group = group(groups, "go", version);
            group.add(file, excerpt, "executables." + linkage);
            if (cgo != null && cgo) {
                group.counts.merge("executables.cgo", 1, Integer::sum);
            }
        } else if (!isNamedLibrary(file.name()) && (outline.has(Marker.RUST) || outline.has(Marker.RUSTC))) {
            String text = outline.origin().markers().get(Marker.RUSTC);
            Matcher told = RUSTC_VERSION.matcher(text == null ? "" : text);
            String version = told.lookingAt() ? told.group() : null;
            group(groups, "rust", version)
                    .add(
                            file,
                            version == null ? "RUST_BACKTRACE" : "rustc " + version,
                            "executables." + (outline.kind().isStatic() ? "static" : "dynamic"));
        }
        String busybox = outline.origin().markers().get(Marker.BUSYBOX);
        if (busybox != null && !busybox.isEmpty()) {
            String version = busybox.split(" ", 2)[0];
            group(groups, "busybox", version).add(file, "BusyBox v" + busybox, "names");
        }
        if (outline.has(Marker.PACKED) && outline.kind().isExecutable()) {
            group(groups, "upx", null).add(file, "UPX!", "executables");
        }
    }

    /** Libraries are searched for texts where Go linked them, or where they had another name in their layer. */
    private static boolean isNamedLibrary(String name) {
        return name.contains(".so") || name.endsWith(".node");
    }

    /** Past the bound, of which the findings tell, one that is not kept. */
    private static Group group(Map<Key, Group> groups, String name, @Nullable String version) {
        Key key = new Key(name, version);
        Group group = groups.get(key);
        if (group == null) {
            group = new Group();
            if (groups.size() < MAX_GROUPS) {
                groups.put(key, group);
            }
        }
        return group;
    }
}
