package io.basewatch.caveats;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.Judgement;
import io.basewatch.fleetmodel.MoveFacts;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.Conclusion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Asks all rules of the catalogue what traps an image carries. */
public final class Judge {

    /** Raised when judgements must be made again for another reason than what is listed behind it. */
    private static final String GENERATION = "4";

    /** A new rule is a row of a table or a class with a line here, and an entry of the {@link Catalogue}. */
    private static final List<Rule> CATALOGUE = List.of(
            new InterpreterMissing(),
            new LoadFailures(),
            new ArchMismatch(),
            ScriptRules.table(),
            new JarNatives(),
            PythonPackages.table(),
            LanguageRules.table(),
            PreloadRules.table(),
            CompatRules.table(),
            NameRules.table(),
            ThreadRules.table(),
            LibcRules.table(),
            SystemRules.table());

    private Judge() {}

    /** Of the rules and of the catalogue's data. Judgements of another version are to be made again. */
    public static String version() {
        Stream<String> data = Stream.of("catalogue/" + Catalogue.version());
        return GENERATION
                + Stream.concat(data, CATALOGUE.stream().map(Rule::id))
                        .sorted()
                        .collect(Collectors.joining(",", "[", "]"));
    }

    static List<Rule> rules() {
        return CATALOGUE;
    }

    /**
     * What all rules say of an image.
     *
     * @param whole false when not all of the image could be seen, or a rule broke: what is not listed may be there all the same
     * @param mistakes of ours
     */
    public record Findings(boolean whole, List<Reason> mistakes, List<Caveat> caveats) {
        public Findings {
            mistakes = List.copyOf(mistakes);
            caveats = List.copyOf(caveats);
        }
    }

    /**
     * @param status of the same image's analysis
     */
    public static Findings look(AnalysisStatus status, JudgedImage image) {
        return look(status, new Case(image), CATALOGUE);
    }

    private static Findings look(AnalysisStatus status, Case seen, List<Rule> catalogue) {
        JudgedImage image = seen.image();
        List<Caveat> caveats = new ArrayList<>();
        List<Reason> mistakes = new ArrayList<>();
        for (Rule rule : catalogue) {
            try {
                caveats.addAll(rule.judge(seen));
            } catch (RuntimeException e) {
                // One rule's mistake must not hide what the others see, and must not look like a clean image either.
                mistakes.add(new Reason(Reason.Code.INTERNAL_ERROR, "rule " + rule.id() + " failed: " + e));
            }
        }
        boolean whole = image.isWhole()
                && mistakes.isEmpty()
                && image.elfFiles().reasons().isEmpty()
                && status == AnalysisStatus.COMPLETE;
        return new Findings(whole, mistakes, together(caveats));
    }

    /**
     * @param analysis of the same image
     */
    public static Judgement judge(ImageAnalysis analysis, JudgedImage image) {
        Told told = image.conclude(
                Told.class,
                image.inputs().narrowed(NameRules::readsLabel, SystemRules::readsStep),
                analysis.status(),
                new Judging(analysis.status()));
        return judgement(analysis, told);
    }

    static Judgement judge(ImageAnalysis analysis, JudgedImage image, List<Rule> catalogue) {
        return judge(analysis, new Case(image), catalogue);
    }

    static Judgement judge(ImageAnalysis analysis, Case seen, List<Rule> catalogue) {
        return judgement(analysis, tell(analysis.status(), seen, catalogue));
    }

    private static Judgement judgement(ImageAnalysis analysis, Told told) {
        Findings findings = told.findings();
        return judgement(analysis, findings.whole(), findings.mistakes(), findings.caveats(), told.move());
    }

    /** All that a judgement says of an image and that other images may have too. */
    private record Told(Findings findings, @Nullable MoveFacts move) {}

    private static Told tell(AnalysisStatus status, Case seen, List<Rule> catalogue) {
        Findings findings = look(status, seen, catalogue);
        try {
            return new Told(findings, Moving.of(seen));
        } catch (RuntimeException e) {
            List<Reason> mistakes = new ArrayList<>(findings.mistakes());
            mistakes.add(new Reason(Reason.Code.INTERNAL_ERROR, "what moving the image would take is not known: " + e));
            return new Told(new Findings(findings.whole(), mistakes, findings.caveats()), null);
        }
    }

    private record Judging(AnalysisStatus status) implements Conclusion<JudgedImage, Told> {

        /** Of a piece of evidence with its texts, about. */
        private static final int EVIDENCE_BYTES = 500;

        @Override
        public Told draw(JudgedImage image) {
            return tell(status, new Case(image), CATALOGUE);
        }

        @Override
        public boolean isLasting(Told told) {
            return told.findings().whole() && told.findings().mistakes().isEmpty();
        }

        @Override
        public int bytes(Told told) {
            return EVIDENCE_BYTES
                    * (20
                            + told.findings().caveats().stream()
                                    .mapToInt(caveat -> 2 + caveat.evidence().size())
                                    .sum());
        }
    }

    /** One for each id, kind and severity, in order of the first of each. */
    private static List<Caveat> together(List<Caveat> caveats) {
        Map<List<Object>, Caveat> told = new LinkedHashMap<>();
        caveats.forEach(
                caveat -> told.merge(List.of(caveat.id(), caveat.kind(), caveat.severity()), caveat, Judge::together));
        return List.copyOf(told.values());
    }

    private static Caveat together(Caveat first, Caveat second) {
        List<Evidence> evidence = new ArrayList<>(first.evidence());
        evidence.addAll(second.evidence());
        return new Caveat(
                first.id(),
                first.kind(),
                first.severity(),
                first.message() + "; also " + second.message(),
                evidence,
                Math.max(first.found() + second.found(), evidence.size()),
                first.mitigation() != null ? first.mitigation() : second.mitigation());
    }

    /** Of an image of which nothing was read, or that is none for Linux; only the latter is known to have no traps of these. */
    public static Judgement unseen(ImageAnalysis analysis) {
        return judgement(analysis, analysis.status() == AnalysisStatus.SKIPPED, List.of(), List.of(), null);
    }

    /** Of an image on which this program broke. */
    public static Judgement broken(ImageAnalysis analysis, Reason mistake) {
        return judgement(analysis, false, List.of(mistake), List.of(), null);
    }

    private static Judgement judgement(
            ImageAnalysis analysis,
            boolean whole,
            List<Reason> mistakes,
            List<Caveat> caveats,
            @Nullable MoveFacts move) {
        return new Judgement(
                analysis.digest(),
                version(),
                analysis.analyzerVersion(),
                analysis.analyzedAt(),
                whole,
                mistakes,
                caveats,
                move);
    }
}
