package io.basewatch.caveats;

import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.loading.LoaderView;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.settings.Settings;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** All that a rule may see of an image, or of what stands for one. */
public interface JudgedImage extends LoaderView {

    Fingerprint fingerprint();

    /** What of them is kept. */
    ImageInputs inputs();

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
            public ElfFiles elfFiles() {
                return elfFiles;
            }

            @Override
            public boolean isWhole() {
                return view.isWhole();
            }
        };
    }

    private static @Nullable String text(ImageFile file) {
        byte[] masked = file.facts(Settings.TEXT);
        byte[] text = masked == null ? file.content() : masked;
        return text == null ? null : new String(text, StandardCharsets.ISO_8859_1);
    }
}
