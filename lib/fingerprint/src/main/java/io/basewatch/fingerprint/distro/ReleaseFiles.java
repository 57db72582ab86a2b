package io.basewatch.fingerprint.distro;

import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files beside os-release that name a distribution: the rows of {@code release-files.tsv}, most trusted first. */
final class ReleaseFiles {

    private static final String ISSUE = "etc/issue";

    private static final List<Row> ROWS = Table.rows("release-files.tsv", 4).stream()
            .map(cells -> new Row(cells.get(0), Kind.parse(cells.get(1)), cells.get(2), cells.get(3)))
            .toList();

    /** The row that reads every other release file of the folder. */
    private static final String OTHERS = "etc/*-release";

    private static final Set<String> PATHS =
            ROWS.stream().map(Row::path).collect(java.util.stream.Collectors.toUnmodifiableSet());

    private static final int MAX_OTHERS = 20;

    private static final Pattern VERSION = Pattern.compile("(?i)\\d|^edge$|^snapshot$");

    private ReleaseFiles() {}

    static boolean isReleaseFile(String path) {
        return PATHS.contains(path);
    }

    /** One claim for each file of the table that is there and says something. */
    static List<Claim> claims(ImageView image) {
        List<Claim> claims = new ArrayList<>();
        Set<String> spoken = new HashSet<>();
        for (Row row : ROWS) {
            if (row.path().equals(OTHERS)) {
                others(image).flatMap(file -> row.claim(file).stream()).forEach(claims::add);
            } else if (!spoken.contains(row.path())) {
                Optional<Claim> claim = image.find(row.path()).flatMap(row::claim);
                claim.ifPresent(found -> {
                    spoken.add(row.path());
                    claims.add(found);
                });
            }
        }
        return claims;
    }

    /** Release files that no row names: {@code etc/conectiva-release}. */
    private static Stream<ImageFile> others(ImageView image) {
        return image.list("etc")
                .filter(file -> file.entry().name().endsWith("-release")
                        && !file.entry().name().equals("os-release")
                        && !PATHS.contains(file.entry().path()))
                .limit(MAX_OTHERS);
    }

    private enum Kind {
        TEXT,
        KEYS,
        PRESENT;

        static Kind parse(String cell) {
            return valueOf(cell.toUpperCase(Locale.ROOT));
        }
    }

    /** What a file says, before names are looked up. */
    private record Saying(
            @Nullable String name,
            @Nullable String version,
            @Nullable String codename,
            @Nullable String description,
            String excerpt) {}

    private static final class Row {

        private final String path;
        private final Kind kind;
        private final List<String> keys;
        private final LatePattern pattern;
        private final String id;

        Row(String path, Kind kind, String pattern, String id) {
            this.path = path;
            this.kind = kind;
            this.keys = kind == Kind.KEYS ? List.of(pattern.split(" ")) : List.of();
            this.pattern = new LatePattern(kind == Kind.TEXT ? pattern : "");
            this.id = id;
        }

        String path() {
            return path;
        }

        Optional<Claim> claim(ImageFile file) {
            return saying(file).flatMap(saying -> claim(file, saying));
        }

        private Optional<Saying> saying(ImageFile file) {
            if (kind == Kind.PRESENT) {
                return Optional.of(new Saying(null, null, null, null, ""));
            }
            String text = Text.of(file).stripLeading();
            return kind == Kind.KEYS ? keys(OsRelease.parse(text), Text.asItStands(file)) : text(text);
        }

        private Optional<Saying> keys(OsRelease fields, String text) {
            String name = fields.get(keys.get(0));
            return name == null
                    ? Optional.empty()
                    : Optional.of(new Saying(
                            name,
                            fields.get(keys.get(1)),
                            fields.get(keys.get(2)),
                            fields.get(keys.get(3)),
                            OsRelease.quote(text, keys.subList(0, 2))));
        }

        private Optional<Saying> text(String text) {
            Matcher matcher = pattern.matcher(text);
            if (!matcher.find()) {
                return Optional.empty();
            }
            String version = group(matcher, "version");
            String minor = group(matcher, "minor");
            String release = group(matcher, "release");
            String known = group(matcher, "known");
            if (known != null && Distribution.releaseByCodename(id, known).isEmpty()) {
                return Optional.empty();
            }
            if (release != null) {
                version = Distribution.releaseByCodename(id, release).orElse(null);
            }
            return Optional.of(new Saying(
                    group(matcher, "name"),
                    minor == null ? version : version + "." + minor,
                    release != null ? release : known != null ? known : group(matcher, "codename"),
                    null,
                    matcher.group().strip()));
        }

        private @Nullable String group(Matcher matcher, String name) {
            String value = pattern.names(name) ? matcher.group(name) : null;
            return value == null || value.isBlank() ? null : value.strip();
        }

        private Optional<Claim> claim(ImageFile file, Saying saying) {
            String found = id;
            if (id.equals("?") || id.equals("!")) {
                String name = saying.name() == null ? "" : saying.name();
                Optional<String> known = Distribution.named(name).map(Distribution::id);
                if (known.isEmpty()
                        && (id.equals("!") || Distribution.idFrom(name).isEmpty())) {
                    return Optional.empty();
                }
                found = known.orElseGet(() -> newId(file, name));
            }
            return Optional.of(new Claim(
                    path.equals(ISSUE) ? Claim.Source.ISSUE : Claim.Source.RELEASE_FILE,
                    found,
                    realVersion(saying.version()),
                    codename(found, saying.codename()),
                    saying.name() != null && saying.name().equals(found) ? null : name(saying),
                    List.of(),
                    DistroDetector.evidence(file, saying.excerpt())));
        }

        /** What a distribution calls its own file it calls itself, where its name begins so: {@code etc/unheard-release} of Unheard Of Linux. */
        private String newId(ImageFile file, String name) {
            String own = file.entry().name().replaceFirst("-release$", "");
            return path.equals(OTHERS) && Distribution.startsWith(name, own)
                    ? Distribution.idFrom(own)
                    : Distribution.idFrom(name);
        }

        private static @Nullable String codename(String id, @Nullable String codename) {
            return codename == null || !Distribution.isCodename(id, codename) ? null : codename;
        }

        /** {@code rolling}, {@code n/a}, {@code kali-rolling} are none. */
        private static @Nullable String realVersion(@Nullable String version) {
            return version != null && VERSION.matcher(version).find() ? version : null;
        }

        private static @Nullable String name(Saying saying) {
            if (saying.description() != null) {
                return saying.description();
            }
            if (saying.name() == null) {
                return null;
            }
            return saying.name()
                    + (saying.version() == null ? "" : " " + saying.version())
                    + (saying.codename() == null ? "" : " (" + saying.codename() + ")");
        }
    }

    /** The files, for tests that every path of the table is wanted. */
    static Map<String, Integer> rowsByPath() {
        Map<String, Integer> rows = new java.util.TreeMap<>();
        ROWS.forEach(row -> rows.merge(row.path(), 1, Integer::sum));
        return rows;
    }
}
