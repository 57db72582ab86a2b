package io.basewatch.caveats;

import io.basewatch.elf.ArchiveFacts;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.loading.LoaderView;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.settings.Settings;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.Conclusion;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that a rule may see of an image, or of what stands for one. */
public interface JudgedImage extends LoaderView {

    Fingerprint fingerprint();

    /** What of them is kept. */
    ImageInputs inputs();

    /** A text file of which something is kept. */
    record KeptText(FileEntry entry, @Nullable Digest layer, String text) {}

    /** An archive with native libraries in it. */
    record NativeArchive(FileEntry entry, @Nullable Digest layer, ArchiveFacts facts) {}

    /** All files for which {@link #text} has their own text, in order of their paths: settings and scripts. A base's description has none. */
    default Stream<KeptText> texts() {
        return Stream.empty();
    }

    /** The archives whose facts can be read, in order of their paths. A base's description has none. */
    default Stream<NativeArchive> archives() {
        return Stream.empty();
    }

    /** Which layer brought the file at a path; null in a plain root file system, and for no file. */
    default @Nullable Digest layerOf(String path) {
        return null;
    }

    /** As {@link ImageView#conclude}; what it rests on beside that is the fingerprint too. */
    default <T> T conclude(Class<T> type, ImageInputs narrowed, Object given, Conclusion<JudgedImage, T> conclusion) {
        return conclusion.draw(this);
    }

    /** An image as its detectors saw it. */
    static JudgedImage of(Fingerprinter.Seen seen, Fingerprint fingerprint) {
        return of(seen.view(), seen.elfFiles(), fingerprint);
    }

    /** An image by the view of its layers. */
    static JudgedImage of(ImageView view, ElfFiles elfFiles, Fingerprint fingerprint) {
        return new JudgedImage() {
            @Override
            public Fingerprint fingerprint() {
                return fingerprint;
            }

            @Override
            public ImageInputs inputs() {
                return view.inputs();
            }

            @Override
            public Optional<FileEntry> find(String path) {
                return view.find(path).map(ImageFile::entry);
            }

            @Override
            public Stream<FileEntry> list(String directory) {
                return view.list(directory).map(ImageFile::entry);
            }

            @Override
            public Optional<String> text(String path) {
                return view.find(path).map(JudgedImage::text);
            }

            @Override
            public Stream<KeptText> texts() {
                return view.filesWithFacts(Settings.TEXT)
                        .map(file -> new KeptText(file.entry(), file.layer(), String.valueOf(JudgedImage.text(file))));
            }

            @Override
            public Stream<NativeArchive> archives() {
                return view.filesWithFacts(ArchiveFacts.KIND).flatMap(file -> JudgedImage.archive(file).stream());
            }

            @Override
            public @Nullable Digest layerOf(String path) {
                return view.find(path).map(ImageFile::layer).orElse(null);
            }

            @Override
            public ElfFiles elfFiles() {
                return elfFiles;
            }

            @Override
            public boolean isWhole() {
                return view.isWhole();
            }

            @Override
            public <T> T conclude(
                    Class<T> type, ImageInputs narrowed, Object given, Conclusion<JudgedImage, T> conclusion) {
                return view.conclude(type, narrowed, List.of(given, fingerprint), new Conclusion<ImageView, T>() {
                    @Override
                    public T draw(ImageView seen) {
                        return conclusion.draw(of(seen, elfFiles.through(seen), fingerprint));
                    }

                    @Override
                    public boolean isLasting(T drawn) {
                        return conclusion.isLasting(drawn) && elfFiles.reasons().isEmpty();
                    }

                    @Override
                    public int bytes(T drawn) {
                        return conclusion.bytes(drawn);
                    }
                });
            }
        };
    }

    private static Optional<NativeArchive> archive(ImageFile file) {
        byte[] facts = file.facts(ArchiveFacts.KIND);
        try {
            return facts == null
                    ? Optional.empty()
                    : Optional.of(new NativeArchive(file.entry(), file.layer(), ArchiveFacts.decode(facts)));
        } catch (IllegalArgumentException e) {
            // The detector of archives has told of it, and the analysis is not complete then.
            return Optional.empty();
        }
    }

    private static @Nullable String text(ImageFile file) {
        byte[] masked = file.facts(Settings.TEXT);
        byte[] text = masked == null ? file.content() : masked;
        return text == null ? null : new String(text, StandardCharsets.ISO_8859_1);
    }
}
