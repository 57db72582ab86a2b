package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import io.basewatch.layerfacts.StableSort;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.function.IntBinaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Dynamic symbols with their versions and flags, in order of names and then of versions, kept as they are stored: each name by what it shares with the one before it.
 * A C++ library's ten thousand names take a third of their length so, and are only spelled out for whom asks.
 */
public final class SymbolTable implements Iterable<SymbolTable.Symbol> {

    /** Longer names are not kept. */
    public static final int MAX_NAME = 32 << 10;

    /** @param file of which a reference wants the version; null for an export */
    public record Version(@Nullable String file, String name) {}

    /**
     * @param version null when the symbol has none: any will do for a reference, and an export is of the file's base version
     * @param flags of {@code ElfSymbols.REF_*} for references, {@code ElfSymbols.EXPORT_*} for exports
     */
    public record Symbol(String name, @Nullable Version version, int flags) {
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    public static final SymbolTable NONE = new SymbolTable(new byte[0], 0, List.of());

    private final byte[] encoded;
    private final int count;
    private final List<Version> versions;

    private SymbolTable(byte[] encoded, int count, List<Version> versions) {
        this.encoded = encoded;
        this.count = count;
        this.versions = List.copyOf(versions);
    }

    /** Takes symbols in any order, of one name and version also several, as names that are bytes: any that an ELF file can hold survives. */
    public static final class Builder {

        private byte[] names = new byte[1024];

        /** Where each name begins, and with one more place where the last one ends. */
        private int[] nameAt = new int[33];

        private int[] version = new int[32];
        private int[] flags = new int[32];
        private int count;

        /**
         * @param ofVersion its place in the list of versions, from 1; 0 for none
         */
        public void add(byte[] name, int offset, int length, int ofVersion, int withFlags) {
            int begin = nameAt[count];
            if (length > names.length - begin) {
                names = Arrays.copyOf(names, Math.max(begin + length, 2 * names.length));
            }
            if (count == flags.length) {
                nameAt = Arrays.copyOf(nameAt, 2 * count + 1);
                version = Arrays.copyOf(version, 2 * count);
                flags = Arrays.copyOf(flags, 2 * count);
            }
            System.arraycopy(name, offset, names, begin, length);
            version[count] = ofVersion;
            flags[count] = withFlags;
            nameAt[++count] = begin + length;
        }

        /** How many were added. */
        public int size() {
            return count;
        }

        /** Of all that were added. */
        public int nameBytes() {
            return nameAt[count];
        }

        /**
         * @param both flags of two symbols of one name and version, in the order in which they were added
         * @param versions to which the symbols point
         */
        public SymbolTable build(IntBinaryOperator both, List<Version> versions) {
            if (count == 0) {
                return NONE;
            }
            int[] order = new int[count];
            for (int i = 0; i < count; i++) {
                order[i] = i;
            }
            StableSort.sort(order, this::compare);
            PackedWriter out = new PackedWriter();
            int written = 0;
            // As of an empty name.
            int before = 0;
            int beforeEnd = 0;
            int i = 0;
            while (i < count) {
                int symbol = order[i++];
                int all = flags[symbol];
                while (i < count && compare(symbol, order[i]) == 0) {
                    all = both.applyAsInt(all, flags[order[i++]]);
                }
                int begin = nameAt[symbol];
                int end = nameAt[symbol + 1];
                int mismatch = Arrays.mismatch(names, before, beforeEnd, names, begin, end);
                int shared = mismatch < 0 ? end - begin : mismatch;
                int rest = end - begin - shared;
                out.number(shared).number(rest).raw(names, begin + shared, rest);
                out.number(version[symbol]).number(all);
                written++;
                before = begin;
                beforeEnd = end;
            }
            return new SymbolTable(out.toBytes(), written, versions);
        }

        private int compare(int one, int other) {
            int byName = Arrays.compareUnsigned(
                    names, nameAt[one], nameAt[one + 1], names, nameAt[other], nameAt[other + 1]);
            return byName != 0 ? byName : Integer.compare(version[one], version[other]);
        }
    }

    void write(PackedWriter out) {
        out.number(count).bytes(encoded);
    }

