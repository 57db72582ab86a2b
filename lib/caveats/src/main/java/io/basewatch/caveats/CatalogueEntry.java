package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * All that is known of one trap. Texts are plain English; {@code more} may have paragraphs.
 *
 * @param kind how sure a finding can be at most
 * @param severity how bad it is where it bites fully; a finding is rated by who meets it
 * @param area {@code loader}, {@code dns}, {@code python}…
 * @param musl releases that have it, as {@code >=1.2.4 <1.2.6}; empty for all, or where musl's release does not matter
 * @param alpine the same of Alpine
 * @param affected both, for people
 * @param breaks what happens
 * @param exposed who meets it
 * @param seen how a rule sees it
 * @param action what to do
 * @param mitigations what takes it away or makes it milder
 * @param more the longer story; may be empty
 * @param confidence {@code high}: checked in sources, files or by experiment; {@code medium}: by reports
 * @param dated of the facts, ISO 8601
 * @param rule which tells it; {@code none} where no rule does
 * @param whyNone for {@code none}: why; else null
 */
public record CatalogueEntry(
        String id,
        String title,
        Kind kind,
        Severity severity,
        String area,
        String musl,
        String alpine,
        String affected,
        String breaks,
        String exposed,
        String seen,
        String action,
        List<String> mitigations,
        String more,
        List<Reference> references,
        String confidence,
        String source,
        String dated,
        String rule,
        @Nullable String whyNone) {

    /** Where pages lie in this project, and what a web address of one ends with. */
    public static final String PAGES = "docs/caveats/";

    private static final Pattern SIGN = Pattern.compile("(`[^`'\\n]+`)|[`*]|_(?=_)|(?<=_)_|\\b_|_\\b");

    /** @param url null for what was measured */
    public record Reference(String title, @Nullable String url) {}

    public CatalogueEntry {
        mitigations = List.copyOf(mitigations);
        references = List.copyOf(references);
    }

    static CatalogueEntry read(JsonNode node) {
        List<Reference> references = new ArrayList<>();
        for (JsonNode reference : node.path("references")) {
            references.add(new Reference(
                    reference.path("title").asString(),
                    reference.has("url") ? reference.path("url").asString() : null));
        }
        String id = text(node, "id");
        String musl = node.path("musl").asString("");
        String alpine = node.path("alpine").asString("");
        ReleaseRange.parse(musl);
        ReleaseRange.parse(alpine);
        return new CatalogueEntry(
                id,
                text(node, "title"),
                Kind.parse(text(node, "kind")),
                Severity.parse(text(node, "severity")),
                text(node, "area"),
                musl,
                alpine,
                text(node, "affected"),
                text(node, "breaks"),
                text(node, "exposed"),
                text(node, "seen"),
                text(node, "action"),
                Catalogue.texts(node.path("mitigations")),
                node.path("more").asString(""),
                references,
                text(node, "confidence"),
                text(node, "source"),
                text(node, "dated"),
                text(node, "rule"),
                node.has("whyNone") ? node.path("whyNone").asString() : null);
    }

    private static String text(JsonNode node, String field) {
        String text = node.path(field).asString("");
        if (text.isBlank()) {
            throw new IllegalArgumentException("catalogue entry '"
                    + node.path("id").asString("") + "' has no '" + field + "': each entry needs one");
        }
        return text;
    }

    /** Whether releases have it. What is not known speaks for neither: with no release known at all it is said of none that has a range. */
    boolean concerns(@Nullable String muslVersion, @Nullable String alpineVersion) {
        ReleaseRange ofMusl = ReleaseRange.parse(musl);
        ReleaseRange ofAlpine = ReleaseRange.parse(alpine);
        if (!ofAlpine.isAll() && alpineVersion != null && !ofAlpine.holds(alpineVersion)) {
            return false;
        }
        if (!ofMusl.isAll() && muslVersion != null) {
            return ofMusl.holds(muslVersion);
        }
        return ofAlpine.isAll() ? ofMusl.isAll() : alpineVersion != null;
    }

    /** Relative to the project: {@code docs/caveats/dns-no-tcp-fallback.md}. */
    public String path() {
        return PAGES + id + ".md";
    }

    /** The page, in Markdown. */
    public String page() {
        StringBuilder page = new StringBuilder();
        page.append("# ").append(plain(title)).append("\n\n");
        page.append('`').append(id).append("` · ").append(kind).append(" · ").append(severity);
        page.append(" · ").append(area).append("\n\n");
        section(page, "What breaks", breaks);
        section(page, "Who meets it", exposed);
        section(page, "Since and until when", sentence(affected));
        section(page, "How it is seen", whyNone == null ? seen : "No rule tells it. " + whyNone);
        section(page, "What to do", action);
        if (!mitigations.isEmpty()) {
            list(
                    page,
                    "What takes it away or makes it milder",
                    mitigations.stream().map(CatalogueEntry::plain).toList());
        }
        if (!more.isEmpty()) {
            section(page, "More", more);
        }
        if (!references.isEmpty()) {
            list(
                    page,
                    "References",
                    references.stream()
                            .map(reference -> reference.url() == null
                                    ? plain(reference.title())
                                    : "[" + plain(reference.title()) + "](" + reference.url() + ")")
                            .toList());
        }
        page.append("Confidence: ").append(confidence).append(". Facts of ").append(dated);
        page.append(", from ").append(source).append(".\n");
        return page.toString();
    }

    private static String sentence(String text) {
        return Character.toUpperCase(text.charAt(0)) + text.substring(1) + ".";
    }

    /** As text: of Markdown's signs only code between backquotes is meant. */
    static String plain(String text) {
        return SIGN.matcher(text)
                .replaceAll(found ->
                        Matcher.quoteReplacement(found.group(1) != null ? found.group(1) : "\\" + found.group()));
    }

    private static void section(StringBuilder page, String heading, String text) {
        page.append("## ").append(heading).append("\n\n").append(plain(text)).append("\n\n");
    }

    private static void list(StringBuilder page, String heading, List<String> items) {
        page.append("## ").append(heading).append("\n\n");
        items.forEach(item -> page.append("- ").append(item).append('\n'));
        page.append('\n');
    }
}
