package io.basewatch.caveats;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An image's own files as they would lie on another base: what is its own hides what the base has at the same path, all else is the base's. */
final class Transplanted implements JudgedImage {

    private final JudgedImage image;
    private final Predicate<String> isOwn;
    private final JudgedImage base;
    private final ElfFiles elfFiles = new Union();

    /** @param isOwn by the path at which a file really lies, relative to the root */
    Transplanted(JudgedImage image, Predicate<String> isOwn, JudgedImage base) {
        this.image = image;
        this.isOwn = isOwn;
        this.base = base;
    }

    /** Whether it is the image's own, and where it lies in its root file system. */
    private record Place(boolean isOwn, FileEntry entry) {}

    private Optional<Place> place(String path) {
        FileEntry inImage = image.find(path).orElse(null);
        if (inImage != null && isOwnFile(inImage)) {
            return Optional.of(new Place(true, inImage));
        }
        Optional<Place> behindBasesLinks = behindBasesLinks(path);
        if (behindBasesLinks.isPresent()) {
            return behindBasesLinks;
        }
        return base.find(path)
                // An own link may lead to what both have.
                .or(() -> inImage == null ? Optional.empty() : base.find("/" + inImage.path()))
                .map(entry -> new Place(false, entry))
                .or(() -> Optional.ofNullable(inImage)
                        .filter(entry -> entry.type() == FileEntry.Type.DIRECTORY)
                        .map(entry -> new Place(true, entry)));
    }

    private boolean isOwnFile(FileEntry entry) {
        return entry.type() != FileEntry.Type.DIRECTORY && isOwn.test(entry.path());
    }

    /** An own file under a directory that is a link on the base. */
    private Optional<Place> behindBasesLinks(String path) {
        int name = path.lastIndexOf('/') + 1;
        return base.find(path.substring(0, name))
                .map(directory -> "/" + directory.path() + "/" + path.substring(name))
                .filter(real -> !real.equals(path))
                .flatMap(image::find)
                .filter(this::isOwnFile)
                .map(entry -> new Place(true, entry));
    }

    @Override
    public Optional<FileEntry> find(String path) {
        return place(path).map(Place::entry);
    }

    @Override
    public Stream<FileEntry> list(String directory) {
        Map<String, FileEntry> byName = new TreeMap<>();
        base.list(directory).forEach(entry -> byName.put(entry.name(), entry));
        image.list(directory)
                .filter(entry -> entry.type() == FileEntry.Type.DIRECTORY || isOwn.test(entry.path()))
                .forEach(entry -> byName.put(entry.name(), entry));
        return byName.values().stream();
    }

    @Override
    public Optional<String> text(String path) {
        return place(path)
                .flatMap(place ->
                        (place.isOwn() ? image : base).text("/" + place.entry().path()));
    }

    @Override
    public ElfFiles elfFiles() {
        return elfFiles;
    }

    @Override
    public boolean isWhole() {
        return image.isWhole() && base.isWhole();
    }

    /** That of the base. */
    @Override
    public Fingerprint fingerprint() {
        return base.fingerprint();
    }

    /** How the image is started. */
    @Override
    public ImageInputs inputs() {
        return image.inputs();
    }

    private final class Union implements ElfFiles {
        @Override
        public List<ElfFile> all() {
            List<ElfFile> all = new ArrayList<>();
            for (ElfFile file : base.elfFiles().all()) {
                // What an own file hides is not there.
                if (place("/" + file.path()).filter(place -> !place.isOwn()).isPresent()) {
                    all.add(file);
                }
            }
            image.elfFiles().all().stream()
                    .filter(file -> isOwn.test(file.path()))
                    .forEach(all::add);
            all.sort(Comparator.comparing(ElfFile::path));
            return all;
        }

        @Override
        public Optional<ElfFile> find(String path) {
            return place(path)
                    .flatMap(place -> (place.isOwn() ? image : base)
                            .elfFiles()
                            .find("/" + place.entry().path()));
        }

        @Override
        public Optional<ElfFacts> facts(ElfFile file) {
            return (isOwn.test(file.path())
                                    && image.elfFiles().find("/" + file.path()).equals(Optional.of(file))
                            ? image
                            : base)
                    .elfFiles()
                    .facts(file);
        }

        @Override
        public List<Reason> reasons() {
            List<Reason> reasons = new ArrayList<>(image.elfFiles().reasons());
            reasons.addAll(base.elfFiles().reasons());
            return reasons;
        }
    }
}
