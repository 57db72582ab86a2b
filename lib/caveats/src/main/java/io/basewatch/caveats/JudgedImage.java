package io.basewatch.caveats;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import java.util.Optional;
import java.util.stream.Stream;

/** All that a rule may see of an image, or of what stands for one. */
public interface JudgedImage {

    Fingerprint fingerprint();

    /** What of them is kept. */
    ImageInputs inputs();

    /**
     * The entry at a path, following links in every component including the last, inside the root.
     *
     * @return empty when there is none, the link dangles or loops
     */
    Optional<FileEntry> find(String path);

    /** The entries of a directory (links followed), in order of their names; empty when it is none. */
    Stream<FileEntry> list(String directory);

    ElfFiles elfFiles();

    /** Whether all of the image was read. Where not, what is not found may be there all the same: nothing that rests on an absence is certain. */
    boolean isWhole();

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
            public ElfFiles elfFiles() {
                return elfFiles;
            }

            @Override
            public boolean isWhole() {
                return view.isWhole();
            }
        };
    }
}
