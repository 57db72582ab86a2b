package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ArchiveFacts;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Native libraries inside of jars and wheels: unpacked and loaded at run time, and invisible to whoever looks at the file system only. */
public final class ArchivesDetector implements Detector {

    private static final String ID = "archives/2";
    private static final int MAX_EVIDENCE = 12;

    @Override
    public String id() {
        return ID;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        Map<String, Integer> counts = new TreeMap<>();
        List<Evidence> evidence = new ArrayList<>();
        image.filesWithFacts(ArchiveFacts.KIND).forEach(file -> look(file, counts, evidence, findings));
        if (!evidence.isEmpty()) {
            Map<String, String> details = new TreeMap<>();
            counts.forEach((key, count) -> details.put(key, count.toString()));
            findings.runtime(new LanguageRuntime("nested-libraries", null, details, evidence));
        }
    }

    private static void look(ImageFile file, Map<String, Integer> counts, List<Evidence> evidence, Findings findings) {
        byte[] bytes = file.facts(ArchiveFacts.KIND);
        String path = file.entry().path();
        if (bytes == null || bytes.length == 0 || Caches.hold(path)) {
            return;
        }
        ArchiveFacts facts;
        try {
            facts = ArchiveFacts.decode(bytes);
        } catch (IllegalArgumentException e) {
            findings.invalid(path, "its stored archive facts cannot be read: " + e.getMessage());
            return;
        }
        if (facts.problem() != null) {
            findings.invalid(path, "not read to its end, native libraries in it may be missing: " + facts.problem());
        }
        if (!facts.entries().isEmpty()) {
            counts.merge("archives", 1, Integer::sum);
        }
        for (ArchiveFacts.Entry entry : facts.entries()) {
            Libc.Family family = LinkedLibc.of(entry.facts());
            String builtFor = family == null ? "other" : family.toString();
            counts.merge("libraries." + builtFor, 1, Integer::sum);
            if (entry.facts().reading().isCut()) {
                findings.exceeded(path + "!/" + entry.path() + ": "
                        + entry.facts().reading().cutText());
            }
            if (evidence.size() < MAX_EVIDENCE) {
                evidence.add(new Evidence(
                        path + "!/" + entry.path(),
                        file.layer(),
                        entry.facts().header().architecture() + ", "
                                + (family == null ? "no known libc" : "built for " + family),
                        ID));
            }
        }
    }
}
