package io.basewatch.fingerprint.packages;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
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
     * Hands over each stanza's first lines of the fields that are of use here, with names in lower case.
     *
     * @return what is wrong with the text; everything that can be read is handed over all the same
     */
    static Optional<String> read(byte[] content, Consumer<Map<String, String>> stanzas) {
        Lines lines = new Lines(content);
        Map<String, String> stanza = new HashMap<>();
        String problem = null;
        int number = 0;
        for (String line = lines.next(); line != null; line = lines.next()) {
            number++;
            if (line.isBlank()) {
                end(stanza, stanzas);
                stanza = new HashMap<>();
            } else if (line.charAt(0) != ' ' && line.charAt(0) != '\t' && line.charAt(0) != '#') {
                int colon = line.indexOf(':');
                if (colon <= 0) {
                    problem = problem != null ? problem : "line " + number + " is not of the form 'Field: value'";
                } else {
                    String field = line.substring(0, colon).toLowerCase(Locale.ROOT);
                    if (FIELDS.contains(field)) {
                        stanza.put(field, line.substring(colon + 1).strip());
                    }
                }
            }
        }
        end(stanza, stanzas);
        return Optional.ofNullable(problem);
    }

    private static void end(Map<String, String> stanza, Consumer<Map<String, String>> stanzas) {
        if (!stanza.isEmpty()) {
            stanzas.accept(stanza);
        }
    }
}
