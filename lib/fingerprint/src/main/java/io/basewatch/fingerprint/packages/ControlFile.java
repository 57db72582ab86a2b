package io.basewatch.fingerprint.packages;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Stanzas of {@code Field: value} lines, a blank line after each; a line that starts with a blank continues the field above it. Source: deb822(5).
 */
final class ControlFile {

    private static final Set<String> FIELDS = Set.of(
            "package", "status", "version", "architecture", "source", "maintainer", "installed-size", "installed-time");

    private ControlFile() {}

    /**
     * Hands over each stanza's first lines of the fields that are of use here, with names in lower case. Everything that can be read is handed over,
     * whatever is wrong with the rest.
     *
     * @param problems takes what is wrong with the text
     */
    static void read(byte[] content, Consumer<Map<String, String>> stanzas, PackageList problems) {
        Lines lines = new Lines(content);
        Map<String, String> stanza = new HashMap<>();
        boolean isOpen = false;
        for (String line = lines.next(); line != null; line = lines.next()) {
            if (line.isBlank()) {
                if (isOpen) {
                    stanzas.accept(stanza);
                }
                stanza = new HashMap<>();
                isOpen = false;
            } else if (line.charAt(0) != '#') {
                isOpen = true;
                readLine(line, lines.number(), stanza, problems);
            }
        }
        if (isOpen) {
            stanzas.accept(stanza);
        }
        if (Lines.breakOff(content)) {
            problems.lost("breaks off within line " + (lines.number() + 1));
        }
    }

    private static void readLine(String line, int number, Map<String, String> stanza, PackageList problems) {
        if (line.charAt(0) == ' ' || line.charAt(0) == '\t') {
            return;
        }
        int colon = line.indexOf(':');
        if (colon <= 0) {
            problems.wrong("line " + number + " is not of the form 'Field: value'");
            return;
        }
        String field = line.substring(0, colon).toLowerCase(Locale.ROOT);
        if (FIELDS.contains(field)) {
            stanza.put(field, line.substring(colon + 1).strip());
        }
    }
}
