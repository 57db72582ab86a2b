package io.basewatch.elf;

import io.basewatch.elf.reading.ArchiveProbe;
import io.basewatch.elf.reading.ElfProbe;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.util.List;

/** The kinds of facts for which layers are read here. */
public final class ElfKinds {

    /** Every ELF file: {@link ElfFacts#KIND}. */
    public static final FactsKind ELF = new FactsKind("elf", 1, 1, List.of(new Programs()));

    /** ELF files inside of jars, wheels and the like: {@link ArchiveFacts#KIND}. */
    public static final FactsKind ARCHIVES = new FactsKind("archives", 1, 1, List.of(new Archives()));

    private ElfKinds() {}

    private static final class Programs implements Interest {

        @Override
        public Want wants(FileEntry file, byte[] head) {
            return ElfProbe.want(file, head);
        }

        @Override
        public Hints hints() {
            return Hints.NONE.beginning("\u007fELF");
        }
    }

    private static final class Archives implements Interest {

        @Override
        public Hints hints() {
            return Hints.NONE.beginning("PK\u0003\u0004");
        }

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
