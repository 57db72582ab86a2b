package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Steps through the entries of a tar: ustar, GNU and pax, with sparse files of each kind. It knows nothing of layers. Content comes as slices of the
 * buffers it was uncompressed into, never copied.
 *
 * <p>As container runtimes do, it ignores global pax headers, takes one zero block followed by anything but a second one for broken, and ignores what
 * follows the end marker.
 */
final class TarReader extends EntryReader {

    /** Of one pax header or long name; Go's archive/tar refuses the same. */
    private static final int MAX_SPECIAL_BYTES = 1 << 20;

    private static final byte[] ZEROS = new byte[16 << 10];

    private final Uncompressed in;
    private final LayerLimits limits;

    private byte[] name = {};
    private byte[] link = {};
    private char type;
    private int mode;
    private long size;

    /** Bytes of the entry in the archive that are still unread, and the padding after them. */
    private long archived;

    private int padding;
    private int headers;

    private @Nullable SparseMap sparse;
    private int piece;
    private long pieceUsed;
    private long offset;

    TarReader(Uncompressed in, LayerLimits limits) {
        this.in = in;
        this.limits = limits;
    }

    @Override
    byte[] name() {
        return name;
    }

    @Override
    byte[] link() {
        return link;
    }

    @Override
    char type() {
        return type;
    }

    @Override
    int mode() {
        return mode;
    }

    @Override
    long size() {
        return size;
    }

    @Override
    boolean next() throws IOException {
        byte[] longName = null;
        byte[] longLink = null;
        PaxRecords pax = PaxRecords.NONE;
        while (true) {
            in.skip(archived + padding);
            archived = 0;
            padding = 0;
            TarHeader header = header();
            if (header == null) {
                return false;
            }
            if (++headers > limits.maxEntries()) {
                throw LayerFault.limit("the layer has more entries than the limit of " + limits.maxEntries());
            }
            type = header.type();
            long stated = header.size();
            if (stated < 0) {
                throw LayerFault.corrupt("the header of " + PathBytes.quoted(header.name()) + " has no valid size");
            }
            switch (type) {
                case 'x' -> pax = PaxRecords.parse(special(stated));
                case 'g' -> special(stated);
                case 'L' -> longName = text(special(stated));
                case 'K' -> longLink = text(special(stated));
                default -> {
                    open(header, stated, pax, longName, longLink);
                    return true;
                }
            }
        }
    }

    private void open(
            TarHeader header, long stated, PaxRecords pax, byte @Nullable [] longName, byte @Nullable [] longLink)
            throws IOException {
        byte[] paxName = pax.path();
        byte[] paxLink = pax.link();
        name = longName != null ? longName : paxName != null ? paxName : header.name();
        link = longLink != null ? longLink : paxLink != null ? paxLink : header.link();
        mode = header.mode();
        if (type == 0) {
            type = name.length > 0 && name[name.length - 1] == '/' ? '5' : '0';
        }
        if (name.length > limits.maxPathBytes() || link.length > limits.maxPathBytes()) {
            throw LayerFault.limit("the path or link target of " + PathBytes.quoted(name)
                    + " is longer than the limit of " + limits.maxPathBytes() + " bytes");
        }
        // A pax header overrides the size; links, directories and devices have no content whatever they state.
        long paxSize = pax.size();
        long content = paxSize >= 0 ? paxSize : stated;
        boolean headerOnly = type >= '1' && type <= '6';
        archived = headerOnly ? 0 : content;
        padding = (int) (-archived & (TarHeader.BYTES - 1));
        size = isFile() ? content : 0;
        sparse = null;
        offset = 0;
        if (archived > Long.MAX_VALUE - TarHeader.BYTES) {
            throw tooLong();
        }
        if (type == 'S') {
            openGnuSparse(header);
        } else if (isFile() && pax.isSparse()) {
            openPaxSparse(pax);
        }
        if (size > limits.maxFileBytes()) {
            throw tooLong();
        }
    }

    private LayerFault tooLong() {
        return LayerFault.limit("the file " + PathBytes.quoted(name) + " of " + size
                + " bytes is longer than the limit of " + limits.maxFileBytes() + " bytes");
    }

    /** GNU tar manual, "Old GNU Format": four pieces in the header, 21 in each block that follows it. */
    private void openGnuSparse(TarHeader header) throws IOException {
        long real = header.number(483, 12);
        if (real < 0) {
            throw LayerFault.corrupt("the sparse file " + PathBytes.quoted(name) + " has no valid size");
        }
        SparseMap map = new SparseMap();
        addPieces(map, header, 386, 4);
        boolean more = header.byteAt(482) != 0;
        while (more) {
            TarHeader block = block();
            if (block == null) {
                throw LayerFault.corrupt("the tar ends inside the header of " + PathBytes.quoted(name));
            }
            addPieces(map, block, 0, 21);
            more = block.byteAt(504) != 0;
        }
        openSparse(map, real);
    }

    private static void addPieces(SparseMap map, TarHeader block, int at, int count) throws LayerFault {
        for (int i = 0; i < count; i++) {
            if (block.byteAt(at + i * 24) == 0) {
                break;
            }
            long offset = block.number(at + i * 24, 12);
            long length = block.number(at + i * 24 + 12, 12);
            if (offset < 0 || length < 0) {
                throw LayerFault.corrupt("a sparse file's map has no valid numbers");
            }
            map.add(offset, length);
        }
    }

