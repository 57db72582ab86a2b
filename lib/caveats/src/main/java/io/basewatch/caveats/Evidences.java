package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Files as evidence: bounded, and counted whole. */
final class Evidences {

    private Evidences() {}

    static Sighting risk(Traits traits, String rule, Severity severity, String message, List<ElfFile> files) {
        return of(traits, rule, Kind.RISK, severity, message, files, null);
    }

    static Sighting info(Traits traits, String rule, String message, List<ElfFile> files) {
        return of(traits, rule, Kind.INFO, Severity.LOW, message, files, null);
    }

    /** None of no files. */
    static List<Sighting> risks(Traits traits, String rule, Severity severity, String message, List<ElfFile> files) {
        return files.isEmpty() ? List.of() : List.of(risk(traits, rule, severity, message, files));
    }

    /** None of no files. */
    static List<Sighting> notes(Traits traits, String rule, String message, List<ElfFile> files) {
        return files.isEmpty() ? List.of() : List.of(info(traits, rule, message, files));
    }

    static Sighting of(
            Traits traits,
            String rule,
            Kind kind,
            Severity severity,
            String message,
            List<ElfFile> files,
            @Nullable String excerpt) {
        List<Evidence> evidence = files.stream()
                .limit(Caveat.MAX_EVIDENCE)
                .map(file -> traits.evidence(file, excerpt, rule))
                .toList();
        return new Sighting(kind, severity, message, evidence, files.size(), null);
    }

    static String named(List<ElfFile> files, String one, String many) {
        return Sighting.named(files.stream().map(ElfFile::path).toList(), one, many);
    }
}
