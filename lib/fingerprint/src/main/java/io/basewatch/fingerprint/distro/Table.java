package io.basewatch.fingerprint.distro;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** A table of this package's resources: one row on each line, columns separated by tabs, {@code #} in front of a remark. */
final class Table {

    private Table() {}

    /**
     * @throws IllegalStateException when a row does not have that many columns: the table is ours
     */
    static List<List<String>> rows(String name, int columns) {
        return text(name)
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(line -> Arrays.asList(line.split("\t", -1)))
                .peek(row -> {
                    if (row.size() != columns) {
                        throw new IllegalStateException(name + ": the row '" + String.join(" | ", row)
                                + "' does not have " + columns + " columns");
                    }
                })
                .toList();
    }

    private static String text(String name) {
        try (InputStream in = Table.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the table " + name + " is missing from the program");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
