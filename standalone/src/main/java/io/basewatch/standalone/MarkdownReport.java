package io.basewatch.standalone;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What matters of some images, as a comment of a pull request: the worst image first, those with nothing to tell in one line. What images and files say of themselves is shown as it
 * is and never becomes a link, a mention, a command or markup.
 */
final class MarkdownReport implements InspectCommand.Whole {

    /** Of the whole comment, in characters: GitHub takes 65,536. */
    static final int MAX = 60_000;

    /** Of one text out of an image. */
    private static final int MAX_TEXT = 400;

    /** Of images that have nothing to tell. */
    private static final int MAX_CLEAN = 50;

    private static final int EVIDENCE = 3;

    /** How much an image's part matters. */
    private enum Rank {
        FAILS("will fail"),
        UNTOLD("could not be told"),
        PAST_SUPPORT("past support"),
        INCOMPLETE("not known wholly"),
        RISK("with a risk"),
        UNKNOWN("with something unknown"),
        CLEAN("with nothing to tell");

        private final String label;

        Rank(String label) {
            this.label = label;
        }
    }

    private record Part(Rank rank, String markdown) {}

    private final List<Part> parts = new ArrayList<>();

    @Override
    public void add(ImageReport report) {
        Rank rank = rank(report);
        parts.add(new Part(rank, rank == Rank.CLEAN ? head(report) : part(report)));
    }

    @Override
    public void add(String reference, String why) {
        parts.add(
                new Part(Rank.UNTOLD, "#### " + code(reference) + "\n\n- **Could not be told:** " + code(why) + "\n"));
    }

    @Override
    public String write() {
        StringBuilder comment =
                new StringBuilder("### Basewatch: ").append(summary()).append("\n");
        List<Part> told = parts.stream()
                .filter(part -> part.rank() != Rank.CLEAN)
                .sorted(Comparator.comparing(Part::rank))
                .toList();
        int shown = 0;
        while (shown < told.size()
                && comment.length() + told.get(shown).markdown().length() < MAX) {
            comment.append('\n').append(told.get(shown).markdown());
            shown++;
        }
        if (shown < told.size()) {
            comment.append("\n**And ")
                    .append(told.size() - shown)
                    .append(" more, which this comment has no room for:** `basewatch inspect` tells them.\n");
        }
        clean(comment);
        return comment.toString();
    }

    private String summary() {
        String counts = parts.stream()
                .collect(Collectors.groupingBy(Part::rank, TreeMap::new, Collectors.counting()))
                .entrySet()
                .stream()
                .map(each -> each.getValue() + " " + each.getKey().label)
                .collect(Collectors.joining(", "));
        return counts.isEmpty() ? "no image" : counts;
    }

    private void clean(StringBuilder comment) {
        List<String> clean = parts.stream()
                .filter(part -> part.rank() == Rank.CLEAN)
                .map(Part::markdown)
                .toList();
        if (clean.isEmpty()) {
            return;
        }
        comment.append("\nNothing to tell of:\n");
        int shown = 0;
        while (shown < Math.min(MAX_CLEAN, clean.size())
                && comment.length() + clean.get(shown).length() < MAX + 3_000) {
            comment.append("- ").append(clean.get(shown)).append('\n');
            shown++;
        }
        if (shown < clean.size()) {
            comment.append("- and ").append(clean.size() - shown).append(" more\n");
        }
    }

    private static Rank rank(ImageReport report) {
        if (report.caveats().stream().anyMatch(each -> each.kind() == Caveat.Kind.CERTAIN)) {
            return Rank.FAILS;
        }
        if (report.support().pastSupport() || report.support().pastPublisherEnd()) {
            return Rank.PAST_SUPPORT;
        }
        if (FailOn.isIncomplete(report) || !report.reasons().isEmpty()) {
            return Rank.INCOMPLETE;
        }
        if (report.caveats().stream().anyMatch(each -> each.kind() == Caveat.Kind.RISK)) {
            return Rank.RISK;
        }
        return report.support().phase() == SupportPhase.UNKNOWN
                        || report.support().publisherUnknown() != null
                        || ReportText.isOfUnknownLibc(report)
                ? Rank.UNKNOWN
                : Rank.CLEAN;
    }

    private static String head(ImageReport report) {
        return code(report.reference())
                + (report.platform() == null ? "" : " " + code(report.platform().toString()))
                + (report.digest() == null
                        ? ""
                        : " "
                                + code(report.digest().algorithm() + ":"
                                        + report.digest().shortHex()));
    }

