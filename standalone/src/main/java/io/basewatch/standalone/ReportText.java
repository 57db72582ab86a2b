package io.basewatch.standalone;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Distro;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.PackageDatabase;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.standalone.Terminal.Tone;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An image's report for people: one line per claim, its evidence beside it. */
final class ReportText {

    private static final int LABEL = 10;
    /** Of texts of several lines. */
    private static final int WIDTH = 100;

    private static final int SHOWN = 3;
    private static final String NOT_READ = "not all of the image was read";
    private static final String UNJUDGED = "not all are known: " + NOT_READ;

    private final StringBuilder out = new StringBuilder();
    private final Terminal terminal;

    private ReportText(Terminal terminal) {
        this.terminal = terminal;
    }

    static String of(ImageReport report) {
        return of(report, Terminal.PLAIN);
    }

    static String of(ImageReport report, Terminal terminal) {
        ReportText text = new ReportText(terminal);
        text.write(report);
        return text.out.toString();
    }

    /** Of one caveat all that says so. */
    static String evidence(ImageReport report, String caveat, Terminal terminal) {
        ReportText text = new ReportText(terminal);
        text.head(report);
        report.caveats().stream()
                .filter(each -> each.id().equals(caveat))
                .forEach(each -> text.caveat(each, Caveat.MAX_EVIDENCE));
        if (report.caveats().stream().noneMatch(each -> each.id().equals(caveat))) {
            text.line("caveats", report.judged() == ImageReport.Judged.WHOLE ? "not this one" : UNJUDGED, null);
        }
        return text.out.toString();
    }

    private void head(ImageReport report) {
        out.append(terminal.paint(Tone.HEAD, printable(report.reference())));
        if (report.platform() != null) {
            out.append("  ").append(printable(report.platform().toString()));
        }
        if (report.digest() != null) {
            out.append("  ")
                    .append(report.digest().algorithm())
                    .append(':')
                    .append(report.digest().shortHex());
        }
        out.append('\n');
    }

    private void write(ImageReport report) {
        head(report);
        line(tone(report.status()), "status", report.status().toString(), null);
        for (Reason reason : report.reasons()) {
            line("", reason.code() + ": " + reason.message(), null);
        }
        caveats(report);
        Distro distro = report.distro();
        if (distro == null) {
            line("distro", isRead(report) ? "unknown: no file says it" : "unknown: " + NOT_READ, null);
        } else {
            line("distro", distro.name() + " (" + distro.label() + ")", first(distro.evidence()));
        }
        String label = "libc";
        for (Libc libc : report.libc()) {
            line(label, describe(libc, isRead(report)), first(libc.evidence()));
            label = "";
        }
        if (report.packages() == null && wasRead(report)) {
            line("packages", "no package database", null);
        } else if (report.packages() == null || report.packages().databases().isEmpty()) {
            line("packages", "unknown: " + NOT_READ, null);
        } else {
            label = "packages";
            for (PackageDatabase database : report.packages().databases()) {
                line(
                        label,
                        database.manager() + ", " + (database.count() == null ? "not countable" : database.count()),
                        first(database.evidence()));
                label = "";
            }
        }
        line(Terminal.ofPhase(report.support().phase().toString()), "support", describe(report.support()), null);
        Support.Policy policy = report.support().policy();
        if (policy != null) {
            line(
                    "",
                    "policy for " + policy.repositories() + ": " + policy.says()
                            + (policy.remark() == null ? "" : "; " + policy.remark())
                            + (policy.reason() == null ? "" : " (" + policy.reason() + ")"),
                    null);
        }
        Support.Declared declared = report.support().declared();
        if (declared != null && tells(declared, report.support())) {
            line("", declared(declared), null);
        }
        if (report.support().publisherEnds() != null) {
            line("", published(report.support()), null);
        }
        if (report.support().publisherUnknown() != null) {
            line(Tone.WARN, "", notPublished(report.support()), null);
        }
        ImageReport.Base base = report.base();
        if (base != null && base.reference() != null) {
            line("base", base.reference() + ", " + base.confidence() + ", by its layers", null);
        }
        label = "runtimes";
        for (LanguageRuntime runtime : report.runtimes()) {
            String version = runtime.version() == null ? "" : " " + runtime.version();
            String details = runtime.details().isEmpty() ? "" : " " + runtime.details();
            line(label, runtime.name() + version + details, first(runtime.evidence()));
            label = "";
        }
        label = "conflict";
        for (var contradiction : report.contradictions()) {
            line(label, contradiction.about() + ": " + contradiction.message(), null);
            label = "";
        }
        line(
                "size",
                size(report.bytes().compressed()) + " compressed, "
                        + size(report.bytes().uncompressed()) + " unpacked",
                null);
    }

