package io.basewatch.fingerprint.packages;

import static io.basewatch.fingerprint.packages.HostileDatabasesTest.sample;
import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fingerprint.Findings;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fingerprint.MemoryImage;
import io.basewatch.fleetmodel.Contradiction;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.Scores;
import io.basewatch.layerfacts.TestLayers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * rpm's SQLite database with the write-ahead log that rpm left beside it while another process held the database open: openssl was removed, extra
 * installed. What each commit left is what sqlite3 3.40 reads of the log cut behind it.
 */
@ExtendWith(Scores.class)
class SqliteLogTest {

    private static final String PATH = "var/lib/rpm/rpmdb.sqlite";
    private static final byte[] DATABASE = sample("rpmdb.sqlite");
    private static final byte[] LOG = sample("rpmdb.sqlite-wal");

    private static final List<String> BEFORE =
            List.of("base-files", "big", "glibc", "gpg-pubkey", "kernel", "kernel", "openssl");
    private static final List<String> WITHOUT_OPENSSL =
            List.of("base-files", "big", "glibc", "gpg-pubkey", "kernel", "kernel");
    private static final List<String> AFTER =
            List.of("base-files", "big", "extra", "glibc", "gpg-pubkey", "kernel", "kernel");

    private static final int FRAME_BYTES = 24 + 512;

    /** Of the frames that end a transaction, the byte behind them. */
    private static final TreeMap<Integer, List<String>> COMMITS = new TreeMap<>(java.util.Map.of(
            0,
            BEFORE,
            32 + 21 * FRAME_BYTES,
            WITHOUT_OPENSSL,
            32 + 22 * FRAME_BYTES,
            WITHOUT_OPENSSL,
            32 + 23 * FRAME_BYTES,
            WITHOUT_OPENSSL,
            32 + 49 * FRAME_BYTES,
            AFTER));

    private static Findings detect(byte[] database, byte[] log) {
        return new MemoryImage(new PackagesDetector())
                .file(PATH, database)
                .file(PATH + "-wal", log)
                .detect();
    }

    private static List<String> names(Findings findings) {
        return findings.packages().stream()
                .map(installed -> installed.name())
                .sorted()
                .toList();
    }

    private static List<String> contradictions(Findings findings) {
        return findings.toFingerprint().contradictions().stream()
                .map(Contradiction::message)
                .toList();
    }

    @Test
    void appliesTheLogThatRpmLeft() {
        Findings findings = detect(DATABASE, LOG);
        assertThat(names(findings)).isEqualTo(AFTER);
        assertThat(findings.databases().get(0).count()).isEqualTo(7);
        assertThat(findings.databases().get(0).evidence().get(0).excerpt())
                .isEqualTo("7 packages, imported keys among them: 1, sqlite");
        assertThat(findings.reasons()).isEmpty();
        assertThat(contradictions(findings)).isEmpty();
        assertThat(findings.packages())
                .filteredOn(installed -> installed.name().equals("extra"))
                .singleElement()
                .satisfies(extra -> assertThat(extra.files().paths()).contains("usr/lib/extra/file-1"));
    }

    @Test
    void appliesALogThatAHigherLayerBrought() {
        var result = Fingerprinter.fingerprint(
                List.of(
                        TestLayers.tar().file(PATH, DATABASE, 0644).facts(Kinds.all()),
                        TestLayers.tar().file(PATH + "-wal", LOG, 0644).facts(Kinds.all())),
                ImageInputs.NONE);
        assertThat(result.fingerprint().packages().get(0).count()).isEqualTo(7);
        assertThat(result.reasons()).isEmpty();
    }

    @Test
    void cutAtAnyByteALogGivesWhatItsLastCommitLeft() {
        Hostile.cutAtEveryByte("rpm SQLite log", LOG, cut -> {
            Findings findings = detect(DATABASE, cut);
            assertThat(names(findings))
                    .as("cut at %d", cut.length)
                    .isEqualTo(COMMITS.floorEntry(cut.length).getValue());
            assertThat(findings.reasons()).isEmpty();
            boolean isWhole = cut.length == 32 || COMMITS.containsKey(cut.length);
            assertThat(contradictions(findings)).as("cut at %d", cut.length).hasSize(isWhole ? 0 : 1);
        });
    }

    @Test
    void damagedAnywhereALogIsAppliedUpToTheCommitBefore() {
        Hostile.change("rpm SQLite log", LOG, 10_000, changed -> {
            int damage = Arrays.mismatch(LOG, changed);
            Findings findings = detect(DATABASE, changed);
            int whole = damage < 0 ? LOG.length : damage < 32 ? 0 : damage;
            assertThat(names(findings)).isEqualTo(COMMITS.floorEntry(whole).getValue());
        });
    }

