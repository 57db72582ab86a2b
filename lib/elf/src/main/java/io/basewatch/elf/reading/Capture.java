package io.basewatch.elf.reading;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The parts of one streaming file that are kept until its end: the first {@value #HEAD_BYTES} bytes, the last {@value #TAIL_BYTES} of the size that was
 * announced, and ranges asked for before they passed by. Everything together stays under {@value #MAX_BYTES} bytes, whatever the file says of itself.
 */
final class Capture {

    static final int HEAD_BYTES = 16 << 20;
    static final int TAIL_BYTES = 1 << 20;
    static final int MAX_RANGE_BYTES = 20 << 20;
    static final int MAX_BYTES = HEAD_BYTES + TAIL_BYTES + MAX_RANGE_BYTES + (4 << 20);

    private static final int PAGE_BITS = Pages.BITS;
    private static final int PAGE = Pages.SIZE;
    private static final int MAX_RANGES = 64;
    private static final int MAX_PAGES = MAX_BYTES / PAGE;

    /** Bytes {@code from..to} of a page are there. */
    private static final class Page {
        byte[] bytes;
        final int from;
        int to;

        Page(byte[] bytes, int from) {
            this.bytes = bytes;
            this.from = from;
            this.to = from;
        }
    }

    private record Range(long start, long end) {}

    private final long announcedSize;
    private final Map<Long, Page> pages = new HashMap<>();
    private final List<Range> ranges = new ArrayList<>();
    private long rangeBytes;
    private long position;

    /** The page last read, so that reading onwards does not look it up for each byte. */
    private @Nullable Page lastPage;

    private long lastPageNumber = -1;

    Capture(long announcedSize) {
        this.announcedSize = Math.max(0, announcedSize);
    }

    long position() {
        return position;
    }

    /** Asks for a range; what of it has passed by, or is over the bound, is not kept. */
    void want(long start, long length) {
        if (start < 0 || length <= 0 || ranges.size() >= MAX_RANGES) {
            return;
        }
        long from = Math.max(Math.max(start, position), HEAD_BYTES);
        long end = start + Math.min(length, MAX_RANGE_BYTES);
        if (end <= from || rangeBytes + (end - from) > MAX_RANGE_BYTES) {
            return;
        }
        rangeBytes += end - from;
        ranges.add(new Range(from, end));
    }

    void accept(byte[] buffer, int offset, int length) {
        int done = 0;
        while (done < length) {
            long pageNumber = position >>> PAGE_BITS;
            int inPage = (int) (position & (PAGE - 1));
            int part = Math.min(length - done, PAGE - inPage);
            if (isWanted(position, part)) {
                keep(pageNumber, inPage, buffer, offset + done, part);
            }
            position += part;
            done += part;
        }
    }

    private boolean isWanted(long start, int length) {
        if (start < HEAD_BYTES) {
            return true;
        }
        if (start + length > announcedSize - TAIL_BYTES && start < announcedSize) {
            return true;
        }
        for (Range range : ranges) {
            if (start < range.end && start + length > range.start) {
                return true;
            }
        }
        return false;
    }

    private void keep(long pageNumber, int inPage, byte[] buffer, int offset, int length) {
        Page page = pages.get(pageNumber);
        if (page == null) {
            if (pages.size() >= MAX_PAGES) {
                return;
            }
            page = new Page(bytes(pageNumber, inPage + length), inPage);
            pages.put(pageNumber, page);
        }
        if (inPage != page.to) {
            // A hole inside a page: what came later is left out rather than misplaced.
            return;
        }
        if (page.bytes.length < inPage + length) {
            page.bytes = Arrays.copyOf(page.bytes, PAGE);
        }
        System.arraycopy(buffer, offset, page.bytes, inPage, length);
        page.to = inPage + length;
    }

    /** A small file gets a small page where none waits, yet what the size announces is only a hint. */
    private byte[] bytes(long pageNumber, int atLeast) {
        byte[] waiting = Pages.take();
        if (waiting != null) {
            return waiting;
        }
        long rest = announcedSize - (pageNumber << PAGE_BITS);
        return new byte[rest > 0 && rest < PAGE ? Math.max((int) rest, atLeast) : PAGE];
    }

    /** Nothing is kept any more. */
    void forget() {
        pages.values().forEach(page -> Pages.give(page.bytes));
        pages.clear();
        lastPage = null;
        lastPageNumber = -1;
    }

    /** Whether all bytes of the range are there. */
    boolean has(long start, long length) {
        if (start < 0 || length < 0 || length > MAX_BYTES || start > position - length) {
            return false;
        }
        long end = start + length;
        long at = start;
        while (at < end) {
            Page page = page(at >>> PAGE_BITS);
            int inPage = (int) (at & (PAGE - 1));
            if (page == null || inPage < page.from || inPage >= page.to) {
                return false;
            }
            at += page.to - inPage;
            if (page.to < PAGE && at < end) {
                return false;
            }
        }
        return true;
    }

    /** @return 0..255, or -1 when the byte was not kept */
    int u8(long offset) {
        if (offset < 0) {
            return -1;
        }
        Page page = page(offset >>> PAGE_BITS);
        int inPage = (int) (offset & (PAGE - 1));
        return page == null || inPage < page.from || inPage >= page.to ? -1 : page.bytes[inPage] & 0xff;
    }

    /** Two bytes as a number without a sign; bytes that were not kept count as 0. */
    int u16(long offset, boolean isBigEndian) {
        Page page = offset < 0 ? null : page(offset >>> PAGE_BITS);
        int at = (int) (offset & (PAGE - 1));
        if (page == null || at < page.from || at + 2 > page.to) {
            return u16(Math.max(0, u8(offset)), Math.max(0, u8(offset + 1)), isBigEndian);
        }
        return u16(page.bytes[at] & 0xff, page.bytes[at + 1] & 0xff, isBigEndian);
    }

    /** As {@link #u16}, four bytes. */
    long u32(long offset, boolean isBigEndian) {
        Page page = offset < 0 ? null : page(offset >>> PAGE_BITS);
        int at = (int) (offset & (PAGE - 1));
        if (page == null || at < page.from || at + 4 > page.to) {
            long first = u16(offset, isBigEndian);
            long second = u16(offset + 2, isBigEndian);
            return isBigEndian ? first << 16 | second : second << 16 | first;
        }
        byte[] all = page.bytes;
        int value = isBigEndian
                ? all[at] << 24 | (all[at + 1] & 0xff) << 16 | (all[at + 2] & 0xff) << 8 | (all[at + 3] & 0xff)
                : (all[at] & 0xff) | (all[at + 1] & 0xff) << 8 | (all[at + 2] & 0xff) << 16 | all[at + 3] << 24;
        return value & 0xffffffffL;
    }

    /** As {@link #u16}, eight bytes, whose highest bit is a number's like any other. */
    long u64(long offset, boolean isBigEndian) {
        Page page = offset < 0 ? null : page(offset >>> PAGE_BITS);
        int at = (int) (offset & (PAGE - 1));
        if (page == null || at < page.from || at + 8 > page.to) {
            long first = u32(offset, isBigEndian);
            long second = u32(offset + 4, isBigEndian);
            return isBigEndian ? first << 32 | second : second << 32 | first;
        }
        byte[] all = page.bytes;
        int low = (all[at] & 0xff) | (all[at + 1] & 0xff) << 8 | (all[at + 2] & 0xff) << 16 | all[at + 3] << 24;
        int high = (all[at + 4] & 0xff) | (all[at + 5] & 0xff) << 8 | (all[at + 6] & 0xff) << 16 | all[at + 7] << 24;
        long value = (long) high << 32 | (low & 0xffffffffL);
        return isBigEndian ? Long.reverseBytes(value) : value;
    }

    private static int u16(int first, int second, boolean isBigEndian) {
        return isBigEndian ? first << 8 | second : second << 8 | first;
    }

    /**
     * How long the text at an offset is, up to the zero behind it.
     *
     * @return -1 when there is no zero before {@code limit} bytes, or the text leads out of what is kept
     */
    int textLength(long start, long limit) {
        long length = 0;
        while (length < limit) {
            long at = start + length;
            Page page = at < 0 ? null : page(at >>> PAGE_BITS);
            int inPage = (int) (at & (PAGE - 1));
            if (page == null || inPage < page.from || inPage >= page.to) {
                return -1;
            }
            int end = (int) Math.min(page.to, inPage + limit - length);
            for (int i = inPage; i < end; i++) {
                if (page.bytes[i] == 0) {
                    return (int) (length + i - inPage);
                }
            }
            length += end - inPage;
        }
        return -1;
    }

    private @Nullable Page page(long number) {
        if (number != lastPageNumber) {
            lastPage = pages.get(number);
            lastPageNumber = number;
        }
        return lastPage;
    }

    /** As {@link #copy}, as text with a character for each byte. */
    String text(long start, int max) {
        Page page = start < 0 ? null : page(start >>> PAGE_BITS);
        int inPage = (int) (start & (PAGE - 1));
        return page == null || inPage < page.from || max > page.to - inPage
                ? new String(copy(start, max), StandardCharsets.ISO_8859_1)
                : new String(page.bytes, inPage, max, StandardCharsets.ISO_8859_1);
    }

    /** The kept bytes from an offset on, without a hole, at most so many. */
    byte[] copy(long start, int max) {
        int length = 0;
        while (length < max) {
            long at = start + length;
            Page page = at < 0 ? null : page(at >>> PAGE_BITS);
            int inPage = (int) (at & (PAGE - 1));
            if (page == null || inPage < page.from || inPage >= page.to) {
                break;
            }
            length += page.to - inPage;
        }
        byte[] out = new byte[Math.min(length, max)];
        copy(start, out, out.length);
        return out;
    }

    /** The first so many kept bytes from an offset on, which are all there. */
    void copy(long start, byte[] to, int length) {
        int done = 0;
        while (done < length) {
            long at = start + done;
            Page page = page(at >>> PAGE_BITS);
            int inPage = (int) (at & (PAGE - 1));
            if (page == null || inPage >= page.to) {
                throw new IllegalArgumentException("byte " + at + " was not kept");
            }
            int part = Math.min(length - done, page.to - inPage);
            System.arraycopy(page.bytes, inPage, to, done, part);
            done += part;
        }
    }
}
