package io.basewatch.elf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.SortedMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Names of dynamic symbols with flags, in order of the names, kept as they are stored: each name by what it shares with the one before it. A C++ library's
 * ten thousand names take a third of their length so, and are only spelled out for whom asks.
 */
public final class SymbolNames implements Iterable<SymbolNames.Symbol> {

    /** @param flags of {@code ElfFacts.REF_*} for references, {@code ElfFacts.EXPORT_*} for exports */
    public record Symbol(String name, int flags) {
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    static final SymbolNames NONE = new SymbolNames(new byte[0], 0);

    private final byte[] encoded;
    private final int count;

    private SymbolNames(byte[] encoded, int count) {
        this.encoded = encoded;
        this.count = count;
    }

    /** Names are bytes in ISO 8859-1, so that any name an ELF file can hold survives. */
    static SymbolNames of(SortedMap<String, Integer> flagsByName) {
        if (flagsByName.isEmpty()) {
            return NONE;
        }
        FactsWriter out = new FactsWriter();
        byte[] before = new byte[0];
        for (var entry : flagsByName.entrySet()) {
            byte[] name = entry.getKey().getBytes(StandardCharsets.ISO_8859_1);
            int mismatch = Arrays.mismatch(before, name);
            int shared = mismatch < 0 ? name.length : mismatch;
            out.number(shared)
                    .bytes(Arrays.copyOfRange(name, shared, name.length))
                    .u8(entry.getValue());
            before = name;
        }
        return new SymbolNames(out.toBytes(), flagsByName.size());
    }

    static SymbolNames decode(byte[] encoded, long count) {
        if (count < 0 || count > encoded.length) {
            throw new IllegalArgumentException(count + " symbols in " + encoded.length + " bytes");
        }
        // Walked once, so that whoever reads the names later meets no surprise.
        FactsReader in = new FactsReader(encoded);
        long length = 0;
        for (long i = 0; i < count; i++) {
            long shared = in.number();
            if (shared < 0 || shared > length) {
                throw new IllegalArgumentException("symbol " + i + " shares " + shared + " of " + length + " bytes");
            }
            length = shared + in.bytes().length;
            if (length > ElfReader.MAX_NAME) {
                throw new IllegalArgumentException("symbol " + i + " is longer than " + ElfReader.MAX_NAME);
            }
            in.u8();
        }
        in.end();
        return count == 0 ? NONE : new SymbolNames(encoded, (int) count);
    }

    byte[] encoded() {
        return encoded;
    }

    public int size() {
        return count;
    }

    public Stream<Symbol> stream() {
        return StreamSupport.stream(spliterator(), false);
    }

    public List<String> names() {
        return stream().map(Symbol::name).toList();
    }

    @Override
    public Iterator<Symbol> iterator() {
        return new Iterator<>() {
            private final FactsReader in = new FactsReader(encoded);
            private byte[] name = new byte[0];
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
                byte[] rest = in.bytes();
                byte[] next = Arrays.copyOf(name, shared + rest.length);
                System.arraycopy(rest, 0, next, shared, rest.length);
                name = next;
                read++;
                return new Symbol(new String(name, StandardCharsets.ISO_8859_1), in.u8());
            }
        };
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SymbolNames that && count == that.count && Arrays.equals(encoded, that.encoded);
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
