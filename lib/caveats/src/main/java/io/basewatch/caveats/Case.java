package io.basewatch.caveats;

import io.basewatch.elf.ElfFile;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What rules look at: an image, what was told of it before, and what is found out once for all of them, when the first asks. For one thread. */
final class Case {

    private final JudgedImage image;
    private @Nullable Startable startable;
    private @Nullable List<ElfFile> stranded;
    private @Nullable LoadVerdicts loads;
    private @Nullable List<LoadVerdict> verdicts;
    private @Nullable Traits traits;

    Case(JudgedImage image) {
        this.image = image;
    }

    /** With verdicts that were made otherwise. */
    Case(JudgedImage image, List<LoadVerdict> verdicts) {
        this.image = image;
        this.verdicts = List.copyOf(verdicts);
    }

    JudgedImage image() {
        return image;
    }

    Startable startable() {
        Startable known = startable;
        if (known == null) {
            known = new Startable(image);
            startable = known;
        }
        return known;
    }

    /** Dynamic executables whose loader is not in the image, in order of their paths. */
    List<ElfFile> stranded() {
        List<ElfFile> known = stranded;
        if (known == null) {
            known = InterpreterMissing.stranded(image);
            stranded = known;
        }
        return known;
    }

    LoadVerdicts loads() {
        LoadVerdicts known = loads;
        if (known == null) {
            known = LoadVerdicts.of(image, startable());
            loads = known;
        }
        return known;
    }

    /** What the loaders say, in order of the objects' paths. */
    List<LoadVerdict> verdicts() {
        List<LoadVerdict> known = verdicts;
        if (known == null) {
            known = loads().all();
            verdicts = known;
        }
        return known;
    }

    Traits traits() {
        Traits known = traits;
        if (known == null) {
            known = new Traits(image, this::startable);
            traits = known;
        }
        return known;
    }
}
