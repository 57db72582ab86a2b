package io.basewatch.elf.reading;

import io.basewatch.elf.ElfFacts;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Want;
import java.util.Map;

/**
 * Reads an ELF file as it streams by. Its memory is bounded by {@link Capture#MAX_BYTES} plus the facts themselves; what a file keeps outside of the
 * captured parts makes the facts "truncated".
 */
public final class ElfProbe implements FileProbe {

    private static final int SLICE = 1 << 16;

    /** So far reach the headers of nearly all files; what else is worth looking at they say. */
    private static final int HEADERS = 1 << 12;

    private final String name;
    private final Capture capture;
    private final GoBuildReader go = new GoBuildReader();
    private final MarkerScan scan = new MarkerScan(go);
    private boolean scans = true;
    private CodeRanges code = CodeRanges.NONE;
    private boolean plannedHeaders;
    private boolean plannedTables;

    private ElfProbe(String name, long size) {
        this.name = name;
        this.capture = new Capture(size);
    }

    /** The probe for a file that starts like ELF, nothing for every other. */
    public static Want want(FileEntry file, byte[] head) {
        return file.type() == FileEntry.Type.FILE && isElf(head)
                ? Want.probe(ElfFacts.KIND, () -> new ElfProbe(file.name(), file.size()))
                : Want.NOTHING;
    }

    /**
     * A probe for a file inside of another.
     *
     * @param size as far as it is known; 0 when it is not
     */
    static ElfProbe nested(String name, long size) {
        return new ElfProbe(name, size);
    }

    /** Of every ELF file. */
    static final int FIRST_BYTE = 0x7f;

    static boolean isElf(byte[] head) {
        return head.length >= 16 && head[0] == FIRST_BYTE && head[1] == 'E' && head[2] == 'L' && head[3] == 'F';
    }

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        int done = 0;
        while (done < length) {
            long at = capture.position();
            int part = (int) Math.min(length - done, slice(at));
            if (scans && code.hold(at)) {
                scan.pass(buffer, offset + done, part);
            } else if (scans) {
                scan.accept(buffer, offset + done, part);
            }
            capture.accept(buffer, offset + done, part);
            plan();
            done += part;
        }
    }

    /** How many bytes from a place on are of one sort: headers, code, anything else. */
    private long slice(long at) {
        return at < HEADERS ? HEADERS - at : Math.min(SLICE, code.nextBound(at) - at);
    }

    /** As soon as the headers have passed, asks for what they point to further on. */
    private void plan() {
        if (!plannedHeaders) {
            ElfReader reader = new ElfReader(capture, name);
            if (reader.readHeader() && (reader.readSegments() || capture.position() > Capture.HEAD_BYTES)) {
                plannedHeaders = true;
                reader.wantSegments();
                scans = reader.isWorthScanning();
                code = reader.code();
            }
        } else if (!plannedTables && capture.position() > Capture.HEAD_BYTES) {
            ElfReader reader = new ElfReader(capture, name);
            if (reader.readHeader() && reader.readSegments() && reader.isDynamicThere()) {
                plannedTables = true;
                reader.wantTables();
            }
        }
    }

    @Override
    public byte[] finish() {
        return facts().encode();
    }

    /** Once, at the end of the file: what was kept of it is given up. */
    ElfFacts facts() {
        if (scans) {
            scan.finish();
        }
        try {
            return new ElfReader(capture, name).read(scans ? scan.found() : Map.of(), go);
        } finally {
            capture.forget();
        }
    }
}
