package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import io.basewatch.fingerprint.libc.Architecture;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Programs that something starts and that are for another machine. Libraries and tools for many machines lie about in many images, and are none of its business. */
final class ArchMismatch implements Rule {

    private static final String ID = "arch-mismatch/1";
    private static final String CAVEAT = "elf-arch-mismatch";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public Set<String> tells() {
        return Set.of(CAVEAT);
    }

    @Override
    public List<Caveat> judge(Case seen) {
        Platform platform = seen.image().inputs().platform();
        if (platform == null) {
            return List.of();
        }
        List<ElfFile> first = new ArrayList<>();
        List<ElfFile> others = new ArrayList<>();
        for (ElfFile file : seen.image().elfFiles().all()) {
            if (file.outline().kind().isExecutable()
                    && !Architecture.mayStart(platform, file.outline().header())
                    && seen.startable().isReachable(file)) {
                (seen.startable().isFirst(file) ? first : others).add(file);
            }
        }
        List<Caveat> caveats = new ArrayList<>();
        tell(seen, platform, Severity.CRITICAL, "the image starts it", first, caveats);
        tell(seen, platform, Severity.HIGH, "the command names them or PATH leads to them", others, caveats);
        return caveats;
    }

    private static void tell(
            Case seen, Platform platform, Severity severity, String why, List<ElfFile> files, List<Caveat> caveats) {
        if (files.isEmpty()) {
            return;
        }
        String machine = files.get(0).outline().header().architecture();
        String emulator = seen.image()
                .list("usr/bin")
                .map(FileEntry::name)
                .filter(name -> name.startsWith("qemu-"))
                .findFirst()
                .map(name -> "an emulator is in the image (" + name + ")")
                .orElse(null);
        Sighting sighting = Evidences.of(
                        seen.traits(),
                        ID,
                        emulator == null ? Kind.CERTAIN : Kind.RISK,
                        severity,
                        Evidences.named(files, "a program", "programs") + " for " + machine + " in an image for "
                                + platform + ": \"Exec format error\"; rated so as " + why,
                        files,
                        machine)
                .mitigatedBy(emulator);
        caveats.add(sighting.toCaveat(CAVEAT, seen.image().isWhole()));
    }
}
