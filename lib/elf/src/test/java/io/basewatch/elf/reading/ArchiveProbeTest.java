package io.basewatch.elf.reading;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.elf.ArchiveFacts;
import io.basewatch.elf.ElfKinds;
import io.basewatch.elf.ElfProbes;
import io.basewatch.elf.HandmadeElf;
import io.basewatch.elf.LinkedLibc;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.layerfacts.CorpusImages;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Hostile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Scores;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.Want;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.apache.commons.compress.archivers.zip.Zip64Mode;
import org.apache.commons.compress.archivers.zip.ZipArchiveEntry;
import org.apache.commons.compress.archivers.zip.ZipArchiveOutputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import tools.jackson.databind.JsonNode;

@ExtendWith(Scores.class)
class ArchiveProbeTest {

    private static final byte[] GLIBC = HandmadeElf.x86_64()
            .soname("libnative.so")
            .needed("libc.so.6")
            .versions("libc.so.6", "GLIBC_2.17")
            .build();
    private static final byte[] MUSL =
            HandmadeElf.x86_64().needed("libc.musl-x86_64.so.1").build();

    private static ArchiveFacts read(byte[] archive, int chunk) {
        byte[] facts = feed(archive, chunk);
        return facts.length == 0 ? new ArchiveFacts(null, List.of()) : ArchiveFacts.decode(facts);
    }

    private static byte[] feed(byte[] archive, int chunk) {
        Want want = ArchiveProbe.want(
                new FileEntry("app/a.jar", FileEntry.Type.FILE, archive.length, 0644, null),
                Arrays.copyOf(archive, Math.min(512, archive.length)));
        if (want.probe() == null) {
            return new byte[0];
        }
        FileProbe probe = want.probe().get();
        for (int at = 0; at < archive.length; at += chunk) {
            probe.accept(archive, at, Math.min(chunk, archive.length - at));
        }
        return probe.finish();
    }

