package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.backlog.Points;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Support;
import io.basewatch.reportapi.web.Csv;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/** The backlog for spreadsheets, programs and tickets. What images say of themselves cannot become a formula or markup there. */
enum BacklogExport {
    /** RFC 4180. */
    CSV("text/csv;charset=utf-8") {
        @Override
        String write(BacklogItems items, LocalDate day) {
            StringBuilder text = new StringBuilder(
                    "rank,score,id,name,distro,release,libc,phase,free support ends,images,unread,tags,repositories,"
                            + "benefit,ended,certain,risk,effort,target,why,dockerfiles,rebuilt,waived until\r\n");
            for (BacklogItem item : items) {
                text.append(List.of(
                                        item.rank(),
                                        item.score(),
                                        item.id(),
                                        item.name(),
                                        item.standsOn() == null
                                                ? ""
                                                : Distro.called(
                                                        item.standsOn().distro(),
                                                        item.standsOn().variant()),
                                        release(item),
                                        item.libc(),
                                        item.support().phase(),
                                        Objects.toString(item.support().ltsEnds(), ""),
                                        item.images(),
                                        item.unread(),
                                        item.tags(),
                                        item.repositories(),
                                        Points.round(item.benefit().total()),
                                        Points.round(item.benefit().ended()),
                                        Points.round(item.benefit().certain()),
                                        Points.round(item.benefit().risk()),
                                        Points.round(item.effort().total()),
                                        targets(item),
                                        why(item),
                                        item.changeCount(),
                                        item.rebuilt(),
                                        item.waiver() == null
                                                ? ""
                                                : item.waiver().until())
                                .stream()
                                .map(Csv::cell)
                                .collect(Collectors.joining(",")))
                        .append("\r\n");
            }
            return text.toString();
        }
    },
    /** One JSON document for each entry and line. */
    NDJSON("application/x-ndjson") {
        @Override
        String write(BacklogItems items, LocalDate day) {
            StringBuilder text = new StringBuilder();
            for (int n = 0; n < items.size(); n++) {
                items.writeTo(text, n);
                text.append('\n');
            }
            return text.toString();
        }
    },
    MARKDOWN("text/markdown;charset=utf-8") {
        @Override
        String write(BacklogItems items, LocalDate day) {
            StringBuilder text = new StringBuilder("# What to move first, as of " + day + "\n\n"
                    + "| # | what | stands on | support | images | Dockerfiles | score | to |\n"
                    + "|--:|---|---|---|--:|--:|--:|---|\n");
            for (BacklogItem item : items) {
                text.append("| ")
                        .append(List.of(
                                        String.valueOf(item.rank()),
                                        escaped(item.name()) + waived(item),
                                        escaped(standsOn(item)),
                                        escaped(phase(item.support())),
                                        String.valueOf(item.images()),
                                        String.valueOf(item.changeCount()),
                                        String.format(Locale.ROOT, "%.2f", item.score()),
                                        escaped(targets(item)))
                                .stream()
                                .collect(Collectors.joining(" | ")))
                        .append(" |\n");
            }
            return text.append('\n').toString();
        }
    };

    private final String mediaType;

    BacklogExport(String mediaType) {
        this.mediaType = mediaType;
    }

    String mediaType() {
        return mediaType;
    }

    abstract String write(BacklogItems items, LocalDate day);

    static String release(BacklogItem item) {
        if (item.support().cycle() != null) {
            return item.support().cycle();
        }
        if (item.standsOn() == null) {
            return "";
        }
        return Objects.toString(
                item.standsOn().version(), Objects.toString(item.standsOn().codename(), ""));
    }

    static String standsOn(BacklogItem item) {
        return item.standsOn() == null
                ? "unknown"
                : Distro.releaseCalled(
                        item.standsOn().distro(),
                        item.standsOn().version(),
                        item.standsOn().codename(),
                        item.standsOn().variant(),
                        item.support().cycle());
    }

    static String phase(Support support) {
        return support.phase() + (support.ltsEnds() == null ? "" : ", free until " + support.ltsEnds());
    }

    private static String targets(BacklogItem item) {
        return item.targets().stream()
                .map(aim -> aim.target().image())
                .distinct()
                .collect(Collectors.joining(" "));
    }

    private static String waived(BacklogItem item) {
        return item.waiver() == null ? "" : " (waived until " + item.waiver().until() + ")";
    }

    private static String why(BacklogItem item) {
        return item.why().stream().map(Entry.Why::toString).collect(Collectors.joining(" "));
    }

    /** Nothing in it is markup. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int n = 0; n < text.length(); n++) {
            char c = text.charAt(n);
            if (c == '<' || c == '>' || c == '&') {
                escaped.append("&#").append((int) c).append(';');
            } else if ("\\`*_[]()!|#~".indexOf(c) >= 0) {
                escaped.append('\\').append(c);
            } else {
                escaped.append(Character.isISOControl(c) ? ' ' : c);
            }
        }
        return escaped.toString();
    }
}