    /** Whether something in it needs a C library that is not known. */
    static boolean isOfUnknownLibc(ImageReport report) {
        return report.libc().stream().anyMatch(libc -> libc.family() == Libc.Family.UNKNOWN);
    }

    /** Whether what an image says of its own end is more than the lifecycle data does. */
    static boolean tells(Support.Declared declared, Support support) {
        return declared.differs() || support.phase() == SupportPhase.UNKNOWN;
    }

    static String declared(Support.Declared declared) {
        return "the image itself says that its support ends on " + declared.ends();
    }

    /** That nobody knows what its publisher says, and why. */
    static String notPublished(Support support) {
        return "whether its publisher has ended this image is unknown: " + support.publisherUnknown();
    }

    /** What its publisher says of this very image. */
    static String published(Support support) {
        return "its publisher " + (support.pastPublisherEnd() ? "has ended this image since " : "ends this image on ")
                + support.publisherEnds();
    }

    /** What will fail first, then what may, then notes. */
    private void caveats(ImageReport report) {
        report.caveats().forEach(caveat -> caveat(caveat, SHOWN));
        if (report.judged() != ImageReport.Judged.WHOLE) {
            line("caveats", UNJUDGED, null);
        } else if (report.caveats().isEmpty()) {
            line("caveats", "none found", null);
        }
    }

    /** With so many of the files that say so. */
    private void caveat(Caveat caveat, int shown) {
        String label = caveat.kind() == Kind.CERTAIN ? "fails" : caveat.kind() == Kind.RISK ? "risk" : "note";
        line(tone(caveat.kind()), label, caveat.severity() + "  " + caveat.id(), null);
        for (String part : wrapped(caveat.message())) {
            line("", part, null);
        }
        caveat.evidence().stream().limit(shown).forEach(evidence -> {
            String said = evidence.excerpt() == null ? "" : ": " + evidence.excerpt();
            line(Tone.FAINT, "", "<- " + evidence.path() + said, null);
        });
        int more = caveat.found() - Math.min(shown, caveat.evidence().size());
        if (more > 0 && !caveat.evidence().isEmpty()) {
            line(Tone.FAINT, "", "<- and " + more + " more", null);
        }
        if (caveat.mitigation() != null) {
            wrapped("softened by " + caveat.mitigation()).forEach(part -> line("", part, null));
        }
    }

