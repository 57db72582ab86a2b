package io.basewatch.fingerprint.packages;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Stanzas of {@code Field: value} lines, a blank line after each; a line that starts with a blank continues the field above it. Source: deb822(5).
 */
final class ControlFile {

    private static final String[] FIELDS = {
        "package", "status", "version", "architecture", "source", "maintainer", "installed-size", "installed-time"
    };

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
        while (lines.advance()) {
            if (lines.isBlank()) {
                if (isOpen) {
                    stanzas.accept(stanza);
                }
                stanza = new HashMap<>();
                isOpen = false;
            } else if (lines.first() != '#') {
                isOpen = true;
                readLine(lines, stanza, problems);
            }
        }
        if (isOpen) {
            stanzas.accept(stanza);
        }
        if (Lines.breakOff(content)) {
            problems.lost("breaks off within line " + (lines.number() + 1));
        }
    }

    private static void readLine(Lines line, Map<String, String> stanza, PackageList problems) {
        if (line.first() == ' ' || line.first() == '\t') {
            return;
        }
        int colon = line.indexOf(':');
        if (colon <= 0) {
            problems.wrong("line " + line.number() + " is not of the form 'Field: value'");
            return;
        }
        for (String field : FIELDS) {
            if (field.length() == colon && line.beginsWith(field)) {
                stanza.put(field, line.textFrom(colon + 1).strip());
            }
        }
    }
}
