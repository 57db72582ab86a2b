package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;

/** Opens what people name on a command line. */
public final class ImageSources {

    static final String LAYOUT = "oci:";
    static final String ARCHIVE = "docker-archive:";
    private static final String HTTP = "http://";
    private static final String HTTPS = "https://";

    private ImageSources() {}

    /**
     * An opened source, and the tag or digest in it that was meant.
     *
     * @param name for {@link ImageSource#resolve}; of a file that holds several images and none was named, it leads to all of them
     */
    public record Located(ImageSource source, String name) implements AutoCloseable {

        /** How people name it. */
        public String reference() {
            return source.reference(name);
        }

        @Override
        public void close() throws RegistryException {
            source.close();
        }
    }

    /** As {@link #open(String, UnaryOperator)}, with docker's credentials of the user. */
    public static Located open(String text) throws RegistryException {
        return open(
                text,
                settings -> settings.withDockerConfig(
                        RegistrySettings.dockerConfigOfUser().orElse(null)));
    }

    /**
     * @param text {@code oci:PATH[:tag]} (an OCI image layout), {@code docker-archive:PATH[:tag]} (the output of {@code docker save}), or a registry reference
     *     {@code [registry/]repository[:tag][@digest]}; plain HTTP is spoken only to a reference that begins with {@code http://}. A path is a folder or a tar archive, which
     *     may be compressed with gzip or zstd; in place of a tag there may be {@code @digest}
     * @param settings makes a registry's settings of the default ones; not asked for files
     * @throws IllegalArgumentException when the text is none of these
     * @throws RegistryException when the file is missing or is not what it is said to be; a registry is not asked anything yet
     */
    public static Located open(String text, UnaryOperator<RegistrySettings> settings) throws RegistryException {
        if (text.startsWith(LAYOUT)) {
            return openLayout(text.substring(LAYOUT.length()));
        }
        if (text.startsWith(ARCHIVE)) {
            return openArchive(text.substring(ARCHIVE.length()));
        }
        boolean plain = text.startsWith(HTTP);
        String bare =
                plain ? text.substring(HTTP.length()) : text.startsWith(HTTPS) ? text.substring(HTTPS.length()) : text;
        ImageReference reference = reference(bare);
        URI url = URI.create((plain ? HTTP : HTTPS) + reference.repository().registry());
        Registry registry = Registry.connect(settings.apply(RegistrySettings.of(url)));
        return new Located(registry.repository(reference.repository().name()), reference.manifestName());
    }

    private static ImageReference reference(String text) {
        try {
            return References.parse(text);
        } catch (IllegalArgumentException e) {
            if (text.isEmpty() || text.indexOf('\0') >= 0 || !Files.exists(Path.of(text))) {
                throw e;
            }
            throw new IllegalArgumentException(
                    e.getMessage() + "; the file or folder of that name is read as " + ARCHIVE + text + " or " + LAYOUT
                            + text,
                    e);
        }
    }

    private static Located openLayout(String text) throws RegistryException {
        Place place = Place.of(text);
        String label = LAYOUT + place.path();
        ImageFiles files;
        if (Files.isDirectory(place.path())) {
            files = new FolderFiles(place.path(), true);
        } else if (Files.isRegularFile(place.path())) {
            files = archive(label, place.path(), "oci-layout");
        } else {
            throw missing(label, "there is no such folder or archive");
        }
        try {
            return OciLayout.open(label, files, place.name());
        } catch (RegistryException e) {
            throw has(files, "manifest.json")
                    ? RegistryException.permanent(
                            e.reason(),
                            e.getMessage() + "; it has a manifest.json, which " + ARCHIVE + place.path() + " reads",
                            e)
                    : e;
        }
    }

    private static Located openArchive(String text) throws RegistryException {
        Place place = Place.of(text);
        String label = ARCHIVE + place.path();
        ImageFiles files;
        if (Files.isDirectory(place.path())) {
            files = new FolderFiles(place.path(), false);
            if (!has(files, "manifest.json")) {
                throw missing(label, "there is no such file, but a folder without a manifest.json");
            }
        } else if (Files.isRegularFile(place.path())) {
            files = archive(label, place.path(), "manifest.json");
        } else {
            throw missing(label, "there is no such file");
        }
        boolean layout = has(files, "oci-layout") && has(files, "index.json");
        if (layout && !has(files, "manifest.json")) {
            return OciLayout.open(label, files, place.name());
        }
        if (!has(files, "manifest.json") && has(files, "repositories")) {
            throw RegistryException.permanent(
                    Reason.Code.UNSUPPORTED_FORMAT,
                    label
                            + ": an archive of a docker before 1.10, without manifest.json; docker load it and docker save it again");
        }
        try {
            return SavedImages.open(label, files, place.name());
        } catch (IOException e) {
            RegistryException trouble = e instanceof RegistryException known
                    ? known
                    : FileSource.unreadable(label, Reason.Code.UNSUPPORTED_FORMAT, e);
            return layout ? openLayoutInstead(label, files, place.name(), trouble) : fail(trouble);
        }
    }

    private static Located fail(RegistryException trouble) throws RegistryException {
        throw trouble;
    }

    /** An archive whose manifest.json is no good may be good as the layout that it also is. */
    private static Located openLayoutInstead(String label, ImageFiles files, String name, RegistryException trouble)
            throws RegistryException {
        try {
            return OciLayout.open(label, files, name);
        } catch (RegistryException e) {
            trouble.addSuppressed(e);
            throw trouble;
        }
    }

    /**
     * The files of an archive; those of its one folder when a folder was packed with its name.
     *
     * @param wanted is in that folder
     */
    private static ImageFiles archive(String label, Path file, String wanted) throws RegistryException {
        try {
            TarFiles files = TarFiles.scan(file);
            String top = files.topFolder();
            boolean inside = !top.isEmpty() && files.find(top + "/" + wanted).isPresent();
            return inside ? path -> files.find(top + "/" + path) : files;
        } catch (IOException e) {
            throw RegistryException.permanent(
                    Reason.Code.UNSUPPORTED_FORMAT,
                    label + ": not a readable tar archive: " + Printable.text(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static boolean has(ImageFiles files, String path) {
        try {
            return files.find(path).isPresent();
        } catch (IOException e) {
            // Told by whoever reads it.
            return true;
        }
    }

    /**
     * A path, and the image of it that is meant.
     *
     * @param name empty for all there are
     */
    private record Place(Path path, String name) {

        /** The longest path that is there, up to a colon or an @: both may be part of a path, and of a name. */
        static Place of(String text) {
            for (int end = text.length();
                    end > 0;
                    end = Math.max(text.lastIndexOf(':', end - 1), text.lastIndexOf('@', end - 1))) {
                Path path = ImageSources.path(text.substring(0, end));
                if (Files.exists(path)) {
                    return new Place(path, end == text.length() ? "" : text.substring(end + 1));
                }
            }
            int colon = text.lastIndexOf(':');
            boolean tagged = colon > text.lastIndexOf('/') && colon > 0;
            return new Place(ImageSources.path(tagged ? text.substring(0, colon) : text), "");
        }
    }

    private static RegistryException missing(String label, String why) {
        return RegistryException.permanent(Reason.Code.MANIFEST_MISSING, label + ": " + why);
    }

    private static Path path(String text) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("no path after '" + LAYOUT + "' or '" + ARCHIVE + "'");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("'" + Printable.text(text) + "' is not a path", e);
        }
    }
}