    private static String part(ImageReport report) {
        StringBuilder part = new StringBuilder("#### ").append(head(report)).append("\n\n");
        part.append("- Stands on ").append(standsOn(report)).append('\n');
        part.append(report.support().pastSupport() ? "- **Support:** " : "- Support: ")
                .append(prose(ReportText.describe(report.support())))
                .append('\n');
        if (report.support().publisherEnds() != null) {
            part.append("- ")
                    .append(prose(ReportText.published(report.support())))
                    .append('\n');
        }
        Support.Declared declared = report.support().declared();
        if (declared != null && ReportText.tells(declared, report.support())) {
            part.append("- ").append(prose(ReportText.declared(declared))).append('\n');
        }
        if (report.support().publisherUnknown() != null) {
            part.append("- **Unknown:** ")
                    .append(prose(ReportText.notPublished(report.support())))
                    .append('\n');
        }
        for (Reason reason : report.reasons()) {
            part.append("- **Not whole:** ")
                    .append(prose(reason.code() + ": " + reason.message()))
                    .append('\n');
        }
        if (report.judged() != ImageReport.Judged.WHOLE) {
            part.append("- **Not all caveats are known:** not all of the image was read\n");
        }
        report.caveats().stream()
                .filter(each -> each.kind() != Caveat.Kind.INFO)
                .forEach(each -> caveat(part, each));
        long notes = report.caveats().stream()
                .filter(each -> each.kind() == Caveat.Kind.INFO)
                .count();
        if (notes > 0) {
            part.append("- ").append(Counted.of(notes, "note", "notes")).append(", not shown here\n");
        }
        return part.toString();
    }

    private static String standsOn(ImageReport report) {
        String distro = report.distro() == null
                ? "an unknown distribution"
                : code(report.distro().name() + " (" + report.distro().label() + ")");
        return distro
                + report.libc().stream()
                        .map(libc -> ", " + code(text(libc)))
                        .limit(EVIDENCE)
                        .collect(Collectors.joining());
    }

    private static String text(Libc libc) {
        return libc.family() + (libc.version() == null ? "" : " " + libc.version());
    }

    private static void caveat(StringBuilder part, Caveat caveat) {
        part.append(caveat.kind() == Caveat.Kind.CERTAIN ? "- **Will fail** (" : "- **Risk** (")
                .append(caveat.severity().toString().toLowerCase(Locale.ROOT))
                .append(") ")
                .append(code(caveat.id()))
                .append(": ")
                .append(prose(caveat.message()))
                .append('\n');
        if (caveat.mitigation() != null) {
            part.append("  - softened by ").append(prose(caveat.mitigation())).append('\n');
        }
        List<Evidence> shown = caveat.evidence().stream().limit(EVIDENCE).toList();
        for (Evidence evidence : shown) {
            part.append("  - ")
                    .append(code(evidence.path()))
                    .append(evidence.excerpt() == null ? "" : ": " + code(evidence.excerpt()))
                    .append('\n');
        }
        if (!shown.isEmpty() && caveat.found() > shown.size()) {
            part.append("  - and ").append(caveat.found() - shown.size()).append(" more\n");
        }
    }

    /** As a span of code, which nothing in it can end and nobody's references and mentions are looked for in. */
    static String code(String text) {
        String shown = bounded(text);
        if (shown.isBlank()) {
            return "(nothing)";
        }
        int longest = 0;
        int run = 0;
        for (int n = 0; n < shown.length(); n++) {
            run = shown.charAt(n) == '`' ? run + 1 : 0;
            longest = Math.max(longest, run);
        }
        String fence = "`".repeat(longest + 1);
        boolean isPadded = longest > 0 || shown.startsWith(" ") || shown.endsWith(" ");
        String pad = isPadded ? " " : "";
        return fence + pad + shown + pad + fence;
    }

    /** As running text, in which only letters, digits and the plainest signs stand for themselves; after each that could begin a mention or a reference comes a space of no width. */
    static String prose(String text) {
        StringBuilder prose = new StringBuilder();
        bounded(text).codePoints().forEach(c -> {
            if (Character.isLetterOrDigit(c) || " ,;()-'".indexOf(c) >= 0) {
                prose.appendCodePoint(c);
            } else {
                prose.append("&#").append(c).append(';').append("@#!$~%&/^".indexOf(c) >= 0 ? "&#8203;" : "");
            }
        });
        return prose.toString();
    }

    private static String bounded(String text) {
        String shown = ReportText.printable(text);
        if (shown.codePointCount(0, shown.length()) <= MAX_TEXT) {
            return shown;
        }
        return shown.substring(0, shown.offsetByCodePoints(0, MAX_TEXT - 1)) + "…";
    }
}
