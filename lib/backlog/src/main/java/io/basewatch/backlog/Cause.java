package io.basewatch.backlog;

import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.Caveat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One thing that speaks for moving an entry, as people name it when they decide to leave it: {@code past-support alpine 3.12}, {@code certain:critical
 * elf-glibc-interpreter-missing}. What is neither proven nor at least of medium severity is none.
 *
 * @param code of the reason: {@code past-support}, {@code ending}, {@code certain}, {@code risk}
 * @param severity null where it is about support
 * @param subject the release, or the caveat's id
 */
public record Cause(String code, Caveat.@Nullable Severity severity, String subject) {

    private static final String CODES = "past-support|ending|certain|risk";

    /** Each once, in a fixed order. */
    static List<Cause> of(Entry entry) {
        List<Cause> causes = new ArrayList<>();
        if (entry.why().contains(Entry.Why.PAST_SUPPORT)) {
            causes.add(new Cause(Entry.Why.PAST_SUPPORT.toString(), null, release(entry)));
        }
        if (entry.why().contains(Entry.Why.ENDING)) {
            causes.add(new Cause(Entry.Why.ENDING.toString(), null, release(entry)));
        }
        for (Entry.Finding finding : entry.findings()) {
            boolean counts = finding.kind() == Caveat.Kind.CERTAIN
                    || (finding.kind() == Caveat.Kind.RISK
                            && finding.severity().compareTo(Caveat.Severity.MEDIUM) >= 0);
            if (counts) {
                causes.add(new Cause(finding.kind().toString(), finding.severity(), finding.id()));
            }
        }
        return causes;
    }

    private static String release(Entry entry) {
        if (entry.support().product() != null) {
            return entry.support().product()
                    + (entry.support().cycle() == null
                            ? ""
                            : " " + entry.support().cycle());
        }
        return entry.ground() == null
                ? "unknown"
                : (entry.ground().distro() + " "
                                + (entry.ground().version() == null
                                        ? String.valueOf(entry.ground().codename())
                                        : entry.ground().version()))
                        .trim();
    }

    /** The inverse of {@link #toString}; empty when it is none. */
    public static Optional<Cause> parse(String text) {
        int space = text.indexOf(' ');
        if (space < 0 || space == text.length() - 1) {
            return Optional.empty();
        }
        String[] kind = text.substring(0, space).split(":", 2);
        String subject = text.substring(space + 1);
        if (!kind[0].matches(CODES)) {
            return Optional.empty();
        }
        if (kind.length == 1) {
            return Optional.of(new Cause(kind[0], null, subject));
        }
        for (Caveat.Severity severity : Caveat.Severity.values()) {
            if (severity.toString().equals(kind[1])) {
                return Optional.of(new Cause(kind[0], severity, subject));
            }
        }
        return Optional.empty();
    }

    /** Whether one of those is this one, or a worse one of the same kind. */
    public boolean isAmong(Collection<Cause> known) {
        return known.stream().anyMatch(this::isCoveredBy);
    }

    private boolean isCoveredBy(Cause known) {
        boolean isNoWorse = severity == null
                ? known.severity == null
                : known.severity != null && severity.compareTo(known.severity) <= 0;
        return isNoWorse && code.equals(known.code) && subject.equals(known.subject);
    }

    @JsonValue
    @Override
    public String toString() {
        return code + (severity == null ? "" : ":" + severity) + " " + subject;
    }
}
