package io.basewatch.standalone;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.FleetSummary;
import io.basewatch.fleetstore.StandsOn;
import io.basewatch.lifecycle.Lifecycle;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;

/** The fleet on one screen: what its images stand on, the most used first. */
final class FleetTable {

    private static final int ROWS = 25;

    private FleetTable() {}

    static String of(
            FleetSummary summary, List<StandsOn> groups, Lifecycle lifecycle, LocalDate today, Terminal terminal) {
        TextTable rows = new TextTable("STANDS ON", "LIBC", "STATUS", "SUPPORT", "IMAGES", "REPOSITORIES", "SIZE")
                .right("IMAGES", "REPOSITORIES", "SIZE")
                .shortened("STANDS ON");
        for (StandsOn group : groups.subList(0, Math.min(ROWS, groups.size()))) {
            rows.row(
                    standsOn(group),
                    group.libc(),
                    group.status(),
                    ReportText.toned(support(group, lifecycle, today)),
                    group.images(),
                    group.repositoryCount(),
                    ReportText.size(group.compressedBytes()));
        }
        StringBuilder table = new StringBuilder(rows.text(terminal));
        if (groups.size() > ROWS) {
            table.append("… and ").append(groups.size() - ROWS).append(" more\n");
        }
        table.append("\n%s behind %s in %s of %s\n"
                .formatted(
                        Counted.of(summary.images(), "image", "images"),
                        Counted.of(summary.tags(), "tag", "tags"),
                        Counted.of(summary.repositories(), "repository", "repositories"),
                        Counted.of(summary.registries(), "registry", "registries")));
        return table.toString();
    }

    private static String standsOn(StandsOn group) {
        if (group.distro() == null) {
            return "(no distribution)";
        }
        return ReportText.printable(distro(group, group.distro()).label());
    }

    private static String support(StandsOn group, Lifecycle lifecycle, LocalDate today) {
        if (group.distro() == null) {
            return "-";
        }
        Support support = lifecycle.support(distro(group, group.distro()), today);
        return switch (support.phase()) {
            case ENDED ->
                "ended"
                        + (support.ltsEnds() != null
                                ? " " + support.ltsEnds()
                                : support.standardEnds() != null ? " " + support.standardEnds() : "");
            case EXTENDED -> "paid only" + (support.extendedEnds() == null ? "" : " until " + support.extendedEnds());
            case STANDARD, LTS ->
                support.phase()
                        + (support.ltsEnds() != null
                                ? " until " + support.ltsEnds()
                                : support.standardEnds() != null ? " until " + support.standardEnds() : "");
            case UNRELEASED, ROLLING, UNKNOWN -> support.phase().toString().toLowerCase(Locale.ROOT);
        };
    }

    private static Distro distro(StandsOn group, String id) {
        return new Distro(id, group.version(), group.codename(), id, group.variant(), List.of(), List.of());
    }
}
