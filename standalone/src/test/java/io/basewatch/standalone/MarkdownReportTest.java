package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Support;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class MarkdownReportTest {

    private static final String EVIL =
            "`@everyone` <script>x</script> [a](http://evil.example) #12 !13 |a|b| ![i](x) www.evil.example ```\n/close\n# head";

    @Test
    void theWorstImageComesFirstAndTheHeadlineCountsAll() {
        MarkdownReport comment = new MarkdownReport();
        comment.add(image("r.example.com/ok:1", AnalysisStatus.COMPLETE).judged(true, List.of(), List.of()));
        comment.add("r.example.com/none:1", "the registry says 404");
        comment.add(failing("r.example.com/bad:1", "programs need a loader that is not there"));

        String text = comment.write();

        assertThat(text)
                .startsWith("### Basewatch: 1 will fail, 1 could not be told, 1 with something unknown\n")
                .contains("- **Will fail** (high) `elf-glibc-interpreter-missing`: programs need a loader")
                .contains("  - `usr/bin/a`: `/lib64/ld-linux-x86-64.so.2`")
                .contains("  - and 6 more")
                .contains("- **Could not be told:** `the registry says 404`");
        assertThat(text.indexOf("bad:1")).isLessThan(text.indexOf("none:1"));
        assertThat(text.indexOf("none:1")).isLessThan(text.indexOf("ok:1"));
    }

    @Test
    void anImageThatWasNotReadWhollyNeverLooksClean() {
        MarkdownReport comment = new MarkdownReport();
        comment.add(image("r.example.com/a:1", AnalysisStatus.PARTIAL).judged(false, List.of(), List.of()));

        assertThat(comment.write())
                .startsWith("### Basewatch: 1 not known wholly\n")
                .contains("**Not whole:** blob&#45;missing".replace("&#45;", "-"))
                .contains("**Not all caveats are known:**")
                .doesNotContain("Nothing to tell");
    }

    @Test
    void whatIsUnknownOfAnImageThatWasReadNeverLooksClean() {
        Support supported = Reports.SUPPORTED;
        Fingerprint known = new Fingerprint(null, List.of(Libc.none()), List.of(), List.of(), List.of());

        assertThat(comment(known, supported)).contains("1 with nothing to tell");
        assertThat(comment(Fingerprint.unknown(), supported))
                .contains("1 with something unknown", "Stands on", "`unknown`");
        assertThat(comment(known, supported.publisherUnknown("the registry said 503")))
                .contains("1 with something unknown", "whether its publisher has ended this image is unknown")
                .contains("503");
        assertThat(comment(known, supported.endedByPublisher(LocalDate.of(2026, 11, 21))))
                .contains("1 past support", "its publisher has ended this image since 2026");
        assertThat(comment(known, Support.unknown().declared(LocalDate.of(2026, 11, 21))))
                .contains("the image itself says that its support ends on 2026");
    }

    private static String comment(Fingerprint fingerprint, Support support) {
        MarkdownReport comment = new MarkdownReport();
        comment.add(Reports.of(fingerprint, support).judged(true, List.of(), List.of()));
        return comment.write().replaceAll("&#8203;", "").replace("&#45;", "-");
    }

    @Test
    void nothingThatAnImageSaysBecomesMarkupAMentionOrACommand() {
        MarkdownReport comment = new MarkdownReport();
        comment.add(failing(EVIL, EVIL));
        comment.add(EVIL, EVIL);

        for (String line : comment.write().lines().toList()) {
            String outside = line.replaceAll("(`+)(?!`).*?(?<!`)\\1(?!`)", "").replaceAll("&#[0-9]+;", "");
            assertThat(outside)
                    .as(line)
                    .doesNotContain("@", "<", "[", "|", "!", "://", "/close")
                    .doesNotContainPattern("(?<!^)#\\d")
                    .doesNotContain("www.");
            assertThat(line).doesNotStartWith("/").doesNotStartWith("# ");
        }
    }

    @Test
    void aSpanOfCodeEndsWhereItsTextDoes() {
        Random random = new Random(12);
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int n = random.nextInt(12) + 1; n > 0; n--) {
                text.append("`a \n\\".charAt(random.nextInt(5)));
            }
            String shown = ReportText.printable(text.toString());
            String code = MarkdownReport.code(text.toString());
            if (shown.isBlank()) {
                assertThat(code).isEqualTo("(nothing)");
                continue;
            }
            String fence = code.replaceFirst("[^`].*", "");
            String inner = code.substring(fence.length(), code.length() - fence.length());
            assertThat(code).endsWith(fence);
            assertThat(inner.strip()).isEqualTo(shown.strip());
            assertThat(inner).doesNotStartWith("`").doesNotEndWith("`");
            assertThat(List.of(inner.split("[^`]+"))).noneMatch(run -> run.length() == fence.length());
        }
    }

    @Test
    void aCommentStaysBelowWhatAPageTakesAndSaysWhatItLeavesOut() {
        MarkdownReport comment = new MarkdownReport();
        for (int n = 0; n < 500; n++) {
            comment.add(failing("r.example.com/bad:" + n, "x ".repeat(200)));
        }

        assertThat(comment.write())
                .hasSizeLessThan(65_536)
                .startsWith("### Basewatch: 500 will fail\n")
                .containsPattern("\\*\\*And \\d+ more, which this comment has no room for");
    }

    private static ImageReport failing(String reference, String message) {
        List<Evidence> evidence = new ArrayList<>();
        evidence.add(new Evidence("usr/bin/a", null, "/lib64/ld-linux-x86-64.so.2", "elf/1"));
        return image(reference, AnalysisStatus.COMPLETE)
                .judged(
                        true,
                        List.of(),
                        List.of(new Caveat(
                                "elf-glibc-interpreter-missing",
                                Caveat.Kind.CERTAIN,
                                Caveat.Severity.HIGH,
                                message,
                                evidence,
                                7,
                                null)));
    }

    private static ImageReport image(String reference, AnalysisStatus status) {
        return ImageReport.of(
                reference,
                null,
                null,
                status,
                status == AnalysisStatus.COMPLETE
                        ? List.of()
                        : List.of(new Reason(Reason.Code.BLOB_MISSING, "a layer is gone")),
                Fingerprint.unknown(),
                Support.unknown(),
                new ImageReport.Bytes(null, null));
    }
}
