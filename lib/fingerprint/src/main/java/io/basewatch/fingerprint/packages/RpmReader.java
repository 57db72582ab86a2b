package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.Hints;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.LinkStore;
import io.basewatch.layerfacts.Want;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * rpm's database in its three formats, at the places where distributions keep it, with SQLite's write-ahead log applied as rpm itself would find it.
 * Lists and counts what {@code rpm -qa} does, imported keys ({@code gpg-pubkey}) included; the evidence says how many of these there are.
 */
final class RpmReader implements PackageReader {

    private static final List<String> DIRECTORIES = List.of("usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm");

    private static final String SQLITE = "rpmdb.sqlite";

    /** The newest format first: where a directory has two, rpm has moved on to it and left the other behind. */
    private static final List<String> PATHS = paths(SQLITE, "Packages.db", "Packages");

    private static final List<String> LOGS = paths(SQLITE + "-wal");
    private static final List<String> JOURNALS = paths(SQLITE + "-journal");

    /** SQLite writes back a log of four megabytes, unless a single transaction is larger. */
    private static final int MAX_LOG_BYTES = 16 << 20;

    private static final int JOURNAL_MAGIC_BYTES = 8;

    /**
     * A database as it is with its log.
     *
     * @param trouble what keeps the list from being believed whole, by the path of the file that has it
     * @param limits the same, where there is only more than is read
     * @param remarks contradictions that leave the list as it is
     */
    private record Read(
            ImageFile file,
            RpmDatabase database,
            Map<String, String> trouble,
            Map<String, String> limits,
            List<Remark> remarks) {

        int count() {
            return database.packages().size();
        }
    }

    private record Remark(ImageFile file, String text) {}

    private static List<String> paths(String... names) {
        return Stream.of(names)
                .flatMap(name -> DIRECTORIES.stream().map(directory -> directory + "/" + name))
                .toList();
    }

    @Override
    public Hints hints() {
        return Hints.NONE
                .namedLike(PATHS)
                .namedLike(LOGS)
                .named("*" + SQLITE + "-journal")
                .beginning(SqliteLog.START)
                .or(RpmDatabase.hints())
                .stored();
    }

    @Override
    public Want wants(FileEntry file) {
        if (!DIRECTORIES.contains(file.folder())) {
            return Want.NOTHING;
        }
        if (PATHS.contains(file.path())) {
            return Want.probe(RpmDatabase.KIND, RpmDatabase.Probe::new);
        }
        if (LOGS.contains(file.path())) {
            return Want.content(MAX_LOG_BYTES);
        }
        return JOURNALS.contains(file.path()) ? Want.content(JOURNAL_MAGIC_BYTES) : Want.NOTHING;
    }

