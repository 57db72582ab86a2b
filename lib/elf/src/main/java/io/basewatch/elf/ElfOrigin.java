package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Notes and texts that tell where the file comes from and what is in it.
 *
 * @param buildId NT_GNU_BUILD_ID in hex; null when there is none
 * @param abiTag NT_GNU_ABI_TAG: {@code Linux 3.2.0}; null when there is none
 * @param isAndroid whether there is an Android note
 * @param isGo whether there is a note of the Go linker, which libraries in Go have too
 * @param packaged the distribution's package, JSON, as the specification "Package Metadata for Executable Files" has it; null when there is none
 * @param compilers what compilers left: {@code GCC: (Alpine 9.3.0) 9.3.0}; empty when nothing was seen
 * @param markers texts found, with the version behind them where the marker keeps it (else empty)
 * @param libc what a libc or loader says of itself; null for every other file
 * @param go build information of a Go executable or library; null for every other file
 */
public record ElfOrigin(
        @Nullable String buildId,
        @Nullable String abiTag,
        boolean isAndroid,
        boolean isGo,
        @Nullable String packaged,
        List<String> compilers,
        Map<Marker, String> markers,
        @Nullable LibcText libc,
        @Nullable GoBuild go) {

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

    public ElfOrigin {
        compilers = List.copyOf(compilers);
        markers = Collections.unmodifiableMap(
                markers.isEmpty() ? new EnumMap<Marker, String>(Marker.class) : new EnumMap<>(markers));
    }

    public boolean has(Marker marker) {
        return markers.containsKey(marker);
    }

    /** Without what there can be much of. */
    ElfOrigin outline() {
        return new ElfOrigin(buildId, abiTag, isAndroid, isGo, null, List.of(), markers, libc, go);
    }

    void write(PackedWriter out) {
        out.textOrNull(buildId).textOrNull(abiTag).flag(isAndroid).flag(isGo);
        out.textOrNull(packaged).texts(compilers);
        out.number(markers.size());
        markers.forEach((marker, text) -> out.number(marker.code).text(text));
        out.flag(libc != null);
        if (libc != null) {
            out.text(libc.family()).textOrNull(libc.version()).textOrNull(libc.vendor());
            out.text(libc.banner());
        }
        out.flag(go != null);
        if (go != null) {
            Boolean cgo = go.cgo();
            out.textOrNull(go.version()).textOrNull(go.module()).textOrNull(go.mode());
            out.u8(cgo == null ? 0 : cgo ? 2 : 1);
        }
    }

    static ElfOrigin read(PackedReader in) {
        String buildId = in.textOrNull();
        String abiTag = in.textOrNull();
        boolean isAndroid = in.flag();
        boolean isGo = in.flag();
        String packaged = in.textOrNull();
        List<String> compilers = in.texts();
        Map<Marker, String> markers = new EnumMap<>(Marker.class);
        for (int left = in.count(); left > 0; left--) {
            long code = in.number();
            String text = in.text();
            for (Marker marker : Marker.values()) {
                if (marker.code == code) {
                    markers.put(marker, text);
                }
            }
        }
        LibcText libc = in.flag() ? new LibcText(in.text(), in.textOrNull(), in.textOrNull(), in.text()) : null;
        GoBuild go = in.flag() ? go(in) : null;
        return new ElfOrigin(buildId, abiTag, isAndroid, isGo, packaged, compilers, markers, libc, go);
    }

    private static GoBuild go(PackedReader in) {
        String version = in.textOrNull();
        String module = in.textOrNull();
        String mode = in.textOrNull();
        int cgo = in.number(2, "use of cgo");
        return new GoBuild(version, module, mode, cgo == 0 ? null : (Boolean) (cgo == 2));
    }
}
