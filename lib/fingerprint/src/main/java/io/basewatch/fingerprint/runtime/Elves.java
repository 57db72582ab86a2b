package io.basewatch.fingerprint.runtime;

import io.basewatch.elf.ElfFacts;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The ELF files of an image. Facts that cannot be read were told by the libc detector already, and are passed over here. */
final class Elves {

    private Elves() {}

    static @Nullable ElfFacts facts(ImageFile file) {
        byte[] bytes = file.facts(ElfFacts.KIND);
        if (bytes == null || bytes.length == 0) {
            return null;
        }
        try {
            return ElfFacts.decode(bytes);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static void each(ImageView image, Predicate<ImageFile> wanted, BiConsumer<ImageFile, ElfFacts> use) {
        image.filesWithFacts(ElfFacts.KIND)
                .filter(wanted)
                .forEach(file -> Optional.ofNullable(facts(file)).ifPresent(facts -> use.accept(file, facts)));
    }
}