    /** In the folders of its own rpm has other databases too, which are known by their names. */
    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        String path = file.path();
        if (DIRECTORIES.contains(file.folder())) {
            return Want.NOTHING;
        }
        if (RpmDatabase.startsLikeOne(head)) {
            return file.size() <= RpmDatabase.MAX_BYTES
                    ? Want.probe(RpmDatabase.KIND, RpmDatabase.Probe::ofTarget)
                    : Want.NOTHING;
        }
        boolean isStored = LinkStore.holds(path);
        if (SqliteLog.startsLikeOne(head)) {
            return isStored || path.endsWith("-wal") ? Want.content(MAX_LOG_BYTES) : Want.NOTHING;
        }
        return path.endsWith(SQLITE + "-journal") || (isStored && startsLikeJournal(head))
                ? Want.content(JOURNAL_MAGIC_BYTES)
                : Want.NOTHING;
    }

    /** Source: SQLite, "Database File Format", "The Rollback Journal". */
    private static boolean startsLikeJournal(byte[] head) {
        return head.length >= 4
                && head[0] == (byte) 0xd9
                && head[1] == (byte) 0xd5
                && head[2] == 0x05
                && head[3] == (byte) 0xf9;
    }

    @Override
    public Optional<Database> read(ImageView image, Findings findings) {
        List<Read> found = new ArrayList<>();
        for (ImageFile file : PackagesDetector.keptFiles(image, PATHS)) {
            byte[] facts = file.facts(RpmDatabase.KIND);
            if (facts != null) {
                try {
                    found.add(readWithLog(file, RpmDatabase.decode(facts), image));
                } catch (BrokenDatabaseException e) {
                    findings.invalid(file.entry().path(), e.problem());
                }
            }
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        // A stable sort: the newest format stays first among databases that can all be read, and an empty one is the
        // last to be believed.
        found.sort(Comparator.comparing(read -> read.database().packages().isEmpty()));
        Read best = found.get(0);
        reportOthers(best, found, findings);
        return Optional.of(database(best, findings));
    }

    private static Read readWithLog(ImageFile file, RpmDatabase alone, ImageView image) {
        String path = file.entry().path();
        Map<String, String> trouble = new LinkedHashMap<>();
        Map<String, String> limits = new LinkedHashMap<>();
        List<Remark> remarks = new ArrayList<>();
        RpmDatabase database = alone;
        ImageFile log = notEmpty(image.find(path + "-wal")).orElse(null);
        byte[] changes = log == null ? null : log.content();
        RpmTree tree = alone.tree();
        if (log != null && changes != null && tree != null) {
            try {
                SqliteLog applied = SqliteLog.read(changes, tree.usableBytes());
                database = alone.with(applied);
                String unfinished = applied.unfinished();
                if (log.isCut()) {
                    limits.put(log.entry().path(), "longer than " + MAX_LOG_BYTES + " bytes: not read to its end");
                } else if (unfinished != null) {
                    remarks.add(new Remark(log, log.entry().path() + " " + unfinished + ": left out, as rpm does"));
                }
            } catch (BrokenDatabaseException e) {
                remarks.add(new Remark(log, log.entry().path() + " " + e.problem() + ": left out, as rpm does"));
            }
        }
        if (database.problem() != null) {
            (database.pastLimit() ? limits : trouble).put(path, database.problem());
        }
        notEmpty(image.find(path + "-journal"))
                .filter(RpmReader::isHot)
                .ifPresent(
                        journal -> trouble.put(
                                journal.entry().path(),
                                "is the journal of an unfinished change, which is to be taken back first: the count is unknown"));
        return new Read(file, database, trouble, limits, remarks);
    }

    private static Optional<ImageFile> notEmpty(Optional<ImageFile> file) {
        return file.filter(found -> found.entry().size() > 0);
    }

    /** A journal that is done with may stay, with zeros in front. */
    private static boolean isHot(ImageFile journal) {
        byte[] head = journal.content();
        return head == null || head.length == 0 || head[0] != 0;
    }

    private static void reportOthers(Read best, List<Read> found, Findings findings) {
        for (Read other : found.subList(1, found.size())) {
            if (other.count() > 0 && other.count() != best.count()) {
                findings.contradiction(
                        "packages",
                        best.file().entry().path() + " lists " + PackagesDetector.counted(best.count()) + ", "
                                + other.file().entry().path() + " " + other.count()
                                + ": taken is the first, the newer format",
                        List.of(evidence(best), evidence(other)));
            }
        }
    }

    private static Database database(Read read, Findings findings) {
        read.trouble().forEach(findings::invalid);
        read.limits().forEach((path, problem) -> findings.exceeded(path + ": " + problem));
        for (Remark remark : read.remarks()) {
            findings.contradiction(
                    "packages", remark.text(), List.of(evidence(read), PackagesDetector.evidence(remark.file(), null)));
        }
        return new Database(
                "rpm",
                read.trouble().isEmpty() && read.limits().isEmpty() ? read.count() : null,
                read.database().packages(),
                List.of(evidence(read)));
    }

    private static Evidence evidence(Read read) {
        long keys = read.database().keys();
        return PackagesDetector.evidence(
                read.file(),
                PackagesDetector.counted(read.count())
                        + (keys == 0 ? "" : ", imported keys among them: " + keys)
                        + ", " + read.database().format());
    }
}