    /** As the jar tool writes it: compressed entries tell their sizes behind themselves, stored ones before. */
    private static byte[] jar() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "META-INF/", new byte[0], false);
            put(zip, "META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n".getBytes(StandardCharsets.US_ASCII), false);
            put(zip, "native/deflated.so", GLIBC, false);
            put(zip, "native/stored.so", MUSL, true);
            put(zip, "Empty.class", new byte[0], false);
            put(zip, "Short.class", new byte[3], true);
        }
        return out.toByteArray();
    }

    private static void put(ZipOutputStream zip, String name, byte[] content, boolean stored) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        if (stored) {
            CRC32 sum = new CRC32();
            sum.update(content);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(content.length);
            entry.setCrc(sum.getValue());
        }
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    @Test
    void findsStoredAndDeflatedLibrariesOnEveryBoundaryOfChunks() throws IOException {
        byte[] jar = jar();
        for (int chunk : new int[] {1, 2, 3, 7, 29, 30, 31, 100, 1000, 1 << 20}) {
            ArchiveFacts facts = read(jar, chunk);
            assertThat(facts.problem()).as("chunks of %d", chunk).isNull();
            assertThat(facts.entries())
                    .extracting(ArchiveFacts.Entry::path)
                    .containsExactly("native/deflated.so", "native/stored.so");
            assertThat(facts.entries())
                    .extracting(entry -> LinkedLibc.of(entry.facts()))
                    .containsExactly(Libc.Family.GLIBC, Libc.Family.MUSL);
            assertThat(facts.entries().get(0).facts()).isEqualTo(ElfProbes.read("deflated.so", GLIBC));
        }
    }

    @Test
    void whatIsNamedLikeAClassIsPassedWithoutALookAndWhatFollowsIsFound() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "A.class", GLIBC, false);
            put(zip, "B.classes", GLIBC, false);
        }
        byte[] jar = out.toByteArray();
        // The first block of the class is of a kind that there is not.
        jar[30 + "A.class".length()] |= 0b110;
        for (int chunk : new int[] {1, 30, 1 << 20}) {
            ArchiveFacts facts = read(jar, chunk);
            assertThat(facts.problem()).isNull();
            assertThat(facts.entries()).extracting(ArchiveFacts.Entry::path).containsExactly("B.classes");
        }
    }

    @Test
    void looksIntoAnArchiveInTheArchive() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "BOOT-INF/lib/a.jar", jar(), true);
            put(zip, "BOOT-INF/lib/b.jar", jar(), false);
        }
        ArchiveFacts facts = read(out.toByteArray(), 777);
        assertThat(facts.problem()).isNull();
        assertThat(facts.entries())
                .extracting(ArchiveFacts.Entry::path)
                .containsExactly(
                        "BOOT-INF/lib/a.jar!/native/deflated.so",
                        "BOOT-INF/lib/a.jar!/native/stored.so",
                        "BOOT-INF/lib/b.jar!/native/deflated.so",
                        "BOOT-INF/lib/b.jar!/native/stored.so");
    }

    @Test
    void readsDescriptorsWithAndWithoutSignatureAndWithWideSizes() throws IOException {
        ByteArrayOutputStream wide = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(wide)) {
            zip.setUseZip64(Zip64Mode.Always);
            for (String name : List.of("a.so", "b.so")) {
                zip.putArchiveEntry(new ZipArchiveEntry(name));
                zip.write(GLIBC);
                zip.closeArchiveEntry();
            }
        }
        assertThat(read(wide.toByteArray(), 100).problem()).isNull();
        assertThat(read(wide.toByteArray(), 100).entries()).hasSize(2);

        byte[] unsigned = unsigned(jar());
        assertThat(read(unsigned, 100).problem()).isNull();
        assertThat(read(unsigned, 100).entries()).hasSize(2);
    }

    private static byte[] unsigned(byte[] signed) {
        ByteArrayOutputStream unsigned = new ByteArrayOutputStream();
        for (int i = 0; i < signed.length; i++) {
            if (i + 4 <= signed.length && Arrays.equals(signed, i, i + 4, new byte[] {'P', 'K', 7, 8}, 0, 4)) {
                i += 3;
            } else {
                unsigned.write(signed[i]);
            }
        }
        assertThat(unsigned.size()).isLessThan(signed.length);
        return unsigned.toByteArray();
    }

    /** As the common writers do it: the jar tool, others that sign nothing, others with sizes of eight bytes. */
    @Test
    void passesWhatIsOfNoInterestWithoutUncompressingIt() throws IOException {
        byte[] signed = jarOf(Zip64Mode.Never);
        for (byte[] archive : List.of(signed, unsigned(signed), jarOf(Zip64Mode.Always))) {
            for (int chunk : new int[] {1, 2, 3, 5, 23, 24, 27, 28, 64, 1000, 1 << 20}) {
                ArchiveFacts facts = read(archive, chunk);
                assertThat(facts.problem()).as("chunks of %d", chunk).isNull();
                assertThat(facts.entries())
                        .as("chunks of %d", chunk)
                        .extracting(ArchiveFacts.Entry::path)
                        .containsExactly("a.so", "b.so", "c.so");
            }
        }
        byte[] broken = jarOf(Zip64Mode.Never);
        int at = indexOf(broken, "Long.class") + "Long.class".length() + 3000;
        Arrays.fill(broken, at, at + 100, (byte) 0);
        assertThat(read(broken, 100).problem()).isNull();
        assertThat(read(broken, 100).entries()).hasSize(3);
    }

    /** By their central directories, which the probe never sees. */
    @Test
    void findsInTheJarsOfThisProcessWhatTheJdkFinds() throws IOException {
        int programs = 0;
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (path.endsWith(".jar")) {
                List<String> expected = elfFilesOf(Path.of(path));
                ArchiveFacts facts = read(Files.readAllBytes(Path.of(path)), 1 << 16);
                assertThat(facts.problem()).as(path).isNull();
                assertThat(facts.entries())
                        .as(path)
                        .extracting(ArchiveFacts.Entry::path)
                        .containsExactlyInAnyOrderElementsOf(expected);
                programs += expected.size();
            }
        }
        assertThat(programs).as("such as zstd's").isPositive();
    }

    private static List<String> elfFilesOf(Path jar) throws IOException {
        List<String> found = new ArrayList<>();
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (InputStream in = zip.getInputStream(entry)) {
                    if (ElfProbe.isElf(in.readNBytes(16))) {
                        found.add(entry.getName());
                    }
                }
            }
        }
        return found;
    }

    /** With whole headers and descriptors among the bytes of an entry, which tell other sizes than its own. */
    @Test
    void takesNoBytesOfAnEntryForItsEnd() throws IOException {
        byte[] inside = jarOf(Zip64Mode.Never);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            zip.setLevel(0);
            byte[] content = new byte[20 + inside.length];
            System.arraycopy(inside, 0, content, 20, inside.length);
            put(zip, "data.bin", content, false);
            put(zip, "a.so", GLIBC, false);
        }
        for (int chunk : new int[] {1, 31, 1000, 1 << 20}) {
            ArchiveFacts facts = read(out.toByteArray(), chunk);
            assertThat(facts.problem()).isNull();
            assertThat(facts.entries()).extracting(ArchiveFacts.Entry::path).containsExactly("a.so");
        }
    }

    private static int indexOf(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private static byte[] jarOf(Zip64Mode mode) throws IOException {
        byte[] random = new byte[10_000];
        new Random(3).nextBytes(random);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipArchiveOutputStream zip = new ZipArchiveOutputStream(out)) {
            zip.setUseZip64(mode);
            for (byte[] content : List.of(random, new byte[16], new byte[17], new byte[5000], new byte[3])) {
                String name = content == random ? "Long.class" : content.length + ".class";
                add(zip, name, content);
                if (content.length > 20) {
                    add(zip, content == random ? "a.so" : "b.so", GLIBC);
                }
            }
            for (int n = 0; n < 100; n++) {
                add(zip, n + ".txt", Arrays.copyOf(random, n));
            }
            add(zip, "c.so", MUSL);
        }
        return out.toByteArray();
    }

    private static void add(ZipArchiveOutputStream zip, String name, byte[] content) throws IOException {
        zip.putArchiveEntry(new ZipArchiveEntry(name));
        zip.write(content);
        zip.closeArchiveEntry();
    }

    @Test
    void keepsNothingOfAnArchiveWithoutLibraries() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            put(zip, "A.class", new byte[500], false);
        }
        assertThat(feed(out.toByteArray(), 64)).isEmpty();
    }

    @Test
    void cutAtAnyByteAnArchiveIsNeverTakenForWhole() throws IOException {
        byte[] jar = jar();
        ArchiveFacts whole = read(jar, 64);
        assertThat(whole.problem()).isNull();
        Hostile.cutAtEveryByte("jar, wheel, zip", jar, cut -> {
            ArchiveFacts facts = read(cut, 64);
            // Of its magic number at least, so that it is an archive at all.
            if (cut.length >= 4 && facts.problem() == null) {
                assertThat(facts.entries()).as("cut at %d", cut.length).isEqualTo(whole.entries());
            }
        });
    }

    @Test
    void readsMutatedArchivesWithoutFailing() throws IOException {
        byte[] jar = jar();
        Random random = new Random(7);
        Hostile.change("jar, wheel, zip", jar, 4, 10_000, changed -> feed(changed, 1 + random.nextInt(3000)));
        byte[] facts = feed(jar, 100);
        for (int i = 0; i < 5000; i++) {
            byte[] damaged = facts.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                ArchiveFacts.decode(damaged);
            } catch (IllegalArgumentException expected) {
                // Told apart from a mistake of ours.
            }
        }
    }

    @Test
    void findsTheNestedLibrariesOfTheCorpus() throws Exception {
        CorpusImages corpus = CorpusImages.open(List.of(ElfKinds.ARCHIVES));
        SoftAssertions softly = new SoftAssertions();
        int compared = 0;
        for (JsonNode image : corpus.images()) {
            List<String> expected = new ArrayList<>();
            image.get("truth")
                    .get("nested_elf")
                    .forEach(nested -> expected.add(nested.get("archive").asString() + "!/"
                            + nested.get("entry").asString() + " "
                            + (nested.get("family").isNull()
                                    ? null
                                    : nested.get("family").asString())
                            + " " + texts(nested.get("needed"))));
            List<String> found = new ArrayList<>();
            ImageView view = SquashedImage.of(corpus.layers(image), corpus.inputs(image));
            view.filesWithFacts(ArchiveFacts.KIND).forEach(file -> {
                ArchiveFacts facts = ArchiveFacts.decode(file.facts(ArchiveFacts.KIND));
                softly.assertThat(facts.problem()).as(file.entry().path()).isNull();
                facts.entries()
                        .forEach(entry ->
                                found.add(file.entry().path() + "!/" + entry.path() + " " + LinkedLibc.of(entry.facts())
                                        + " " + entry.facts().loading().needed()));
            });
            softly.assertThat(found).as(CorpusImages.name(image)).containsExactlyInAnyOrderElementsOf(expected);
            compared += expected.size();
        }
        softly.assertAll();
        assertThat(compared).isGreaterThan(10);
    }

    private static List<String> texts(JsonNode node) {
        List<String> texts = new ArrayList<>();
        node.forEach(text -> texts.add(text.asString()));
        return texts;
    }
}