    /** At spaces, to lines of at most {@value #WIDTH} characters, or as many as the terminal has, where words allow it. */
    private List<String> wrapped(String text) {
        int width = Math.min(WIDTH, terminal.width() - LABEL - 2);
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** All of it, or so much that what is not found is told as unknown. */
    private static boolean wasRead(ImageReport report) {
        return isRead(report) || report.status() == AnalysisStatus.PARTIAL;
    }

    private static boolean isRead(ImageReport report) {
        return report.status() == AnalysisStatus.COMPLETE;
    }

    private static String describe(Libc libc, boolean isRead) {
        return switch (libc.family()) {
            case NONE -> "none: nothing in this image needs one";
            case UNKNOWN ->
                libc.linkage() == Libc.Linkage.UNKNOWN && !isRead
                        ? "unknown: " + NOT_READ
                        : "unknown: there are programs, but not the loader they ask for"
                                + (isRead ? "" : ", and " + NOT_READ);
            case STATIC ->
                "static"
                        + (libc.linkedInto() == null ? "" : ", " + libc.linkedInto() + " linked in")
                        + (libc.version() == null ? "" : " " + libc.version());
            case MUSL, GLIBC, UCLIBC, BIONIC ->
                libc.family()
                        + (libc.version() == null ? " (version unknown)" : " " + libc.version())
                        + (libc.vendor() == null ? "" : " [" + libc.vendor() + "]");
        };
    }

    static String describe(Support support) {
        if (support.phase() == SupportPhase.UNKNOWN) {
            return "unknown: the lifecycle data does not know this release"
                    + (support.product() == null ? "" : " of " + support.product());
        }
        List<String> parts = new ArrayList<>();
        parts.add(support.phase().toString());
        if (support.phase() == SupportPhase.UNRELEASED && support.released() != null) {
            parts.add("released on " + support.released());
        }
        end(parts, "full support", support.standardEnds());
        end(parts, "free fixes", support.ltsEnds());
        end(parts, "paid fixes", support.extendedEnds());
        return String.join(", ", parts) + " (" + support.product() + " " + support.cycle() + ", seen from "
                + support.day() + ", data of " + support.datasetDate() + ")" + unconfirmed(support);
    }

    private static String unconfirmed(Support support) {
        return support.source() != null && support.source().contains("unconfirmed")
                ? ", unconfirmed: no primary source was read"
                : "";
    }

    private static void end(List<String> parts, String what, @Nullable LocalDate date) {
        if (date != null) {
            parts.add(what + " until " + date);
        }
    }

    private static @Nullable Evidence first(List<Evidence> evidence) {
        return evidence.isEmpty() ? null : evidence.get(0);
    }

    private void line(String label, String value, @Nullable Evidence evidence) {
        line(null, label, value, evidence);
    }

    private void line(@Nullable Tone tone, String label, String value, @Nullable Evidence evidence) {
        out.append("  ")
                .append(label)
                .append(" ".repeat(LABEL - label.length()))
                .append(terminal.paint(tone, printable(value)));
        if (evidence != null) {
            String said = evidence.excerpt() == null ? "" : ": " + evidence.excerpt();
            out.append("   ").append(terminal.paint(Tone.FAINT, printable("<- " + evidence.path() + said)));
        }
        out.append('\n');
    }

    private static Tone tone(AnalysisStatus status) {
        return switch (status) {
            case COMPLETE -> Tone.GOOD;
            case PARTIAL, SKIPPED -> Tone.WARN;
            case UNSCANNABLE -> Tone.BAD;
        };
    }

    private static @Nullable Tone tone(Kind kind) {
        return switch (kind) {
            case CERTAIN -> Tone.BAD;
            case RISK -> Tone.WARN;
            case INFO -> null;
        };
    }

    /** A phase of support in a table, with what is said of it behind. */
    static Terminal.Toned toned(String phase) {
        return new Terminal.Toned(phase, Terminal.ofPhase(phase));
    }

    /** Text out of an image may hold escape sequences; none of it reaches a terminal. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints()
                .forEach(c -> printable.appendCodePoint(
                        Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? ' ' : c));
        return printable.toString();
    }

    /** A page without what keeps its signs from being markup: nobody draws it in a terminal. CommonMark, "Backslash escapes". */
    static String unescaped(String markdown) {
        return markdown.replaceAll("\\\\(\\p{Punct})", "$1");
    }

    static String size(@Nullable Long bytes) {
        if (bytes == null) {
            return "unknown";
        }
        if (bytes < 1000) {
            return bytes + " B";
        }
        double value = bytes;
        String[] units = {"kB", "MB", "GB", "TB", "PB"};
        int unit = -1;
        while (value >= 1000 && unit < units.length - 1) {
            value /= 1000;
            unit++;
        }
        // Written out: a young JVM takes a hundredth of a small image's time to find out how a locale writes numbers.
        long tenths = Math.round(value * 10);
        return tenths / 10 + "." + tenths % 10 + " " + units[unit];
    }
}