    private void openPaxSparse(PaxRecords pax) throws IOException {
        long real = pax.sparseSize();
        SparseMap map = pax.isSparseInContent() ? mapInContent() : pax.sparseMap();
        openSparse(map, real >= 0 ? real : size);
    }

    /** Version 1.0: the number of pieces, then offset and length of each, a decimal number per line, padded to a block. */
    private SparseMap mapInContent() throws IOException {
        SparseMap map = new SparseMap();
        StringBuilder digits = new StringBuilder();
        long offsetBefore = -1;
        long numbers = -1;
        long read = 0;
        while (numbers != 0) {
            if (archived < TarHeader.BYTES) {
                throw LayerFault.corrupt("the sparse map of " + PathBytes.quoted(name) + " is cut");
            }
            TarHeader block = block();
            if (block == null) {
                throw LayerFault.corrupt("the tar ends inside the sparse map of " + PathBytes.quoted(name));
            }
            archived -= TarHeader.BYTES;
            for (int i = 0; i < TarHeader.BYTES && numbers != 0; i++) {
                int b = block.byteAt(i);
                if (b != '\n') {
                    if (digits.length() > 18) {
                        throw LayerFault.corrupt(
                                "the sparse map of " + PathBytes.quoted(name) + " has no valid numbers");
                    }
                    digits.append((char) b);
                    continue;
                }
                long number = SparseMap.number(digits.toString());
                digits.setLength(0);
                if (numbers < 0) {
                    numbers = Math.multiplyExact(2L, Math.min(number, Integer.MAX_VALUE));
                } else {
                    numbers--;
                    if (read++ % 2 == 0) {
                        offsetBefore = number;
                    } else {
                        map.add(offsetBefore, number);
                    }
                }
            }
        }
        return map;
    }

    private void openSparse(SparseMap map, long real) throws LayerFault {
        map.check(real, archived);
        sparse = map;
        size = real;
        piece = 0;
        pieceUsed = 0;
    }

    @Override
    boolean nextSlice(int most) throws IOException {
        if (offset == size) {
            return false;
        }
        if (sparse == null) {
            archivedSlice(Math.min(most, size - offset));
        } else {
            sparseSlice(sparse, most);
        }
        offset += sliceLength;
        return true;
    }

    private void sparseSlice(SparseMap map, int most) throws IOException {
        while (piece < map.pieces() && pieceUsed == map.length(piece)) {
            piece++;
            pieceUsed = 0;
        }
        long next = piece < map.pieces() ? map.offset(piece) + pieceUsed : size;
        if (offset < next) {
            slice = ZEROS;
            sliceOffset = 0;
            sliceLength = (int) Math.min(Math.min(most, ZEROS.length), next - offset);
            in.addHole(sliceLength);
        } else {
            archivedSlice(Math.min(most, map.length(piece) - pieceUsed));
            pieceUsed += sliceLength;
        }
    }

    private void archivedSlice(long most) throws IOException {
        if (!in.fill()) {
            throw LayerFault.corrupt("the tar ends early, inside the content of " + PathBytes.quoted(name));
        }
        slice = in.buffer;
        sliceOffset = in.position;
        sliceLength = (int) Math.min(Math.min(most, archived), in.limit - in.position);
        in.position += sliceLength;
        archived -= sliceLength;
    }

    private byte[] special(long length) throws IOException {
        if (length > MAX_SPECIAL_BYTES) {
            throw LayerFault.limit("an extended header of " + length + " bytes is longer than the limit of "
                    + MAX_SPECIAL_BYTES + " bytes");
        }
        byte[] payload = new byte[(int) length];
        int done = 0;
        while (done < payload.length) {
            if (!in.fill()) {
                throw LayerFault.corrupt("the tar ends inside an extended header");
            }
            int part = Math.min(payload.length - done, in.limit - in.position);
            System.arraycopy(in.buffer, in.position, payload, done, part);
            in.position += part;
            done += part;
        }
        padding = (int) (-length & (TarHeader.BYTES - 1));
        return payload;
    }

    private static byte[] text(byte[] payload) {
        int end = 0;
        while (end < payload.length && payload[end] != 0) {
            end++;
        }
        return java.util.Arrays.copyOf(payload, end);
    }

    private @Nullable TarHeader header() throws IOException {
        TarHeader header = block();
        if (header == null) {
            return null;
        }
        if (header.isZero()) {
            TarHeader second = block();
            if (second == null || second.isZero()) {
                return null;
            }
            throw LayerFault.corrupt("the tar has a single zero block in front of byte " + in.consumed());
        }
        if (!header.hasRightChecksum()) {
            throw noHeader("the tar header at byte " + (in.consumed() - TarHeader.BYTES) + " has a wrong checksum");
        }
        return header;
    }

    /** Where not even the first header is one, it is no tar at all. */
    private LayerFault noHeader(String message) {
        return headers > 0
                ? LayerFault.corrupt(message)
                : new LayerFault(Reason.Code.UNSUPPORTED_FORMAT, "its content is no tar");
    }

    private @Nullable TarHeader block() throws IOException {
        if (!in.fill()) {
            return null;
        }
        if (in.limit - in.position < TarHeader.BYTES) {
            in.position = in.limit;
            // When the stream broke here, that is the better reason.
            in.fill();
            throw noHeader("the tar ends inside a header, after " + in.total() + " uncompressed bytes");
        }
        TarHeader block = new TarHeader(in.buffer, in.position);
        in.position += TarHeader.BYTES;
        return block;
    }
}
