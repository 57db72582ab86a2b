package io.basewatch.elf.reading;

import io.basewatch.elf.Marker;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Finds all markers in one pass over a file's bytes, as Wu and Manber do ("A fast algorithm for multi-pattern searching", TR-94-17, 1994): a table over
 * pairs of bytes says how far the search may jump, so that most bytes are never looked at.
 */
final class MarkerScan {

    /** Of each pattern, the first bytes steer the jumps; no pattern is shorter. */
    static final int WINDOW = 8;

    /** A match is only judged when so much follows it, or the file ends: longer than the longest pattern and the text kept behind it. */
    static final int LOOKAHEAD = 128;

    private static final int MAX_TEXT = 64;

    /** How a Go executable's build information starts, without the byte ff before it, which is too common to search for. */
    private static final byte[] GO = " Go buildinf:".getBytes(StandardCharsets.ISO_8859_1);

    /** For the pair of bytes at the window's end: how far to jump, or which patterns end their window with it, as -1 - i for {@code ENDING[i]}. */
    private static final byte[] JUMP_OF_PAIR = new byte[1 << 16];

    /** The least jump of sixteen pairs that share a place, so that the table stays where the processor reads it at once: it is asked for each jump. Negative: ask the other one. */
    private static final byte[] JUMP = new byte[1 << 12];

    private static final int[][] ENDING;
    private static final List<byte[]> PATTERNS = new ArrayList<>();
    private static final Marker[] MARKERS;

    static {
        List<Marker> markers = new ArrayList<>();
        for (Marker marker : Marker.values()) {
            if (marker != Marker.PACKED) {
                markers.add(marker);
                PATTERNS.add(marker.pattern().getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        MARKERS = markers.toArray(new Marker[0]);
        PATTERNS.add(GO);
        Arrays.fill(JUMP_OF_PAIR, (byte) (WINDOW - 1));
        Map<Integer, List<Integer>> ending = new TreeMap<>();
        for (int n = 0; n < PATTERNS.size(); n++) {
            byte[] pattern = PATTERNS.get(n);
            for (int i = 0; i + 2 < WINDOW; i++) {
                int pair = pair(pattern, i);
                JUMP_OF_PAIR[pair] = (byte) Math.min(JUMP_OF_PAIR[pair], WINDOW - 2 - i);
            }
            ending.computeIfAbsent(pair(pattern, WINDOW - 2), pair -> new ArrayList<>())
                    .add(n);
        }
        ENDING = new int[ending.size()][];
        int slot = 0;
        for (Map.Entry<Integer, List<Integer>> each : ending.entrySet()) {
            JUMP_OF_PAIR[each.getKey()] = (byte) (-1 - slot);
            ENDING[slot++] = each.getValue().stream().mapToInt(n -> n).toArray();
        }
        Arrays.fill(JUMP, (byte) (WINDOW - 1));
        for (byte[] pattern : PATTERNS) {
            for (int i = 0; i + 1 < WINDOW; i++) {
                int pair = pair(pattern, i);
                int place = place(pair >> 8, pair & 0xff);
                JUMP[place] = (byte) Math.min(JUMP[place], JUMP_OF_PAIR[pair]);
            }
        }
    }

    /** In {@link #JUMP}. */
    private static int place(int first, int second) {
        return (first << 4) ^ second;
    }

    /** In {@link #JUMP_OF_PAIR}. */
    private static int pair(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }

    private final Map<Marker, String> found = new EnumMap<>(Marker.class);
    private final GoBuildReader go;

    /** The last bytes seen, not yet judged as the start of a match, and a place to join them with what follows. */
    private final byte[] join = new byte[2 * LOOKAHEAD];

    private int carried;
    private long position;

    MarkerScan(GoBuildReader go) {
        this.go = go;
    }

    void accept(byte[] buffer, int offset, int length) {
        int joined = Math.min(length, LOOKAHEAD);
        System.arraycopy(buffer, offset, join, carried, joined);
        int available = carried + joined;
        if (carried + (long) length <= LOOKAHEAD) {
            carried = available;
            position += length;
            go.accept(buffer, offset, length);
            return;
        }
        long joinStart = position - carried;
        if (length < LOOKAHEAD) {
            int judged = available - LOOKAHEAD;
            search(join, 0, judged, available, joinStart);
            go.accept(buffer, offset, length);
            System.arraycopy(join, judged, join, 0, LOOKAHEAD);
        } else {
            search(join, 0, carried, available, joinStart);
            search(buffer, offset, offset + length - LOOKAHEAD, offset + length, position - offset);
            go.accept(buffer, offset, length);
            System.arraycopy(buffer, offset + length - LOOKAHEAD, join, 0, LOOKAHEAD);
        }
        carried = LOOKAHEAD;
        position += length;
    }

    /** Bytes of which it is known that no text begins in them: half of a large program is code. */
    void pass(byte[] buffer, int offset, int length) {
        finish();
        carried = 0;
        go.accept(buffer, offset, length);
        position += length;
    }

    void finish() {
        search(join, 0, carried, carried, position - carried);
    }

    /** Looks for matches that start in from..to; bytes up to {@code end} may be read. */
    private void search(byte[] bytes, int from, int to, int end, long base) {
        int last = Math.min(to - 1 + WINDOW - 1, end - 1);
        int at = from + WINDOW - 1;
        byte[] jump = JUMP;
        while (at <= last) {
            int skip = jump[place(bytes[at - 1] & 0xff, bytes[at] & 0xff)];
            if (skip < 0) {
                skip = JUMP_OF_PAIR[pair(bytes, at - 1)];
                if (skip < 0) {
                    candidates(ENDING[-1 - skip], bytes, at - WINDOW + 1, end, base);
                    skip = 1;
                }
            }
            at += skip;
        }
    }

    private void candidates(int[] patterns, byte[] bytes, int start, int end, long base) {
        for (int i : patterns) {
            byte[] pattern = PATTERNS.get(i);
            if (bytes[start] != pattern[0]
                    || end - start < pattern.length
                    || !Arrays.equals(bytes, start, start + pattern.length, pattern, 0, pattern.length)) {
                continue;
            }
            if (i == MARKERS.length) {
                go.startAt(base + start - 1, join, carried, position);
            } else {
                Marker marker = MARKERS[i];
                String text = marker.keepsText() ? textAt(bytes, start + pattern.length, end) : "";
                // Help texts mention a name without a version; the first that brings one wins.
                if (!found.containsKey(marker) || "".equals(found.get(marker))) {
                    found.put(marker, text);
                }
            }
        }
    }

    /** The printable characters from there on; empty unless they start like a version. */
    private static String textAt(byte[] bytes, int start, int end) {
        if (start >= end || bytes[start] < '0' || bytes[start] > '9') {
            return "";
        }
        int stop = start;
        while (stop < end && stop - start < MAX_TEXT && bytes[stop] >= ' ' && bytes[stop] < 0x7f) {
            stop++;
        }
        return new String(bytes, start, stop - start, StandardCharsets.ISO_8859_1);
    }

    Map<Marker, String> found() {
        return found;
    }
}
