package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.SortedMap;
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

    /** @param version its place in the list of versions, from 1; 0 for none */
    public record Key(String name, int version) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int names = name.compareTo(other.name);
            return names != 0 ? names : Integer.compare(version, other.version);
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

    /**
     * Names are bytes in ISO 8859-1, so that any name an ELF file can hold survives.
     *
     * @param versions to which the keys point
     */
    public static SymbolTable of(SortedMap<Key, Integer> flagsBySymbol, List<Version> versions) {
        if (flagsBySymbol.isEmpty()) {
            return NONE;
        }
        PackedWriter out = new PackedWriter();
        byte[] before = new byte[0];
        for (var entry : flagsBySymbol.entrySet()) {
            byte[] name = entry.getKey().name().getBytes(StandardCharsets.ISO_8859_1);
            int mismatch = Arrays.mismatch(before, name);
            int shared = mismatch < 0 ? name.length : mismatch;
            out.number(shared).number(name.length - shared).raw(name, shared, name.length - shared);
            out.number(entry.getKey().version()).number(entry.getValue());
            before = name;
        }
        return new SymbolTable(out.toBytes(), flagsBySymbol.size(), versions);
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
