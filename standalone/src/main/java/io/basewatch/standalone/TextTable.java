package io.basewatch.standalone;

import io.basewatch.standalone.Terminal.Tone;
import io.basewatch.standalone.Terminal.Toned;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows of which each column is as wide as its widest cell, or as a terminal leaves room for; where a terminal has no room for all columns, each row stands in lines of its own, every cell behind
 * its head. Nothing in a cell reaches a terminal as a command.
 */
final class TextTable {

    private static final int GAP = 2;

    /** Of a cell that is cut. */
    private static final int LEAST = 10;

    private final List<String> heads;
    private final List<Toned[]> rows = new ArrayList<>();
    private List<String> right = List.of();
    private List<String> shortened = List.of();
    private List<String> names = List.of();

    TextTable(String... heads) {
        this.heads = List.of(heads);
        row((Object[]) heads);
    }

    /** Columns whose cells stand at their right, as numbers do. */
    TextTable right(String... columns) {
        right = List.of(columns);
        return this;
    }

    /** Columns whose cells are cut where a terminal is too narrow, the least important first; those that a table does not have are passed over. What is to be copied is no such column. */
    TextTable shortened(String... columns) {
        shortened = List.of(columns);
        return this;
    }

    /** Columns whose cells are names of images: what tells one from the other stands at their end, so they are cut at their beginning. */
    TextTable names(String... columns) {
        names = List.of(columns);
        return this;
    }

    /** Null is shown as nothing. */
    void row(@Nullable Object... cells) {
        Toned[] row = new Toned[cells.length];
        for (int n = 0; n < cells.length; n++) {
            Object cell = cells[n];
            row[n] = new Toned(
                    cell == null ? "" : ReportText.printable(cell.toString()),
                    cell instanceof Toned toned ? toned.tone() : null);
        }
        rows.add(row);
    }

    /** As it fits there. */
    String text(Terminal terminal) {
        int[] widths = widths(terminal.width());
        if (Arrays.stream(widths).sum() + GAP * (widths.length - 1) > terminal.width()) {
            return inLines(terminal);
        }
        StringBuilder table = new StringBuilder();
        for (Toned[] row : rows) {
            StringBuilder line = new StringBuilder();
            int owed = 0;
            for (int column = 0; column < row.length; column++) {
                String text = cut(row[column].text(), widths[column], names.contains(heads.get(column)));
                Tone tone = row == rows.get(0) ? Tone.HEAD : row[column].tone();
                int room = widths[column] - columns(text);
                boolean isRight = right.contains(heads.get(column));
                // Spaces are written only when something follows.
                if (!text.isEmpty()) {
                    line.append(" ".repeat(owed + (isRight ? room : 0))).append(terminal.paint(tone, text));
                    owed = GAP + (isRight ? 0 : room);
                } else {
                    owed += GAP + room;
                }
            }
            table.append(line).append('\n');
        }
        return table.toString();
    }

    /** As many cells of a row beside each other as there is room for. What has no room in a line of its own is cut where it may be, and as long as it is where it is to be copied. */
    private String inLines(Terminal terminal) {
        StringBuilder text = new StringBuilder();
        for (Toned[] row : rows.subList(1, rows.size())) {
            int used = 0;
            for (int column = 0; column < row.length; column++) {
                String head = heads.get(column);
                String cell = row[column].text();
                if (cell.isEmpty()) {
                    continue;
                }
                int room = terminal.width() - GAP - columns(head) - 1;
                if (shortened.contains(head)) {
                    cell = cut(cell, Math.max(LEAST, room), names.contains(head));
                }
                int wide = columns(head) + 1 + columns(cell);
                if (used > 0 && used + GAP + wide > terminal.width()) {
                    text.append('\n');
                    used = GAP;
                    text.append(" ".repeat(GAP));
                } else if (used > 0) {
                    text.append(" ".repeat(GAP));
                    used += GAP;
                }
                text.append(terminal.paint(Tone.HEAD, head))
                        .append(' ')
                        .append(terminal.paint(row[column].tone(), cell));
                used += wide;
            }
            text.append('\n');
        }
        return text.toString();
    }

    /** As wide as it is. */
    @Override
    public String toString() {
        return text(Terminal.PLAIN);
    }

    private int[] widths(int room) {
        int[] widths = new int[heads.size()];
        for (Toned[] row : rows) {
            for (int column = 0; column < row.length; column++) {
                widths[column] = Math.max(widths[column], columns(row[column].text()));
            }
        }
        int over = Arrays.stream(widths).sum() + GAP * (widths.length - 1) - room;
        for (String head : shortened) {
            int column = heads.indexOf(head);
            if (column < 0) {
                continue;
            }
            int least = Math.max(LEAST, head.length());
            int less = Math.max(0, Math.min(over, widths[column] - least));
            widths[column] -= less;
            over -= less;
        }
        return widths;
    }

    private static String cut(String text, int width, boolean isName) {
        if (columns(text) <= width) {
            return text;
        }
        return isName
                ? new StringBuilder(cut(new StringBuilder(text).reverse().toString(), width))
                        .reverse()
                        .toString()
                : cut(text, width);
    }

    /** The beginning, and a sign that there was more. */
    private static String cut(String text, int width) {
        StringBuilder cut = new StringBuilder();
        int used = 1;
        for (int c : text.codePoints().toArray()) {
            used += columns(c);
            if (used > width) {
                break;
            }
            cut.appendCodePoint(c);
        }
        return cut.append('…').toString();
    }

    /** How many a terminal takes to show it. */
    private static int columns(String text) {
        return text.codePoints().map(TextTable::columns).sum();
    }

    private static int columns(int c) {
        if (c < 0x300) {
            return 1;
        }
        int type = Character.getType(c);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        // Scripts whose characters are two wide, their punctuation, and signs as pictures.
        return Character.isIdeographic(c)
                        || (c >= 0x1100 && c <= 0x115f)
                        || (c >= 0x3000 && c <= 0x30ff)
                        || (c >= 0xac00 && c <= 0xd7a3)
                        || (c >= 0xff01 && c <= 0xff60)
                        || (c >= 0x1f300 && c <= 0x1faff)
                ? 2
                : 1;
    }
}
