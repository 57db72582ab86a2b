package io.basewatch.elf;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.basewatch.fleetmodel.Digest;
import org.jspecify.annotations.Nullable;

/**
 * What is decoded of ELF files, once for all images that have them: most of a fleet's files are those of a few bases. They are told apart by the digest of all that is
 * stored of them, so that no image can say anything of another's. Bounded by weight; thread-safe.
 */
public final class ElfMemory {

    /** Of a file's objects, its outline with them. */
    private static final int OVERHEAD_BYTES = 800;

    private final Cache<Digest, Remembered> files;

    /** @param maxBytes of the heap, about */
    public ElfMemory(long maxBytes) {
        files = Caffeine.newBuilder()
                .maximumWeight(maxBytes)
                .weigher((Digest key, Remembered file) -> file.bytes())
                .build();
    }

    /**
     * @param stored as {@link ElfFacts#encode} makes it
     * @throws IllegalArgumentException as {@link ElfFacts#decodeOutline} does
     */
    Remembered of(byte[] stored) {
        Digest key = Digest.sha256Of(stored);
        Remembered known = files.getIfPresent(key);
        if (known == null) {
            known = new Remembered(key, ElfFacts.decodeOutline(stored));
            files.put(key, known);
        }
        return known;
    }

    /** Lets go of what is too much now, and not when there is time. */
    void settle() {
        files.cleanUp();
    }

    /** One file, of which more is known the more is asked. */
    final class Remembered {

        private final Digest key;
        private final ElfOutline outline;
        private volatile @Nullable ElfFacts facts;
        private volatile ElfFiles.@Nullable Derived derived;
        private volatile int factsBytes;

        private Remembered(Digest key, ElfOutline outline) {
            this.key = key;
            this.outline = outline;
        }

        ElfOutline outline() {
            return outline;
        }

        /**
         * @param stored the same as before
         * @throws IllegalArgumentException as {@link ElfFacts#decode} does
         */
        ElfFacts facts(byte[] stored) {
            ElfFacts known = facts;
            if (known == null) {
                known = ElfFacts.decode(stored);
                factsBytes = stored.length;
                facts = known;
                files.put(key, this);
            }
            return known;
        }

        ElfFiles.@Nullable Derived derived() {
            return derived;
        }

        void keep(ElfFiles.Derived made) {
            derived = made;
            files.put(key, this);
        }

        private int bytes() {
            ElfFiles.Derived made = derived;
            return OVERHEAD_BYTES + factsBytes + (made == null ? 0 : made.bytes());
        }
    }
}
