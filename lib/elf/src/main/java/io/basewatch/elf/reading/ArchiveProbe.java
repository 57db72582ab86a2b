package io.basewatch.elf.reading;

import io.basewatch.elf.ArchiveFacts;
import io.basewatch.elf.ElfFacts;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.LinkStore;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Looks for ELF files inside of a zip archive as it streams by, by its local headers (PKWARE's APPNOTE.TXT, 4.3.7): the central directory comes too
 * late. Entries are uncompressed only as far as it takes to see what they are, and not at all where they are named like classes. Where the header does not tell their size,
 * their end is where a descriptor that fits is followed by the next header. An archive in the archive is looked into {@value #MAX_DEPTH} deep, as the executable jars of today have it.
 * What is uncompressed, and what is kept, is bounded for the whole file.
 */
public final class ArchiveProbe implements FileProbe {

    private static final int MAX_DEPTH = 2;
    private static final int MAX_ENTRIES = 256;
    private static final int MAX_FACTS = 8 << 20;
    private static final int MAX_NAME = 4096;
    private static final long MAX_INFLATED = 2L << 30;

    /** Of every archive. */
    private static final int FIRST_BYTE = 'P';

    private static final int HEADER = 30;
    private static final int LOCAL = 0x04034b50;
    private static final int DESCRIPTOR = 0x08074b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int CENTRAL_END = 0x06054b50;
    private static final int ARCHIVE_EXTRA = 0x08064b50;
    private static final long UNKNOWN = -1;

    /** What is named so is passed without a look: there are thousands in each archive of Java. */
    private static final String CLASS = ".class";

    /** The longest descriptor, and a signature but its last byte. */
    private static final int BEHIND = 24 + 3;

    /** By the last of four bytes, how much further the next header may begin; 1 where these may be one. */
    private static final byte[] STEP = steps();

    /** What all levels of one file share. */
    private static final class Budget {
        long inflated = MAX_INFLATED;
        int factsBytes;
        final List<ArchiveFacts.Entry> found = new ArrayList<>();
        final FirstByte firstByte = new FirstByte();

        @Nullable
        String problem;
    }

    private enum State {
        HEADER,
        NAME,
        STORED,
        /** Stored without a size: its end is the next descriptor that fits. */
        STORED_OPEN,
        DEFLATED,
        /** Deflated without a size, and of no interest: its end is the next descriptor that fits. */
        PASSED,
        SKIPPED,
        DESCRIPTOR,
        DONE
    }

    private final Budget budget;
    private final int depth;
    private final String prefix;

    private State state = State.HEADER;
    private byte[] held = new byte[HEADER];
    private int heldBytes;
    private int wanted = HEADER;

    private int flags;
    private int method;
    private int nameBytes;
    private long sizeLeft;
    private long sizeSeen;
    private long plainSize;
    private String name = "";
    private @Nullable Inflater inflater;
    private byte[] plain = new byte[0];

    /** The last bytes that were passed, and room for those that come next. */
    private byte[] joined = new byte[0];

    private int behind;
    private final byte[] start = new byte[16];
    private int startBytes;
    private @Nullable ElfProbe elf;
    private @Nullable ArchiveProbe nested;
    private long window;

    private ArchiveProbe(Budget budget, int depth, String prefix) {
        this.budget = budget;
        this.depth = depth;
        this.prefix = prefix;
    }

    /** The probe for a file that starts like a zip archive and is named like one that brings programs' libraries. */
    public static Want want(FileEntry file, byte[] head) {
        return file.type() == FileEntry.Type.FILE && isZip(head, head.length) && isNamedArchive(file.name())
                ? Want.probe(ArchiveFacts.KIND, () -> new ArchiveProbe(new Budget(), 0, ""))
                : Want.NOTHING;
    }

    /** As {@link #want}, where names say nothing. */
    public static Want wantStored(FileEntry file, byte[] head) {
        return LinkStore.holds(file.path()) && isZip(head, head.length)
                ? Want.probe(ArchiveFacts.KIND, () -> new ArchiveProbe(new Budget(), 0, ""))
                : Want.NOTHING;
    }

    private static boolean isNamedArchive(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return lower.matches(".*\\.(jar|war|ear|whl|egg|zip|nupkg|aar|hpi|jpi|pex|pyz)") || !lower.contains(".");
    }

    private static boolean isZip(byte[] head, int length) {
        return length >= 4 && head[0] == FIRST_BYTE && head[1] == 'K' && head[2] == 3 && head[3] == 4;
    }

    @Override
    public void accept(byte[] buffer, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && state != State.DONE) {
            at = switch (state) {
                case HEADER, NAME, DESCRIPTOR -> hold(buffer, at, end);
                case STORED, SKIPPED -> stored(buffer, at, end);
                case STORED_OPEN -> storedOpen(buffer, at, end);
                case DEFLATED -> deflated(buffer, at, end);
                case PASSED -> passed(buffer, at, end);
                case DONE -> end;
            };
        }
    }

    /** Gathers the bytes of one structure, then reads it. */
    private int hold(byte[] buffer, int at, int end) {
        int taken = Math.min(end - at, wanted - heldBytes);
        System.arraycopy(buffer, at, held, heldBytes, taken);
        heldBytes += taken;
        if (heldBytes == wanted) {
            heldBytes = 0;
            if (state == State.HEADER) {
                header();
            } else if (state == State.NAME) {
                nameAndExtra();
            } else {
                descriptor();
            }
        }
        return at + taken;
    }

    private void header() {
        int signature = (int) u32(0);
        if (signature == CENTRAL || signature == CENTRAL_END || signature == ARCHIVE_EXTRA) {
            state = State.DONE;
            return;
        }
        if (signature != LOCAL) {
            fail("no header where an entry should start, after " + (name.isEmpty() ? "the beginning" : name));
            return;
        }
        flags = u16(6);
        method = u16(8);
        sizeLeft = u32(18);
        plainSize = u32(22);
        nameBytes = u16(26);
        int extraBytes = u16(28);
        wanted = nameBytes + extraBytes;
        if (held.length < wanted) {
            held = new byte[wanted];
        }
        state = State.NAME;
        if (wanted == 0) {
            nameAndExtra();
        }
    }

    private void nameAndExtra() {
        name = new String(held, 0, Math.min(nameBytes, MAX_NAME), StandardCharsets.UTF_8);
        if (sizeLeft == 0xffffffffL) {
            sizeLeft = zip64Size(wanted);
        }
        startBytes = 0;
        sizeSeen = 0;
        boolean isOpen = (flags & 8) != 0 && sizeLeft == 0;
        if ((flags & 1) != 0) {
            if (isOpen) {
                fail(name + " is encrypted and of unknown size");
            } else {
                begin(State.SKIPPED);
            }
        } else if (method == 8) {
            if (inflater == null) {
                inflater = new Inflater(true);
            } else {
                inflater.reset();
            }
            if (isOpen) {
                sizeLeft = UNKNOWN;
                plainSize = 0;
            }
            state = State.DEFLATED;
        } else if (method == 0) {
            window = 0;
            if (isOpen) {
                state = State.STORED_OPEN;
            } else {
                begin(State.STORED);
            }
        } else if (isOpen) {
            fail(name + " is compressed by method " + method + " and of unknown size");
        } else {
            begin(State.SKIPPED);
        }
    }

    private void begin(State next) {
        state = next;
        if (sizeLeft <= 0) {
            endOfContent();
            endOfEntry();
        }
    }

    /** The compressed size in the extra field of a large entry: the second number, as both are there. */
    private long zip64Size(int end) {
        for (int at = nameBytes; at + 4 <= end; at += 4 + u16(at + 2)) {
            if (u16(at) == 1 && u16(at + 2) >= 16 && at + 20 <= end) {
                long size = u32(at + 12) | (u32(at + 16) << 32);
                return size < 0 ? Long.MAX_VALUE : size;
            }
        }
        return 0xffffffffL;
    }

    private int stored(byte[] buffer, int at, int end) {
        int part = (int) Math.min(end - at, sizeLeft);
        if (state == State.STORED) {
            content(buffer, at, part);
        }
        sizeLeft -= part;
        if (sizeLeft == 0) {
            endOfContent();
            endOfEntry();
        }
        return at + part;
    }

    /** A descriptor tells how much came before it; only where that is so, it is one. */
    private int storedOpen(byte[] buffer, int at, int end) {
        for (int i = at; i < end; i++) {
            window = (window << 8) | (buffer[i] & 0xff);
            sizeSeen++;
            if ((int) window == 0x504b0708) {
                content(buffer, at, i + 1 - at);
                sizeSeen -= 4;
                // Signature and sum are followed by the two sizes.
                state = State.DESCRIPTOR;
                wanted = 12;
                openDescriptor = true;
                return i + 1;
            }
        }
        content(buffer, at, end - at);
        return end;
    }

    private boolean openDescriptor;

    private int deflated(byte[] buffer, int at, int end) {
        Inflater in = inflater;
        if (in == null) {
            throw new IllegalStateException("no inflater for " + name);
        }
        int part = sizeLeft == UNKNOWN ? end - at : (int) Math.min(end - at, sizeLeft);
        if (sizeSeen == 0 && (name.endsWith(CLASS) || isDull(budget.firstByte.of(buffer, at, at + part)))) {
            pass();
            return at;
        }
        in.setInput(buffer, at, part);
        try {
            while (!in.finished() && !isBoring()) {
                int size = inflate(in);
                if (size == 0 && !in.finished()) {
                    if (in.needsInput()) {
                        break;
                    }
                    fail(name + " cannot be uncompressed");
                    return end;
                }
                budget.inflated -= size;
                if (budget.inflated < 0) {
                    fail("more than " + MAX_INFLATED + " bytes inside");
                    return end;
                }
                plainSize += sizeLeft == UNKNOWN ? size : 0;
            }
        } catch (DataFormatException e) {
            fail(name + " cannot be uncompressed: " + e.getMessage());
            return end;
        }
        int used = part - in.getRemaining();
        sizeSeen += used;
        if (sizeLeft != UNKNOWN) {
            sizeLeft -= used;
        }
        if (in.finished()) {
            endOfContent();
            if (sizeLeft > 0) {
                state = State.SKIPPED;
            } else {
                endOfEntry();
            }
        } else if (!isBoring()) {
            if (sizeLeft == 0) {
                fail(name + " ends within its compressed data");
            }
        } else {
            pass();
        }
        return at + used;
    }

    /** No file of which more than its begin is looked at begins so. */
    private static boolean isDull(int firstByte) {
        return firstByte != FirstByte.UNCLEAR && firstByte != ElfProbe.FIRST_BYTE && firstByte != FIRST_BYTE;
    }

    private void pass() {
        if (sizeLeft == UNKNOWN) {
            state = State.PASSED;
            behind = 0;
        } else {
            begin(State.SKIPPED);
        }
    }

    /** Neither of what we look for. */
    private boolean isBoring() {
        return startBytes == start.length && elf == null && nested == null;
    }

    /** No more than tells what it is, as long as that is not known. */
    private int inflate(Inflater in) throws DataFormatException {
        if (startBytes < start.length) {
            int size = in.inflate(start, startBytes, start.length - startBytes);
            startBytes += size;
            if (startBytes == start.length) {
                recognise();
            }
            return size;
        }
        if (plain.length == 0) {
            plain = new byte[1 << 14];
        }
        int size = in.inflate(plain);
        content(plain, 0, size);
        return size;
    }

    /** Looks for the next header, with a descriptor before it that tells how much came before both. */
    private int passed(byte[] buffer, int at, int end) {
        if (joined.length == 0) {
            joined = new byte[2 * BEHIND];
        }
        int taken = Math.min(end - at, BEHIND);
        System.arraycopy(buffer, at, joined, behind, taken);
        int found = headerIn(joined, Math.max(0, behind - 3), behind + taken, sizeSeen - behind);
        if (found >= 0) {
            endOfContent();
            nextHeader(joined, found);
            return at + found - behind + 4;
        }
        // What comes before it is looked for in what is joined.
        found = headerIn(buffer, at + BEHIND - 3, end, sizeSeen - at);
        if (found >= 0) {
            endOfContent();
            nextHeader(buffer, found);
            return found + 4;
        }
        if (taken == BEHIND) {
            System.arraycopy(buffer, end - BEHIND, joined, 0, BEHIND);
            behind = BEHIND;
        } else {
            int kept = Math.min(BEHIND, behind + taken);
            System.arraycopy(joined, behind + taken - kept, joined, 0, kept);
            behind = kept;
        }
        sizeSeen += end - at;
        return end;
    }

    /**
     * @param base how many compressed bytes come before the place 0
     * @return where a header begins, -1 when none does that a descriptor comes before
     */
    private static int headerIn(byte[] bytes, int from, int to, long base) {
        int at = from;
        while (at + 4 <= to) {
            int step = STEP[bytes[at + 3] & 0xff];
            if (step == 4) {
                at += 4;
                // Most bytes are none of a header's.
                while (at + 16 <= to
                        && (STEP[bytes[at + 3] & 0xff]
                                        & STEP[bytes[at + 7] & 0xff]
                                        & STEP[bytes[at + 11] & 0xff]
                                        & STEP[bytes[at + 15] & 0xff])
                                == 4) {
                    at += 16;
                }
            } else {
                if (step == 1 && isHeader(bytes, at) && isDescribed(bytes, at, base + at)) {
                    return at;
                }
                at += step;
            }
        }
        return -1;
    }

    private static byte[] steps() {
        byte[] steps = new byte[256];
        Arrays.fill(steps, (byte) 4);
        // 'P', 'K', 1, 2 or 'P', 'K', 3, 4
        steps['P'] = 3;
        steps['K'] = 2;
        Arrays.fill(steps, 1, 5, (byte) 1);
        return steps;
    }

    /** Its sizes have four bytes or eight, and a signature stands before them or does not. */
    private static boolean isDescribed(byte[] bytes, int at, long before) {
        return isDescribed(bytes, at, before, 4) || isDescribed(bytes, at, before, 8);
    }

    private static boolean isDescribed(byte[] bytes, int at, long before, int width) {
        int length = 4 + 2 * width;
        if (at < length) {
            return false;
        }
        long size = int32(bytes, at - 2 * width) & 0xffffffffL;
        if (width == 8) {
            size |= (long) int32(bytes, at - 12) << 32;
        }
        return size == before - length
                || (size == before - length - 4 && at >= length + 4 && int32(bytes, at - length - 4) == DESCRIPTOR);
    }

    private static int int32(byte[] bytes, int at) {
        return (bytes[at] & 0xff)
                | (bytes[at + 1] & 0xff) << 8
                | (bytes[at + 2] & 0xff) << 16
                | (bytes[at + 3] & 0xff) << 24;
    }

    /** Uncompressed bytes of the entry. */
    private void content(byte[] bytes, int offset, int length) {
        int at = offset;
        int end = offset + length;
        while (at < end && startBytes < start.length) {
            start[startBytes++] = bytes[at++];
            if (startBytes == start.length) {
                recognise();
            }
        }
        if (at < end && elf != null) {
            elf.accept(bytes, at, end - at);
        } else if (at < end && nested != null) {
            nested.accept(bytes, at, end - at);
        }
    }

    private void recognise() {
        if (ElfProbe.isElf(start)) {
            if (budget.found.size() >= MAX_ENTRIES) {
                budget.problem = "more than " + MAX_ENTRIES + " ELF files inside";
                return;
            }
            elf = ElfProbe.nested(name.substring(name.lastIndexOf('/') + 1), 0);
            elf.accept(start, 0, start.length);
        } else if (depth < MAX_DEPTH && isZip(start, start.length)) {
            nested = new ArchiveProbe(budget, depth + 1, prefix + name + "!/");
            nested.accept(start, 0, start.length);
        }
    }

    private void endOfContent() {
        if (elf != null) {
            ElfFacts facts = elf.facts();
            byte[] encoded = facts.encode();
            if (budget.factsBytes + encoded.length > MAX_FACTS) {
                budget.problem = "the facts of its ELF files pass " + MAX_FACTS + " bytes";
            } else {
                budget.factsBytes += encoded.length;
                budget.found.add(new ArchiveFacts.Entry(prefix + name, facts));
            }
        }
        if (nested != null) {
            nested.end();
        }
        elf = null;
        nested = null;
    }

    private void release() {
        elf = null;
        if (nested != null) {
            nested.release();
            nested = null;
        }
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }

    private void endOfEntry() {
        if ((flags & 8) != 0) {
            state = State.DESCRIPTOR;
            wanted = 16;
            openDescriptor = false;
        } else {
            next();
        }
    }

    /** Signature (optional), sum, two sizes of four bytes; or of eight, when the next signature only then follows. */
    private void descriptor() {
        if (openDescriptor) {
            if (u32(4) == sizeSeen) {
                endOfContent();
                next();
            } else {
                // Four bytes of the content looked like a descriptor; these twelve are content as well.
                content(held, 0, 12);
                sizeSeen += 16;
                state = State.STORED_OPEN;
            }
            return;
        }
        // The uncompressed size tells whether the sizes have four bytes or, without a word about it, eight.
        boolean isSigned = (int) u32(0) == DESCRIPTOR;
        if (wanted == 20 && isSigned) {
            if (isHeader(held, 16)) {
                nextHeader(held, 16);
            } else {
                heldBytes = wanted;
                wanted = 24;
            }
            return;
        }
        if (wanted > 16) {
            next();
            return;
        }
        boolean isShort = u32(isSigned ? 12 : 8) == (plainSize & 0xffffffffL);
        if (isShort && plainSize == 0) {
            // The upper half of another size is nothing, too: what follows decides.
            if (isSigned) {
                heldBytes = wanted;
                wanted = 20;
                return;
            }
            isShort = isHeader(held, 12);
        }
        if (!isShort) {
            heldBytes = wanted;
            wanted = isSigned ? 24 : 20;
            return;
        }
        if (isSigned) {
            next();
        } else {
            nextHeader(held, 12);
        }
    }

    private static boolean isHeader(byte[] bytes, int at) {
        int signature = int32(bytes, at);
        return signature == LOCAL || signature == CENTRAL;
    }

    /** Its first four bytes are there already. */
    private void nextHeader(byte[] bytes, int at) {
        next();
        System.arraycopy(bytes, at, held, 0, 4);
        heldBytes = 4;
    }

    private void next() {
        state = State.HEADER;
        wanted = HEADER;
    }

    private void fail(String why) {
        if (budget.problem == null) {
            budget.problem = prefix + why;
        }
        release();
        state = State.DONE;
    }

    /** No more bytes come. */
    private void end() {
        if (state != State.DONE) {
            // A whole one ends with its directory.
            fail("the archive is cut" + (name.isEmpty() ? "" : " in or after " + name));
        }
        release();
    }

    @Override
    public byte[] finish() {
        end();
        return budget.found.isEmpty() && budget.problem == null
                ? new byte[0]
                : new ArchiveFacts(budget.problem, budget.found).encode();
    }

    private int u16(int at) {
        return (held[at] & 0xff) | ((held[at + 1] & 0xff) << 8);
    }

    private long u32(int at) {
        return int32(held, at) & 0xffffffffL;
    }
}
