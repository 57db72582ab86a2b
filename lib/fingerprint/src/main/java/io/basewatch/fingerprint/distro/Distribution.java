package io.basewatch.fingerprint.distro;

import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A distribution that we know: a row of {@code distributions.tsv}.
 *
 * @param like families, nearest first
 * @param manager the package manager of its images; null when that varies
 * @param rolling whether its versions are dates or snapshots, not releases
 */
record Distribution(
        String id, String name, List<String> like, @Nullable String manager, boolean rolling) {

    /** The names of each id: its own and the aliases. */
    private static final Map<String, List<String>> NAMES = new HashMap<>();

    /** Shorter ones stand in other words by chance. */
    private static final int MIN_NAME_WITHIN = 4;

    private static final Map<String, Distribution> BY_ID = new LinkedHashMap<>();
    private static final Map<String, Distribution> BY_NAME = new HashMap<>();

    private static final Pattern NO_CODENAME = Pattern.compile(
            "(?i)\\d.*|i\\d86|x86[-_]64|final|core|n/a|rolling|rawhide|official|community|limited edition.*"
                    + "|(?:twenty|thirty|forty|fifty)(?: [a-z]+)?");

    /** Codenames and C libraries by id and release. */
    private static final Map<String, Map<String, Release>> RELEASES = new HashMap<>();

    private record Release(
            @Nullable String codename, @Nullable String libc) {}

    static {
        for (List<String> row : Table.rows("distributions.tsv", 6)) {
            Distribution distribution = new Distribution(
                    row.get(0),
                    row.get(1),
                    row.get(2).equals("-") ? List.of() : List.of(row.get(2).split(",")),
                    row.get(3).equals("-") ? null : row.get(3),
                    row.get(4).equals("rolling"));
            BY_ID.put(distribution.id(), distribution);
            BY_NAME.put(simplified(distribution.name()), distribution);
            Arrays.stream(row.get(5).split(";"))
                    .filter(alias -> !alias.isEmpty())
                    .forEach(alias -> BY_NAME.putIfAbsent(simplified(alias), distribution));
            NAMES.put(
                    distribution.id(),
                    Stream.concat(
                                    Stream.of(distribution.name()),
                                    Arrays.stream(row.get(5).split(";")))
                            .filter(name -> !name.isEmpty())
                            .toList());
        }
        for (List<String> row : Table.rows("releases.tsv", 4)) {
            RELEASES.computeIfAbsent(row.get(0), id -> new LinkedHashMap<>())
                    .put(row.get(1), new Release(valueOrNull(row.get(2)), valueOrNull(row.get(3))));
        }
    }

    private static @Nullable String valueOrNull(String cell) {
        return cell.equals("-") ? null : cell;
    }

    static Optional<Distribution> find(String id) {
        return Optional.ofNullable(BY_ID.get(id));
    }

    /** By the name that a release file, lsb-release or issue uses. */
    static Optional<Distribution> named(String name) {
        return Optional.ofNullable(BY_NAME.get(simplified(name)));
    }

    /**
     * False for what stands where a codename would and is none: a word that never changes, an edition, a build number, the release's own number in words, the
     * distribution's name.
     */
    static boolean isCodename(String id, String text) {
        return !NO_CODENAME.matcher(text).matches()
                && named(text).filter(named -> named.id().equals(id)).isEmpty();
    }

    /** Whether a name begins with that word, compared as names are. */
    static boolean startsWith(String name, String word) {
        return simplified(name).startsWith(simplified(word));
    }

    /** Whether a name begins with one of this distribution's, word for word: {@code Ubuntu Kylin} does with Ubuntu's. */
    boolean isNamedAtStartOf(@Nullable String name) {
        String words = name == null ? "" : words(name);
        return names().anyMatch(own -> words.startsWith(words(own)));
    }

    /** Whether one of this distribution's names, or its id, stands anywhere in a name or address. */
    boolean isNamedIn(@Nullable String text) {
        String whole = text == null ? "" : simplified(text);
        return isNamedAtStartOf(text)
                || Stream.concat(names(), Stream.of(id))
                        .map(Distribution::simplified)
                        .filter(own -> own.length() >= MIN_NAME_WITHIN)
                        .anyMatch(whole::contains);
    }

    private Stream<String> names() {
        return NAMES.getOrDefault(id, List.of()).stream();
    }

    /** Lower case, with a blank after each word. */
    private static String words(String name) {
        return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", " ").strip() + " ";
    }

    private static String simplified(String name) {
        StringBuilder simplified = new StringBuilder(name.length());
        for (char c : name.toLowerCase(Locale.ROOT).toCharArray()) {
            if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
                simplified.append(c);
            }
        }
        return simplified.toString();
    }

    /** An id for a name nobody knows: {@code Foo Linux} becomes {@code foo}. */
    static String idFrom(String name) {
        return name.toLowerCase(Locale.ROOT)
                .replaceAll("\\b(gnu/)?linux\\b", " ")
                .replaceAll("[^a-z0-9._-]+", " ")
                .strip()
                .replace(' ', '-');
    }

    /** All families of an id, its own and those of its families, nearest first, without itself. */
    static Set<String> families(String id, List<String> declared) {
        Set<String> families = new LinkedHashSet<>(declared);
        find(id).ifPresent(distribution -> families.addAll(distribution.like()));
        for (String family : List.copyOf(families)) {
            find(family).ifPresent(distribution -> families.addAll(distribution.like()));
        }
        families.remove(id);
        return families;
    }

    static Optional<String> codename(String id, String version) {
        Map<String, Release> releases = RELEASES.getOrDefault(id, Map.of());
        return releases.entrySet().stream()
                .filter(release -> Versions.startsWith(version, release.getKey()))
                .flatMap(release -> Optional.ofNullable(release.getValue().codename()).stream())
                .findFirst();
    }

    /** The release of that codename; empty for one that nobody knows. */
    static Optional<String> releaseByCodename(String id, String codename) {
        return RELEASES.getOrDefault(id, Map.of()).entrySet().stream()
                .filter(release -> codename.equalsIgnoreCase(release.getValue().codename()))
                .map(Map.Entry::getKey)
                .findFirst();
    }

    /** The release whose C library has this upstream version, where only one does. */
    static Optional<String> releaseByLibc(String id, String libc) {
        List<String> found = RELEASES.getOrDefault(id, Map.of()).entrySet().stream()
                .filter(release -> libc.equals(release.getValue().libc()))
                .map(Map.Entry::getKey)
                .toList();
        return found.size() == 1 ? Optional.of(found.get(0)) : Optional.empty();
    }
}