    static SymbolTable read(PackedReader from, List<Version> versions) {
        int count = from.number(Integer.MAX_VALUE, "number of symbols");
        byte[] encoded = from.bytes();
        if (count > encoded.length) {
            throw from.broken(count + " symbols in " + encoded.length + " bytes");
        }
        // Walked once, so that whoever reads the names later meets no surprise.
        PackedReader in = new PackedReader("symbols of the ELF facts", encoded);
        int length = 0;
        for (int i = 0; i < count; i++) {
            int shared = in.number(length, "shared part of a name");
            int rest = in.count();
            in.skip(rest);
            length = shared + rest;
            if (length > MAX_NAME) {
                throw in.broken("a name of " + length + " bytes");
            }
            in.number(versions.size(), "version of a symbol");
            in.number(Integer.MAX_VALUE, "flags of a symbol");
        }
        in.end();
        return count == 0 ? NONE : new SymbolTable(encoded, count, versions);
    }

    public int size() {
        return count;
    }

    public Stream<Symbol> stream() {
        return StreamSupport.stream(spliterator(), false);
    }

    /** One for each symbol: a name that is there in two versions comes twice. */
    public List<String> names() {
        return stream().map(Symbol::name).toList();
    }

    /** The versions to which {@link Visitor#symbol} points. */
    public List<Version> versions() {
        return versions;
    }

    /** Is told of symbols whose names it does not need to read. */
    public interface Visitor {

        /**
         * @param nameHash the name's {@link SymbolTable#hash}
         * @param version its place in {@link SymbolTable#versions}, from 1; 0 for none
         */
        void symbol(long nameHash, int version, int flags);
    }

    /** Tells of all symbols in order, without spelling a name: at a fraction of what iterating costs. */
    public void visit(Visitor visitor) {
        PackedReader in = new PackedReader("symbols of the ELF facts", encoded);
        // The hash of each prefix of the name before, as most of a name is shared with it.
        long[] prefixes = new long[128];
        prefixes[0] = HASH_START;
        for (int i = 0; i < count; i++) {
            int length = (int) in.number();
            int rest = in.count();
            if (prefixes.length <= length + rest) {
                prefixes = Arrays.copyOf(prefixes, 2 * (length + rest) + 1);
            }
            int from = in.skip(rest);
            for (int j = 0; j < rest; j++) {
                prefixes[length + j + 1] = (prefixes[length + j] ^ (encoded[from + j] & 0xff)) * HASH_PRIME;
            }
            visitor.symbol(mixed(prefixes[length + rest]), (int) in.number(), (int) in.number());
        }
    }

    /** Another one in each process: whoever makes a file cannot choose names whose hashes collide. */
    private static final long HASH_START = new Random().nextLong();

    private static final long HASH_PRIME = 0x100000001b3L;

    /** 64 bits for a name: two names of a process never share them by chance. Never 0. */
    public static long hash(String name) {
        long hash = HASH_START;
        for (int i = 0; i < name.length(); i++) {
            hash = (hash ^ (name.charAt(i) & 0xff)) * HASH_PRIME;
        }
        return mixed(hash);
    }

    private static long mixed(long hash) {
        long mixed = (hash ^ (hash >>> 32)) * 0x9e3779b97f4a7c15L;
        mixed ^= mixed >>> 29;
        return mixed == 0 ? 1 : mixed;
    }

    @Override
    public Iterator<Symbol> iterator() {
        return new Iterator<>() {
            private final PackedReader in = new PackedReader("symbols of the ELF facts", encoded);
            private byte[] name = new byte[128];
            private int read;

            @Override
            public boolean hasNext() {
                return read < count;
            }

            @Override
            public Symbol next() {
                if (read >= count) {
                    throw new NoSuchElementException();
                }
                int shared = (int) in.number();
                int rest = in.count();
                if (name.length < shared + rest) {
                    name = Arrays.copyOf(name, 2 * (shared + rest));
                }
                System.arraycopy(encoded, in.skip(rest), name, shared, rest);
                read++;
                int version = (int) in.number();
                return new Symbol(
                        new String(name, 0, shared + rest, StandardCharsets.ISO_8859_1),
                        version == 0 ? null : versions.get(version - 1),
                        (int) in.number());
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SymbolTable that
                && count == that.count
                && Arrays.equals(encoded, that.encoded)
                && versions.equals(that.versions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(encoded);
    }

    @Override
    public String toString() {
        return count + " symbols";
    }
}
