package io.basewatch.elf;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.LayerFacts;
import io.basewatch.layerfacts.SquashedImage;
import io.basewatch.layerfacts.TestLayers;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ImageElfFilesTest {

    private static final byte[] LIBRARY =
            HandmadeElf.x86_64().soname("libx.so.1").exported("x").build();

    private static ImageView image(TestLayers.Tar... layers) {
        List<LayerFacts> facts = Stream.of(layers)
                .map(layer -> layer.facts(List.of(ElfKinds.ELF)))
                .toList();
        return SquashedImage.of(facts, ImageInputs.NONE);
    }

    @Test
    void listsEveryNameOfEveryFileInOrderOfThePaths() {
        ElfFiles files = new ImageElfFiles(image(TestLayers.tar()
                .file("usr/lib/libx.so.1", LIBRARY, 0644)
                .hardLink("opt/libx.so", "usr/lib/libx.so.1")
                .file("etc/passwd", new byte[] {'r'}, 0644)
                .file("bin/sh", HandmadeElf.x86_64().isStatic().build(), 04755)));

        assertThat(files.all()).extracting(ElfFile::path).containsExactly("bin/sh", "opt/libx.so", "usr/lib/libx.so.1");
        assertThat(files.all().get(0).mode()).isEqualTo(04755);
        assertThat(files.all().get(0).outline().kind()).isEqualTo(ElfFacts.Kind.STATIC_EXECUTABLE);
        assertThat(files.all().get(2).outline().soname()).isEqualTo("libx.so.1");
        assertThat(files.reasons()).isEmpty();
    }

    @Test
    void findsFilesThroughLinksAndNothingThatIsNotElf() {
        ElfFiles files = new ImageElfFiles(image(TestLayers.tar()
                .file("usr/lib/libx.so.1", LIBRARY, 0644)
                .symlink("lib", "usr/lib")
                .file("etc/passwd", new byte[] {'r'}, 0644)));

        assertThat(files.find("/lib/libx.so.1")).map(ElfFile::path).contains("usr/lib/libx.so.1");
        assertThat(files.find("/lib/liby.so.1")).isEmpty();
        assertThat(files.find("/lib")).isEmpty();
        assertThat(files.find("/etc/passwd")).isEmpty();
    }

    @Test
    void givesAllFactsOfAFile() {
        ElfFiles files = new ImageElfFiles(image(TestLayers.tar().file("libx.so.1", LIBRARY, 0644)));

        assertThat(files.facts(files.all().get(0)))
                .map(facts -> facts.symbols().exports().names())
                .contains(List.of("x"));
    }

    @Test
    void readsTheFactsOfAFileOnceHoweverOftenItIsAskedFor() {
        CountingView view = new CountingView(image(TestLayers.tar()
                .file("usr/lib/libx.so.1", LIBRARY, 0644)
                .file("bin/sh", HandmadeElf.x86_64().isStatic().build(), 0755)));
        ElfFiles files = new ImageElfFiles(view);

        for (int i = 0; i < 3; i++) {
            files.all();
            files.find("/bin/sh");
            files.find("/usr/lib/libx.so.1");
        }
        assertThat(view.reads).containsOnly(Map.entry("bin/sh", 1), Map.entry("usr/lib/libx.so.1", 1));

        for (int i = 0; i < 3; i++) {
            files.facts(files.all().get(1));
        }
        assertThat(view.reads).containsEntry("usr/lib/libx.so.1", 2).containsEntry("bin/sh", 1);
    }

    @Test
    void whatAnotherThreadHasDecodedIsNotDecodedAgain() throws Exception {
        CountingView view = new CountingView(image(TestLayers.tar().file("libx.so.1", LIBRARY, 0644)));
        ImageElfFiles files = new ImageElfFiles(view);
        Thread other = new Thread(files::decodeOutlines);
        other.start();
        assertThat(files.all()).extracting(ElfFile::path).containsExactly("libx.so.1");
        other.join();
        assertThat(view.reads).containsOnly(Map.entry("libx.so.1", 1));
    }

    @Test
    void factsThatCannotBeReadAreToldOnceAndHideNoOther() {
        CountingView view = new CountingView(
                image(TestLayers.tar().file("a.so", LIBRARY, 0644).file("b.so", LIBRARY, 0644)));
        view.broken = "a.so";
        ElfFiles files = new ImageElfFiles(view);

        assertThat(files.all()).extracting(ElfFile::path).containsExactly("b.so");
        assertThat(files.find("a.so")).isEmpty();
        assertThat(files.find("a.so")).isEmpty();

        assertThat(files.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(Reason.Code.FILE_INVALID);
            assertThat(reason.message())
                    .startsWith("a.so: its stored ELF facts cannot be read: ELF facts of version 9");
        });
    }

    @Test
    void aFileOfWhichMoreWasThereThanIsKeptIsNamed() {
        byte[] cut = HandmadeElf.x86_64().exported("a".repeat(40_000)).build();
        ElfFiles files = new ImageElfFiles(image(TestLayers.tar().file("opt/long.so", cut, 0644)));

        assertThat(files.all()).hasSize(1);
        assertThat(files.reasons()).singleElement().satisfies(reason -> {
            assertThat(reason.code()).isEqualTo(Reason.Code.LIMIT_EXCEEDED);
            assertThat(reason.message()).startsWith("opt/long.so: has more symbols that it offers");
        });
    }

    /** Counts how often a file's facts are read, and breaks those of one. */
    private static final class CountingView implements ImageView {

        private final ImageView view;
        final Map<String, Integer> reads = new HashMap<>();
        String broken = "";

        CountingView(ImageView view) {
            this.view = view;
        }

        private ImageFile counted(ImageFile file) {
            return new ImageFile() {
                @Override
                public FileEntry entry() {
                    return file.entry();
                }

                @Override
                public io.basewatch.fleetmodel.Digest layer() {
                    return file.layer();
                }

                @Override
                public byte[] content() {
                    return file.content();
                }

                @Override
                public boolean isCut() {
                    return file.isCut();
                }

                @Override
                public byte[] facts(String probeKind) {
                    byte[] facts = file.facts(probeKind);
                    if (facts != null) {
                        reads.merge(entry().path(), 1, Integer::sum);
                        if (entry().path().equals(broken)) {
                            facts[0] = 9;
                        }
                    }
                    return facts;
                }
            };
        }

        @Override
        public Optional<ImageFile> find(String path) {
            return view.find(path).map(this::counted);
        }

        @Override
        public Optional<ImageFile> findNoFollow(String path) {
            return view.findNoFollow(path).map(this::counted);
        }

        @Override
        public Stream<ImageFile> list(String directory) {
            return view.list(directory).map(this::counted);
        }

        @Override
        public Stream<ImageFile> files() {
            return view.files().map(this::counted);
        }

        @Override
        public Stream<ImageFile> filesWithFacts(String probeKind) {
            return view.filesWithFacts(probeKind).map(this::counted);
        }

        @Override
        public Stream<ImageFile> hidden(String path) {
            return view.hidden(path).map(this::counted);
        }

        @Override
        public ImageInputs inputs() {
            return view.inputs();
        }

        @Override
        public boolean isWhole() {
            return view.isWhole();
        }
    }
}
