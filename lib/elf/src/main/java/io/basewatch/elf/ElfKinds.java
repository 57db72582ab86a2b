package io.basewatch.elf;

import io.basewatch.elf.reading.ArchiveProbe;
import io.basewatch.elf.reading.ElfProbe;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.util.List;

/** The kinds of facts for which layers are read here. */
public final class ElfKinds {

    /** Every ELF file: {@link ElfFacts#KIND}. */
    public static final FactsKind ELF = new FactsKind("elf", 1, 1, List.of((Interest) ElfProbe::want));

    /** ELF files inside of jars, wheels and the like: {@link ArchiveFacts#KIND}. */
    public static final FactsKind ARCHIVES = new FactsKind("archives", 1, 1, List.of(new Archives()));

    private ElfKinds() {}

    private static final class Archives implements Interest {

        @Override
        public Want wants(FileEntry file, byte[] head) {
            return ArchiveProbe.want(file, head);
        }

        @Override
        public Want wantsAsTarget(FileEntry file, byte[] head) {
            return ArchiveProbe.wantStored(file, head);
        }
    }
}
