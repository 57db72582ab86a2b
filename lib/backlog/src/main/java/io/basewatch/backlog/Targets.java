package io.basewatch.backlog;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.Lifecycle;
import io.basewatch.lineage.Member;
import java.time.LocalDate;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/** Where to move: {@code targets.json}, with its source and date. */
final class Targets {

    private static final JsonNode DATA = Resources.read("targets.json");

    private final Lifecycle lifecycle;
    private final LocalDate day;

    /** Few things decide, and they are the same for most. */
    private final Map<Decisive, Optional<Target>> chosen = new HashMap<>();

    /**
     * All of what was found that a target is chosen by.
     *
     * @param runtimes of each of the moves, in their order
     */
    private record Decisive(
            boolean leavesMusl,
            @Nullable String product,
            @Nullable String cycle,
            List<List<String>> runtimes) {}

    Targets(Lifecycle lifecycle, LocalDate day) {
        this.lifecycle = lifecycle;
        this.day = day;
    }

    /** What the images of one entry have in common, or one of them has. */
    record Found(
            Member.@Nullable Ground ground,
            Libc.Family libc,
            Support support,
            Collection<Member.CaveatKey> caveats,
            Collection<MoveFacts> moves) {

        /** Whether to stay on musl is no good advice. */
        boolean saysLeaveMusl() {
            return libc == Libc.Family.MUSL
                    && caveats.stream()
                            .anyMatch(caveat -> (caveat.kind() == Caveat.Kind.CERTAIN
                                            && caveat.severity().compareTo(Caveat.Severity.MEDIUM) >= 0)
                                    || (caveat.kind() == Caveat.Kind.RISK
                                            && caveat.severity().compareTo(Caveat.Severity.HIGH) >= 0));
        }
    }

    /** Empty where the data knows none, or none that is supported on the day. */
    Optional<Target> of(Found found) {
        boolean leavesMusl = found.saysLeaveMusl();
        // Without leaving musl, it is the release alone.
        Decisive decisive = new Decisive(
                leavesMusl,
                found.support().product(),
                found.support().cycle(),
                leavesMusl ? found.moves().stream().map(MoveFacts::runtimes).toList() : List.of());
        return chosen.computeIfAbsent(decisive, any -> leavesMusl ? instead(found) : bump(found));
    }

    private Optional<Target> instead(Found found) {
        for (JsonNode row : DATA.path("instead")) {
            String runtime = row.path("runtime").asString();
            if (runtime.equals("other")) {
                return target(row, runtime, null);
            }
            Optional<String> having = found.moves().stream()
                    .flatMap(move -> move.runtimes().stream())
                    .filter(name -> name.equals(runtime) || name.startsWith(runtime + " "))
                    .findFirst();
            if (having.isPresent()) {
                return row.path("stay").asBoolean(false)
                        ? bump(found)
                                .map(target -> target.because(row.path("why").asString()))
                        : target(row, runtime, version(having.get(), row));
            }
        }
        return Optional.empty();
    }

    /** Empty where the runtime, or each system that it could stand on, has ended on the day. */
    private Optional<Target> target(JsonNode row, String runtime, @Nullable String version) {
        String system = text(row, "on");
        JsonNode suite = system == null ? MissingNode.getInstance() : suite(system);
        if (system != null && suite.isMissingNode()) {
            return Optional.empty();
        }
        String image = row.path("image").asString();
        boolean isOpen = image.contains("{version}") && version == null;
        RuntimeReleases.Chosen chosen = null;
        if (version != null) {
            chosen = RuntimeReleases.of(DATA.path("runtimes"), runtime)
                    .on(day, version)
                    .orElse(null);
            if (chosen == null) {
                return Optional.empty();
            }
        }
        return Optional.of(new Target(
                image.replace("{version}", chosen == null ? "<version>" : chosen.version())
                        .replace("{suite}", suite.path("suite").asString(""))
                        .replace("{release}", suite.path("release").asString("")),
                text(suite, "describes"),
                text(suite, "suite"),
                false,
                row.path("why").asString()
                        + (isOpen ? "; the version of " + runtime + " is not known: choose the tag by it" : "")
                        + (chosen == null || chosen.note() == null ? "" : "; " + chosen.note())));
    }

    /** The newest that is in free support on the day. */
    private JsonNode suite(String system) {
        for (JsonNode suite : DATA.path("suites")) {
            if (isOn(lifecycle
                    .release(system, suite.path("release").asString(), day)
                    .orElseGet(Support::unknown))) {
                return suite;
            }
        }
        return MissingNode.getInstance();
    }

    private static boolean isOn(Support support) {
        return support.phase() == SupportPhase.STANDARD || support.phase() == SupportPhase.LTS;
    }

    private static @Nullable String version(String runtime, JsonNode row) {
        int space = runtime.indexOf(' ');
        if (space < 0) {
            return null;
        }
        String text = runtime.substring(space + 1);
        // Java called its fifth to eighth release 1.5 to 1.8.
        String[] parts = (runtime.startsWith("java 1.") ? text.substring(2) : text).split("[.]", -1);
        StringBuilder version = new StringBuilder();
        for (int n = 0; n < Math.min(parts.length, row.path("components").asInt(2)); n++) {
            if (!parts[n].matches("\\d{1,9}")) {
                break;
            }
            version.append(n == 0 ? "" : ".").append(parts[n]);
        }
        return version.isEmpty() ? null : version.toString();
    }

    private Optional<Target> bump(Found found) {
        String product = found.support().product();
        if (product == null) {
            return Optional.empty();
        }
        for (JsonNode row : DATA.path("bump").path(product)) {
            String release = row.path("release").asString();
            String of = row.path("product").asString(product);
            Support there = lifecycle.release(of, release, day).orElseGet(Support::unknown);
            boolean isSame =
                    of.equals(product) && release.equals(found.support().cycle());
            if (isSame && isOn(there)) {
                return Optional.empty();
            }
            if (isOn(there)) {
                String until = there.ltsEnds() == null ? "" : ", until " + there.ltsEnds();
                String note = text(row, "note");
                return Optional.of(new Target(
                        row.path("image").asString(),
                        text(row, "describes"),
                        text(row, "suite"),
                        of.equals(product),
                        (note != null ? note : "the same distribution, in free support") + until));
            }
        }
        return Optional.empty();
    }

    private static @Nullable String text(JsonNode row, String field) {
        return row.path(field).isString() ? row.path(field).asString() : null;
    }
}
