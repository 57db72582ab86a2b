package io.basewatch.fleetmodel;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A known trap that is in an image.
 *
 * @param id of the rule, which is also its page's name: {@code elf-glibc-interpreter-missing}
 * @param message one sentence for people: what happens, when and why
 * @param evidence the files that say so, the worst first; at most {@value #MAX_EVIDENCE}
 * @param found how many files say so, those beyond the bound included
 * @param mitigation what in the image takes the trap away; null when nothing does
 */
public record Caveat(
        String id,
        Kind kind,
        Severity severity,
        String message,
        List<Evidence> evidence,
        int found,
        @Nullable String mitigation) {

    public static final int MAX_EVIDENCE = 20;
    public static final int MAX_TEXT = 1_000;

    /** What is proven before what may be, the worst of each first. */
    public static final Comparator<Caveat> WORST_FIRST = Comparator.comparing(Caveat::kind)
            .thenComparing(Caveat::severity, Comparator.reverseOrder())
            .thenComparing(Caveat::id);

    /** How sure it is. */
    public enum Kind {
        /** The files prove it. */
        CERTAIN,
        /** The image is exposed; whether it bites depends on what is not in the files. */
        RISK,
        INFO;

        @JsonCreator
        public static Kind parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** How bad it is when it bites; the worst last. */
    public enum Severity {
        LOW,
        MEDIUM,
        HIGH,
        CRITICAL;

        @JsonCreator
        public static Severity parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public Caveat {
        evidence = List.copyOf(evidence.subList(0, Math.min(evidence.size(), MAX_EVIDENCE)));
        message = cut(message);
        mitigation = mitigation == null ? null : cut(mitigation);
        if (found < evidence.size()) {
            throw new IllegalArgumentException(
                    "caveat " + id + " has " + evidence.size() + " pieces of evidence of " + found);
        }
    }

    private static String cut(String text) {
        return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT - 1) + "…";
    }
}
