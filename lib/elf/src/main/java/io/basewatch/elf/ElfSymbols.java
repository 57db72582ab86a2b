package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.List;

/**
 * Dynamic symbols, and the relocations that ask for them. A reference whose version is wanted of a file, and an export in each of its versions, stand for themselves.
 *
 * @param references symbols that a relocation asks for and others must give, with {@code REF_*} flags; symbols that nothing asks for are left out, as loaders do
 * @param exports symbols it offers, with {@code EXPORT_*} flags
 * @param relocationTypes the numbers of all types of relocation it has, ascending; their meaning is the machine's
 */
public record ElfSymbols(SymbolTable references, SymbolTable exports, List<Long> relocationTypes) {

    /** A slot of the procedure linkage table: may be bound lazily. */
    public static final int REF_PLT = 1;
    /** A slot of the global offset table. */
    public static final int REF_GOT = 2;
    /** Any other relocation: fatal at load time when nothing satisfies it. */
    public static final int REF_DATA = 4;
    /** The executable takes over the object: fatal at load time when no library has it. */
    public static final int REF_COPY = 8;
    /** May stay unresolved. */
    public static final int REF_WEAK = 16;
    /** Of a variable of the thread, in whatever model. */
    public static final int REF_TLS = 32;
    /** Of a variable of the thread at a fixed distance: the initial-exec model, for which a library opened late has no room. */
    public static final int REF_TLS_FIXED = 64;
    /** The file has the symbol itself, in a form that musl does not see: not the default version, or chosen by a function. */
    public static final int REF_OWN = 128;

    /** Not the default version of the name: musl does not see it. */
    public static final int EXPORT_HIDDEN_VERSION = 1;
    /** Chosen by a function at load time: musl does not see it. */
    public static final int EXPORT_IFUNC = 2;

    public static final int EXPORT_WEAK = 4;
    public static final int EXPORT_DATA = 8;
    public static final int EXPORT_TLS = 16;
    /** Not defined here, but the executable's own stub stands for the function: satisfies other than PLT references. */
    public static final int EXPORT_STUB = 32;
    /** One for the whole process, also among libraries that are opened apart (STB_GNU_UNIQUE). */
    public static final int EXPORT_UNIQUE = 64;

    public ElfSymbols {
        relocationTypes = List.copyOf(relocationTypes);
    }

    public static final ElfSymbols NONE = new ElfSymbols(SymbolTable.NONE, SymbolTable.NONE, List.of());

    void write(PackedWriter out) {
        out.numbers(relocationTypes);
        references.write(out);
        exports.write(out);
    }

    static ElfSymbols read(PackedReader in, ElfVersions versions) {
        List<Long> types = in.numbers();
        SymbolTable references = SymbolTable.read(in, versions.ofReferences());
        SymbolTable exports = SymbolTable.read(in, versions.ofExports());
        return new ElfSymbols(references, exports, types);
    }
}
