package io.basewatch.elf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one ELF file says to its loader, and a few texts that tell where it comes from. Field names follow the System V ABI.
 *
 * @param bits 32 or 64
 * @param osAbi EI_OSABI
 * @param type e_type: {@link #ET_REL}, {@link #ET_EXEC}, {@link #ET_DYN}…
 * @param machine e_machine: {@link #EM_X86_64}…
 * @param flags e_flags
 * @param truncated something the file points to lies outside of what was kept, or of the file: lists may then be too short, and are never wrong
 * @param problem why the rest could not be read, for people; null when all was well
 * @param interpreter PT_INTERP; null when there is none
 * @param hasDynamic whether there is a PT_DYNAMIC
 * @param stackBytes p_memsz of PT_GNU_STACK; -1 when there is none
 * @param tlsBytes p_memsz of PT_TLS; -1 when there is none
 * @param needed DT_NEEDED, in order
 * @param dynamicFlags DT_FLAGS
 * @param dynamicFlags1 DT_FLAGS_1
 * @param relr whether it has relative relocations in the compact form (DT_RELR), which musl reads since 1.2.4 and glibc since 2.36
 * @param versionNeeds DT_VERNEED: for each file the versions wanted of it
 * @param versionDefinitions DT_VERDEF without the file's own
 * @param references symbols that a relocation asks others for, with {@code REF_*} flags
 * @param exports symbols it offers, with {@code EXPORT_*} flags
 * @param exportsCut whether there were more exports than are kept
 * @param buildId NT_GNU_BUILD_ID in hex; null when there is none
 * @param abiTag NT_GNU_ABI_TAG: {@code Linux 3.2.0}; null when there is none
 * @param isAndroid whether there is an Android note
 * @param compiler text of the compiler: {@code GCC: (Alpine 9.3.0) 9.3.0}; null when it was not seen
 * @param markers texts found, with the version behind them where the marker keeps it (else empty)
 * @param libc what a libc or loader says of itself; null for every other file
 * @param go build information of a Go executable; null for every other file
 */
public record ElfFacts(
        int bits,
        boolean bigEndian,
        int osAbi,
        int type,
        int machine,
        long flags,
        boolean truncated,
        @Nullable String problem,
        @Nullable String interpreter,
        boolean hasDynamic,
        long stackBytes,
        long tlsBytes,
        List<String> needed,
        @Nullable String soname,
        @Nullable String rpath,
        @Nullable String runpath,
        long dynamicFlags,
        long dynamicFlags1,
        boolean bindsNow,
        boolean relr,
        List<VersionNeed> versionNeeds,
        List<String> versionDefinitions,
        SymbolNames references,
        SymbolNames exports,
        boolean exportsCut,
        @Nullable String buildId,
        @Nullable String abiTag,
        boolean isAndroid,
        @Nullable String compiler,
        Map<Marker, String> markers,
        @Nullable LibcText libc,
        @Nullable GoBuild go) {

    /** The kind of facts {@link ElfProbe} makes. */
    public static final String KIND = "elf";

    public static final int ET_REL = 1;
    public static final int ET_EXEC = 2;
    public static final int ET_DYN = 3;
    public static final int ET_CORE = 4;

    public static final int EM_386 = 3;
    public static final int EM_MIPS = 8;
    public static final int EM_PPC = 20;
    public static final int EM_PPC64 = 21;
    public static final int EM_S390 = 22;
    public static final int EM_ARM = 40;
    public static final int EM_X86_64 = 62;
    public static final int EM_AARCH64 = 183;
    public static final int EM_RISCV = 243;
    public static final int EM_LOONGARCH = 258;

    /** {@code dynamicFlags}: has static TLS. */
    public static final int DF_STATIC_TLS = 0x10;
    /** {@code dynamicFlags1}: a position independent executable. */
    public static final long DF_1_PIE = 0x0800_0000L;

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

    /** Not the default version of the name: musl does not see it. */
    public static final int EXPORT_HIDDEN_VERSION = 1;
    /** Chosen by a function at load time: musl does not see it. */
    public static final int EXPORT_IFUNC = 2;

    public static final int EXPORT_WEAK = 4;
    public static final int EXPORT_DATA = 8;
    public static final int EXPORT_TLS = 16;
    /** Not defined here, but the executable's own stub stands for the function: satisfies other than PLT references. */
    public static final int EXPORT_STUB = 32;

    /** @param versions in order of their appearance */
    public record VersionNeed(String file, List<String> versions) {
        public VersionNeed {
            versions = List.copyOf(versions);
        }
    }

    /**
     * @param family {@code musl}, {@code glibc}, {@code uclibc} or {@code bionic}
     * @param version exact; null when the file does not say
     * @param vendor text between the parentheses of glibc's banner; null when there is none
     * @param banner the text that says so; never empty
     */
    public record LibcText(
            String family,
            @Nullable String version,
            @Nullable String vendor,
            String banner) {}

    /** What the file is to the kernel and the loader. */
    public enum Kind {
        DYNAMIC_EXECUTABLE,
        STATIC_EXECUTABLE,
        /** Static and position independent. */
        STATIC_PIE,
        SHARED_LIBRARY,
        /** Object file or kernel module. */
        OBJECT,
        OTHER
    }

    private static final int VERSION = 1;

    public ElfFacts {
        needed = List.copyOf(needed);
        versionNeeds = List.copyOf(versionNeeds);
        versionDefinitions = List.copyOf(versionDefinitions);
        markers = Collections.unmodifiableMap(
                markers.isEmpty() ? new EnumMap<Marker, String>(Marker.class) : new EnumMap<>(markers));
    }

    public Kind kind() {
        boolean pie = (dynamicFlags1 & DF_1_PIE) != 0;
        if (type == ET_REL) {
            return Kind.OBJECT;
        }
        if (type != ET_EXEC && type != ET_DYN) {
            return Kind.OTHER;
        }
        if (type == ET_DYN && !pie && (soname != null || interpreter == null)) {
            // glibc's libraries can be started, and name a loader for it; they are libraries all the same.
            return Kind.SHARED_LIBRARY;
        }
        if (interpreter != null) {
            return Kind.DYNAMIC_EXECUTABLE;
        }
        if (!needed.isEmpty()) {
            return type == ET_EXEC ? Kind.DYNAMIC_EXECUTABLE : Kind.SHARED_LIBRARY;
        }
        return type == ET_EXEC ? Kind.STATIC_EXECUTABLE : Kind.STATIC_PIE;
    }

    public boolean isExecutable() {
        Kind kind = kind();
        return kind == Kind.DYNAMIC_EXECUTABLE || isStatic();
    }

    public boolean isStatic() {
        Kind kind = kind();
        return kind == Kind.STATIC_EXECUTABLE || kind == Kind.STATIC_PIE;
    }

    public boolean has(Marker marker) {
        return markers.containsKey(marker);
    }

    /** All versions of a kind that are wanted of any file: {@code GLIBC_}, {@code GLIBCXX_}… */
    public List<String> versionsNeeded(String prefix) {
        return versionNeeds.stream()
                .flatMap(need -> need.versions().stream())
                .filter(version -> version.startsWith(prefix))
                .distinct()
                .sorted()
                .toList();
    }

    /**
     * What the file is, without what there can be much of: symbols, versions, search paths, and all needed libraries but the first. {@link #kind} is the same.
     */
    public ElfFacts outline() {
        return new ElfFacts(
                bits,
                bigEndian,
                osAbi,
                type,
                machine,
                flags,
                truncated,
                null,
                interpreter,
                hasDynamic,
                stackBytes,
                tlsBytes,
                needed.subList(0, Math.min(1, needed.size())),
                soname,
                null,
                null,
                dynamicFlags,
                dynamicFlags1,
                bindsNow,
                relr,
                List.of(),
                List.of(),
                SymbolNames.NONE,
                SymbolNames.NONE,
                exportsCut,
                buildId,
                abiTag,
                isAndroid,
                null,
                markers,
                libc,
                go);
    }

    public byte[] encode() {
        FactsWriter out = new FactsWriter();
        out.u8(VERSION);
        int bools = (bigEndian ? 1 : 0)
                | (truncated ? 2 : 0)
                | (hasDynamic ? 4 : 0)
                | (bindsNow ? 8 : 0)
                | (relr ? 16 : 0)
                | (exportsCut ? 32 : 0)
                | (isAndroid ? 64 : 0);
        out.u8(bits).u8(bools).u8(osAbi).number(type).number(machine).number(flags);
        out.text(problem).text(interpreter).number(stackBytes + 1).number(tlsBytes + 1);
        out.texts(needed).text(soname).text(rpath).text(runpath);
        out.number(dynamicFlags).number(dynamicFlags1);
        out.number(versionNeeds.size());
        versionNeeds.forEach(need -> out.text(need.file()).texts(need.versions()));
        out.texts(versionDefinitions);
        out.text(buildId).text(abiTag).text(compiler);
        out.number(markers.size());
        markers.forEach((marker, text) -> out.number(marker.code).text(text));
        out.u8(libc == null ? 0 : 1);
        if (libc != null) {
            out.text(libc.family()).text(libc.version()).text(libc.vendor()).text(libc.banner());
        }
        out.u8(go == null ? 0 : 1);
        if (go != null) {
            Boolean cgo = go.cgo();
            out.text(go.version()).text(go.module()).u8(cgo == null ? 0 : cgo ? 2 : 1);
        }
        out.number(references.size()).bytes(references.encoded());
        out.number(exports.size()).bytes(exports.encoded());
        return out.toBytes();
    }

    /** @throws IllegalArgumentException when these are no facts of this version, or damaged ones */
    public static ElfFacts decode(byte[] bytes) {
        FactsReader in = new FactsReader(bytes);
        int version = in.u8();
        if (version != VERSION) {
            throw new IllegalArgumentException("ELF facts of version " + version + ", not " + VERSION);
        }
        int bits = in.u8();
        if (bits != 32 && bits != 64) {
            throw new IllegalArgumentException("ELF class of " + bits + " bits");
        }
        int bools = in.u8();
        int osAbi = in.u8();
        int type = (int) in.number() & 0xffff;
        int machine = (int) in.number() & 0xffff;
        long flags = in.number();
        String problem = in.text();
        String interpreter = in.text();
        long stackBytes = in.number() - 1;
        long tlsBytes = in.number() - 1;
        List<String> needed = in.texts();
        String soname = in.text();
        String rpath = in.text();
        String runpath = in.text();
        long dynamicFlags = in.number();
        long dynamicFlags1 = in.number();
        int needs = in.count();
        List<VersionNeed> versionNeeds = new ArrayList<>();
        for (int i = 0; i < needs; i++) {
            versionNeeds.add(new VersionNeed(present(in.text(), "file of a version need"), in.texts()));
        }
        List<String> versionDefinitions = in.texts();
        String buildId = in.text();
        String abiTag = in.text();
        String compiler = in.text();
        Map<Marker, String> markers = new EnumMap<>(Marker.class);
        int marked = in.count();
        for (int i = 0; i < marked; i++) {
            long code = in.number();
            String text = present(in.text(), "text of marker " + code);
            for (Marker marker : Marker.values()) {
                if (marker.code == code) {
                    markers.put(marker, text);
                }
            }
        }
        LibcText libc = !in.flag()
                ? null
                : new LibcText(present(in.text(), "libc family"), in.text(), in.text(), present(in.text(), "banner"));
        GoBuild go = null;
        if (in.flag()) {
            String goVersion = in.text();
            String module = in.text();
            int cgo = in.u8();
            go = new GoBuild(goVersion, module, cgo == 0 ? null : (Boolean) (cgo == 2));
        }
        long referenceCount = in.number();
        SymbolNames references = SymbolNames.decode(in.bytes(), referenceCount);
        long exportCount = in.number();
        SymbolNames exports = SymbolNames.decode(in.bytes(), exportCount);
        in.end();
        return new ElfFacts(
                bits,
                (bools & 1) != 0,
                osAbi,
                type,
                machine,
                flags,
                (bools & 2) != 0,
                problem,
                interpreter,
                (bools & 4) != 0,
                stackBytes,
                tlsBytes,
                needed,
                soname,
                rpath,
                runpath,
                dynamicFlags,
                dynamicFlags1,
                (bools & 8) != 0,
                (bools & 16) != 0,
                versionNeeds,
                versionDefinitions,
                references,
                exports,
                (bools & 32) != 0,
                buildId,
                abiTag,
                (bools & 64) != 0,
                compiler,
                markers,
                libc,
                go);
    }

    private static String present(@Nullable String text, String what) {
        if (text == null) {
            throw new IllegalArgumentException(what + " is missing");
        }
        return text;
    }

    /** {@code x86_64}, {@code aarch64}, {@code s390x}…, as {@code uname -m} or a libc's file names spell it; {@code machine N} for a rare one. */
    public String architecture() {
        return switch (machine) {
            case EM_386 -> "i386";
            case EM_X86_64 -> bits == 32 ? "x32" : "x86_64";
            case EM_AARCH64 -> bigEndian ? "aarch64_be" : "aarch64";
            case EM_ARM -> bigEndian ? "armeb" : "arm";
            case EM_PPC -> bigEndian ? "powerpc" : "powerpcle";
            case EM_PPC64 -> bigEndian ? "powerpc64" : "powerpc64le";
            case EM_S390 -> bits == 64 ? "s390x" : "s390";
            case EM_MIPS -> (bits == 64 ? "mips64" : "mips") + (bigEndian ? "" : "el");
            case EM_RISCV -> bits == 64 ? "riscv64" : "riscv32";
            case EM_LOONGARCH -> bits == 64 ? "loongarch64" : "loongarch32";
            default -> "machine " + machine;
        };
    }
}
