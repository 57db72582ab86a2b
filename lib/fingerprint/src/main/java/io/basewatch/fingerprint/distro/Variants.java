package io.basewatch.fingerprint.distro;

import io.basewatch.fingerprint.Findings;
import io.basewatch.layerfacts.ImageView;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What tells apart images that share a distribution's id: the rows of {@code variants.tsv}. */
final class Variants {

    /** Between tests of a row. */
    private static final Pattern AND = Pattern.compile(" && ");

    private static final List<Row> ROWS =
            Table.rows("variants.tsv", 3).stream().map(Row::parse).toList();

    private static final Set<String> TEXTS = subjects("text");
    private static final Set<String> LABELS = subjects("label");

    private Variants() {}

    private static Set<String> subjects(String kind) {
        return ROWS.stream()
                .flatMap(row -> row.tests().stream())
                .filter(test -> test.kind().equals(kind))
                .map(Test::subject)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** What the tests may look at. */
    record Subject(
            String id,
            @Nullable String version,
            Set<String> families,
            @Nullable OsRelease osRelease,
            ImageView image,
            Findings findings) {}

    static Optional<String> of(Subject subject) {
        return ROWS.stream()
                .filter(row -> row.isFor(subject) && row.tests().stream().allMatch(test -> test.holds(subject)))
                .map(Row::variant)
                .findFirst();
    }

    /** Whether a test of the table reads the text of that file. */
    static boolean readsTextOf(String path) {
        return TEXTS.contains(path);
    }

    static Set<String> texts() {
        return TEXTS;
    }

    /** Whether a test of the table reads the image's label of that name. */
    static boolean readsLabel(String name) {
        return LABELS.contains(name);
    }

    private record Row(List<String> ids, List<Test> tests, String variant) {

        static Row parse(List<String> cells) {
            return new Row(
                    List.of(cells.get(0).split(",")),
                    AND.splitAsStream(cells.get(1)).map(Test::parse).toList(),
                    cells.get(2));
        }

        boolean isFor(Subject subject) {
            return ids.stream()
                    .anyMatch(id -> id.equals("*")
                            || id.equals(subject.id())
                            || (id.startsWith("like:") && isOfFamily(subject, id.substring("like:".length()))));
        }

        private static boolean isOfFamily(Subject subject, String family) {
            return subject.id().equals(family) || subject.families().contains(family);
        }
    }

    /**
     * @param subject a path, field or label; empty for tests that need none
     */
    private record Test(boolean negated, String kind, String subject, LatePattern pattern) {

        private static final Set<String> WITHOUT_SUBJECT = Set.of("version", "suite", "manager");

        static Test parse(String text) {
            boolean negated = text.startsWith("!");
            String[] words = (negated ? text.substring(1) : text).split(" ", 2);
            if (WITHOUT_SUBJECT.contains(words[0])) {
                return new Test(negated, words[0], "", new LatePattern(words[1]));
            }
            String[] rest = words[1].split(" ", 2);
            return new Test(negated, words[0], rest[0], new LatePattern(rest.length > 1 ? rest[1] : ""));
        }

        /** That something is not there can be known only of an image that was read as a whole. */
        boolean holds(Subject image) {
            boolean isThere =
                    values(image).anyMatch(value -> pattern.matcher(value).find());
            return negated ? !isThere && (image.image().isWhole() || kind.equals("version")) : isThere;
        }

        private Stream<String> values(Subject image) {
            return switch (kind) {
                case "version" -> Stream.ofNullable(image.version());
                case "field" ->
                    Stream.ofNullable(image.osRelease()).flatMap(fields -> Stream.ofNullable(fields.get(subject)));
                case "exists" -> image.image().find(subject).map(file -> "").stream();
                case "text" -> image.image().find(subject).map(Text::of).stream();
                case "entry" ->
                    image.image().list(subject).map(file -> file.entry().name());
                case "label" ->
                    Stream.ofNullable(image.image().inputs().labels().get(subject));
                case "manager" -> image.findings().databases().stream().map(database -> database.manager());
                case "suite" -> AptSources.suites(image.image()).stream();
                default -> throw new IllegalStateException("variants.tsv has a test of unknown kind '" + kind + "'");
            };
        }
    }
}
