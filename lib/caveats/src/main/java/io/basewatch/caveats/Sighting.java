package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.Evidence;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule saw of one entry of the catalogue.
 *
 * @param found how many files say so; those beyond the bound of evidence included
 * @param mitigation what makes it milder; the severity is then one step lower than given
 */
record Sighting(
        Kind kind,
        Severity severity,
        String message,
        List<Evidence> evidence,
        int found,
        @Nullable String mitigation) {

    private static final int MAX_NAMED = 3;

    static Sighting risk(Severity severity, String message, List<Evidence> evidence) {
        return new Sighting(Kind.RISK, severity, message, evidence, evidence.size(), null);
    }

    static Sighting certain(Severity severity, String message, List<Evidence> evidence) {
        return new Sighting(Kind.CERTAIN, severity, message, evidence, evidence.size(), null);
    }

    /** A note. */
    static Sighting info(String message, List<Evidence> evidence) {
        return new Sighting(Kind.INFO, Severity.LOW, message, evidence, evidence.size(), null);
    }

    /** The same, milder: told, never dropped. */
    Sighting mitigatedBy(@Nullable String what) {
        return what == null
                ? this
                : new Sighting(
                        kind, milder(severity), message + "; rated one step lower as " + what, evidence, found, what);
    }

    /** One step. */
    static Severity milder(Severity severity) {
        return switch (severity) {
            case CRITICAL -> Severity.HIGH;
            case HIGH -> Severity.MEDIUM;
            case MEDIUM, LOW -> Severity.LOW;
        };
    }

    /** Of an image that was not read wholly nothing is certain. */
    Caveat toCaveat(String id, boolean whole) {
        Kind told = kind == Kind.CERTAIN && !whole ? Kind.RISK : kind;
        String seen = kind == Kind.CERTAIN && !whole
                ? message + " (by those parts of the image that could be read)"
                : message;
        return new Caveat(id, told, severity, seen, evidence, found, mitigation);
    }

    /** {@code app/a}, or {@code 3 programs (app/a, app/b, …)}. */
    static String named(List<String> paths, String one, String many) {
        if (paths.size() == 1) {
            return one + " (" + paths.get(0) + ")";
        }
        String listed = String.join(", ", paths.subList(0, Math.min(MAX_NAMED, paths.size())));
        return paths.size() + " " + many + " (" + listed + (paths.size() > MAX_NAMED ? ", …)" : ")");
    }
}
