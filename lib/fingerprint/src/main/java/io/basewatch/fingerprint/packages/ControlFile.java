package io.basewatch.fingerprint.packages;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Stanzas of {@code Field: value} lines, a blank line after each; a line that starts with a blank continues the field above it. Source: deb822(5).
 */
final class ControlFile {

    private static final String[] FIELDS = {
        "package", "status", "version", "architecture", "source", "maintainer", "installed-size", "installed-time"
    };

    private ControlFile() {}

    /**
     * Hands over each stanza's first lines of the fields that are of use here. Everything that can be read is handed over, whatever is wrong with the rest.
     *
     * @param problems takes what is wrong with the text
     */
    static void read(byte[] content, Consumer<Stanza> stanzas, PackageList problems) {
        Lines lines = new Lines(content);
        Stanza stanza = new Stanza();
        boolean isOpen = false;
        while (lines.advance()) {
            if (lines.isBlank()) {
                if (isOpen) {
                    stanzas.accept(stanza);
                    stanza = new Stanza();
                }
                isOpen = false;
            } else if (lines.first() != '#') {
                isOpen = true;
                if (lines.first() != ' ' && lines.first() != '\t') {
                    readField(lines, stanza, problems);
                }
            }
        }
        if (isOpen) {
            stanzas.accept(stanza);
        }
        if (Lines.breakOff(content)) {
            problems.lost("breaks off within line " + (lines.number() + 1));
        }
    }

    private static void readField(Lines line, Stanza stanza, PackageList problems) {
        int colon = line.indexOf(':');
        if (colon <= 0) {
            problems.wrong("line " + line.number() + " is not of the form 'Field: value'");
            return;
        }
        for (int field = 0; field < FIELDS.length; field++) {
            if (FIELDS[field].length() == colon && line.beginsWith(FIELDS[field])) {
                stanza.values[field] = line.textFrom(colon + 1).strip();
            }
        }
    }

    /** What one stanza says, without the blanks around it; null where it says nothing. */
    static final class Stanza {

        private final @Nullable String[] values = new String[FIELDS.length];

        @Nullable
        String name() {
            return values[0];
        }

        @Nullable
        String status() {
            return values[1];
        }

        @Nullable
        String version() {
            return values[2];
        }

        @Nullable
        String architecture() {
            return values[3];
        }

        @Nullable
        String source() {
            return values[4];
        }

        @Nullable
        String maintainer() {
            return values[5];
        }

        @Nullable
        String installedSize() {
            return values[6];
        }

        @Nullable
        String installedTime() {
            return values[7];
        }
    }
}
