package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFile;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A file of a root file system as loaders look at it, made once for all processes that load it. */
final class Known {

    final ElfFile file;
    final Content content;

    /** Of the file, as long as it is known. */
    final int number;

    /** What of the references nothing finds among the libraries that the file needs; null until it was looked for. */
    @Nullable
    Alone alone;

    /** A library loaded by itself. */
    static final class Alone {

        /** The numbers of all its objects. */
        final BitSet objects;

        /** Places of references that nothing there answers. */
        final int[] unresolved;

        /** For each file of which it wants versions, where the object lies that has the name; the loader's matter. */
        final List<String> byFile;

        Alone(BitSet objects, int[] unresolved, List<String> byFile) {
            this.objects = objects;
            this.unresolved = unresolved;
            this.byFile = byFile;
        }
    }

    Known(ElfFile file, Content content, int number) {
        this.file = file;
        this.content = content;
        this.number = number;
    }

    String path() {
        return file.path();
    }

    /** With what it shares with other images. */
    int bytes() {
        Alone held = alone;
        return content.bytes() + (held == null ? 0 : held.objects.size() / 8 + 4 * held.unresolved.length + 200);
    }
}
