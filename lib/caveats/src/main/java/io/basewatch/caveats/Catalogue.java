package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat.Kind;
import io.basewatch.fleetmodel.Caveat.Severity;
import io.basewatch.fleetmodel.JsonTree;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What is known of the traps: an entry for each, with its page. Form and content: {@code catalogue.json}. Read once. */
public final class Catalogue {

    private static final String RESOURCE = "catalogue.json";

    private static final Catalogue BUNDLED = read();

    /**
     * One change of the catalogue.
     *
     * @param version a number
     * @param date ISO 8601
     * @param judges the sum of what rules judge by since then
     */
    public record Change(String version, String date, String changes, String judges) {}

    private final String version;
    private final List<Change> changelog;
    private final Map<String, CatalogueEntry> entries;
    private final Map<String, String> laterSymbols;
    private final List<String> lfs64;
    private final String sum;

    private Catalogue(JsonNode root) {
        version = root.path("version").asString();
        List<Change> changes = new ArrayList<>();
        for (JsonNode change : root.path("changelog")) {
            changes.add(new Change(
                    change.path("version").asString(),
                    change.path("date").asString(),
                    change.path("changes").asString(),
                    change.path("judges").asString()));
        }
        changelog = List.copyOf(changes);
        Map<String, CatalogueEntry> read = new LinkedHashMap<>();
        for (JsonNode node : root.path("entries")) {
            CatalogueEntry entry = CatalogueEntry.read(node);
            if (read.put(entry.id(), entry) != null) {
                throw new IllegalArgumentException("the catalogue has '" + entry.id() + "' twice: keep one");
            }
        }
        entries = Collections.unmodifiableMap(read);
        Map<String, String> later = new LinkedHashMap<>();
        root.path("symbols").path("later").forEachEntry((symbol, release) -> later.put(symbol, release.asString()));
        laterSymbols = Collections.unmodifiableMap(later);
        lfs64 = texts(root.path("symbols").path("lfs64"));
        sum = sumOfWhatRulesRead();
    }

    private static Catalogue read() {
        try (InputStream in = Catalogue.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IllegalStateException("the program is not whole: " + RESOURCE + " is missing");
            }
            return new Catalogue(new JsonTree(10).read(in.readAllBytes()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(text -> texts.add(text.asString()));
        return List.copyOf(texts);
    }

    /** Of the data that rules judge by; prose is not part of it. */
    private String sumOfWhatRulesRead() {
        StringBuilder read = new StringBuilder();
        entries.values()
                .forEach(entry -> read.append(entry.id())
                        .append('|')
                        .append(entry.kind())
                        .append('|')
                        .append(entry.severity())
                        .append('|')
                        .append(entry.musl())
                        .append('|')
                        .append(entry.alpine())
                        .append('\n'));
        read.append(laterSymbols).append(lfs64);
        CRC32 sum = new CRC32();
        sum.update(read.toString().getBytes(StandardCharsets.UTF_8));
        return Long.toHexString(sum.getValue());
    }

    /** In the order in which they are best read: loaders first, then languages, then libc's areas. */
    public static List<CatalogueEntry> entries() {
        return List.copyOf(BUNDLED.entries.values());
    }

    /** @param id as a {@link io.basewatch.fleetmodel.Caveat} has it */
    public static Optional<CatalogueEntry> entry(String id) {
        return Optional.ofNullable(BUNDLED.entries.get(id));
    }

    /** Of the data, raised with each change of an entry. */
    public static String version() {
        return BUNDLED.version;
    }

    /** The latest first. */
    public static List<Change> changelog() {
        return BUNDLED.changelog;
    }

    /** A page that leads to all others, in Markdown. */
    public static String overview() {
        StringBuilder page = new StringBuilder("# Caveats\n\nWhat the catalogue knows, version ")
                .append(version())
                .append(". A finding may be rated lower than its entry: by who meets it.\n\n")
                .append("| | | | area | affected |\n|---|---|---|---|---|\n");
        for (CatalogueEntry entry : entries()) {
            page.append("| [")
                    .append(CatalogueEntry.plain(entry.title()).replace("|", "\\|"))
                    .append("](")
                    .append(entry.id())
                    .append(".md) | ")
                    .append(entry.kind())
                    .append(" | ")
                    .append(entry.severity())
                    .append(" | ")
                    .append(entry.area())
                    .append(" | ")
                    .append(entry.affected())
                    .append(" |\n");
        }
        page.append("\n## Changes\n\n");
        changelog()
                .forEach(change -> page.append("- ")
                        .append(change.version())
                        .append(" (")
                        .append(change.date())
                        .append("): ")
                        .append(change.changes())
                        .append('\n'));
        return page.toString();
    }

    /** The entry of an id that a rule of ours tells. */
    static CatalogueEntry known(String id) {
        return entry(id).orElseThrow(() -> new IllegalStateException("the catalogue has no entry '" + id + "'"));
    }

    static Severity severity(String id) {
        return known(id).severity();
    }

    static Kind kind(String id) {
        return known(id).kind();
    }

    /** In which release of musl a function came, for those that came late; null for all others. */
    static @Nullable String laterIn(String symbol) {
        return BUNDLED.laterSymbols.get(symbol);
    }

    /** The names that musl's loader maps to the plain ones. */
    static List<String> lfs64() {
        return BUNDLED.lfs64;
    }

    /** A sum of what rules read of the data; the latest change notes the one for which it was made. */
    static String sum() {
        return BUNDLED.sum;
    }
}
