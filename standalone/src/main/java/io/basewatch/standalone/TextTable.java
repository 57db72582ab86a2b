package io.basewatch.standalone;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Rows of which each column is as wide as its widest cell. Nothing in a cell reaches a terminal as a command. */
final class TextTable {

    private final List<String[]> rows = new ArrayList<>();

    TextTable(String... heads) {
        rows.add(heads);
    }

    /** Null is shown as nothing. */
    void row(@Nullable Object... cells) {
        String[] row = new String[cells.length];
        for (int n = 0; n < cells.length; n++) {
            Object cell = cells[n];
            row[n] = cell == null ? "" : ReportText.printable(cell.toString());
        }
        rows.add(row);
    }

    @Override
    public String toString() {
        StringBuilder table = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int column = 0; column < row.length; column++) {
                line.append(row[column]).append(" ".repeat(width(column) - row[column].length() + 2));
            }
            table.append(line.toString().stripTrailing()).append('\n');
        }
        return table.toString();
    }

    private int width(int column) {
        return rows.stream()
                .filter(row -> column < row.length)
                .mapToInt(row -> row[column].length())
                .max()
                .orElse(0);
    }
}