    @Test
    void aDatabaseCutAtAnyPageIsNeverTakenForWholeWithItsLog() {
        for (int length = 0; length < DATABASE.length; length += 64) {
            Findings findings = detect(Arrays.copyOf(DATABASE, length), LOG);
            if (findings.databases().get(0).count() == null) {
                assertThat(findings.reasons()).isNotEmpty();
                assertThat(AFTER).containsAll(names(findings));
            } else {
                assertThat(names(findings)).isEqualTo(AFTER);
            }
        }
        Scores.ran("rpm SQLite log", DATABASE.length / 64, 0);
    }

    /** With its checksums made right again, whatever else was changed. */
    private static byte[] forged(byte[] log) {
        ByteBuffer bytes = ByteBuffer.wrap(log);
        int[] sums = new int[2];
        bytes.putInt(0, 0x377f0682).putInt(4, 3007000).putInt(8, 512);
        add(sums, log, 0, 24);
        bytes.putInt(24, sums[0]).putInt(28, sums[1]);
        for (int frame = 32; frame + FRAME_BYTES <= log.length; frame += FRAME_BYTES) {
            bytes.putLong(frame + 8, bytes.getLong(16));
            add(sums, log, frame, 8);
            add(sums, log, frame + 24, 512);
            bytes.putInt(frame + 16, sums[0]).putInt(frame + 20, sums[1]);
        }
        return log;
    }

    private static void add(int[] sums, byte[] bytes, int offset, int length) {
        ByteBuffer words = ByteBuffer.wrap(bytes, offset, length).order(ByteOrder.LITTLE_ENDIAN);
        while (words.hasRemaining()) {
            sums[0] += words.getInt() + sums[1];
            sums[1] += words.getInt() + sums[0];
        }
    }

    @Test
    void forgedPagesWithRightChecksumsNeverEscape() {
        assertThat(forged(LOG.clone())).isEqualTo(LOG);
        Hostile.change("rpm SQLite log", LOG, 32, 10_000, changed -> {
            Findings findings = detect(DATABASE, forged(changed));
            if (findings.databases().get(0).count() == null) {
                assertThat(findings.reasons()).isNotEmpty();
            }
        });
    }

    @Test
    void aLogThatPromisesBillionsOfPagesCostsNothing() {
        byte[] huge = LOG.clone();
        ByteBuffer.wrap(huge).putInt(32 + 48 * FRAME_BYTES + 4, 0x7fffffff);
        Findings findings = detect(DATABASE, forged(huge));
        assertThat(names(findings)).isEqualTo(BEFORE);
        assertThat(contradictions(findings)).singleElement().asString().contains("2147483647 pages");
    }

    @Test
    void aLogOfAnotherPageSizeIsNotApplied() {
        byte[] other = LOG.clone();
        ByteBuffer.wrap(other).putInt(8, 1024);
        assertThat(contradictions(detect(DATABASE, other)))
                .singleElement()
                .asString()
                .contains("checksum");
    }

    @Test
    void framesOfAnEarlierLifeOfTheLogAreLeftOutWithoutAWord() {
        byte[] started = LOG.clone();
        // As after a new start of the log: from the second transaction on, the salts are the old ones.
        started[32 + 23 * FRAME_BYTES + 8] ^= 1;
        Findings findings = detect(DATABASE, started);
        assertThat(names(findings)).isEqualTo(WITHOUT_OPENSSL);
        assertThat(contradictions(findings)).isEmpty();
    }

    @Test
    void aHotJournalMakesTheCountUnknown() {
        Findings findings = new MemoryImage(new PackagesDetector())
                .file(PATH, DATABASE)
                .file(
                        PATH + "-journal",
                        new byte[] {(byte) 0xd9, (byte) 0xd5, 5, (byte) 0xf9, 32, (byte) 0xa1, 99, -41, 0})
                .detect();
        assertThat(findings.databases().get(0).count()).isNull();
        assertThat(findings.reasons())
                .extracting(Reason::message)
                .singleElement()
                .asString()
                .contains("journal");
        assertThat(names(findings)).isEqualTo(BEFORE);

        Findings done = new MemoryImage(new PackagesDetector())
                .file(PATH, DATABASE)
                .file(PATH + "-journal", new byte[512])
                .detect();
        assertThat(done.databases().get(0).count()).isEqualTo(7);
    }
}
