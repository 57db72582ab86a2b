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
     * @param text {@code oci:DIR[:tag]} (an OCI image layout), {@code docker-archive:FILE} (the output of {@code docker save}, may be gzip-compressed), or a registry reference
     *     {@code [registry/]repository[:tag][@digest]}; plain HTTP is spoken only to a reference that begins with {@code http://}
     * @param settings makes a registry's settings of the default ones; not asked for files
     * @throws IllegalArgumentException when the text is none of these
     * @throws RegistryException when the file is missing or is not what it is said to be; a registry is not asked anything yet
     */
    public static Located open(String text, UnaryOperator<RegistrySettings> settings) throws RegistryException {
        if (text.startsWith(LAYOUT)) {
            return openLayout(text.substring(LAYOUT.length()));
        }
        if (text.startsWith(ARCHIVE)) {
            return openArchive(path(text.substring(ARCHIVE.length())));
        }
        boolean plain = text.startsWith(HTTP);
        String bare =
                plain ? text.substring(HTTP.length()) : text.startsWith(HTTPS) ? text.substring(HTTPS.length()) : text;
        ImageReference reference = References.parse(bare);
        URI url = URI.create((plain ? HTTP : HTTPS) + reference.repository().registry());
        Registry registry = Registry.connect(settings.apply(RegistrySettings.of(url)));
        return new Located(registry.repository(reference.repository().name()), reference.manifestName());
    }

    private static Located openLayout(String text) throws RegistryException {
        int colon = text.lastIndexOf(':');
        boolean tagged = colon > text.lastIndexOf('/') && colon > 0 && !Files.isDirectory(path(text));
        Path folder = path(tagged ? text.substring(0, colon) : text);
        if (!Files.isDirectory(folder)) {
            throw missing(LAYOUT + folder, "there is no such folder");
        }
        return OciLayout.open(LAYOUT + folder, new FolderFiles(folder), tagged ? text.substring(colon + 1) : "");
    }

    private static Located openArchive(Path file) throws RegistryException {
        String label = ARCHIVE + file;
        if (!Files.isRegularFile(file)) {
            throw missing(label, "there is no such file");
        }
        try {
            TarFiles files = TarFiles.scan(file);
            return files.find("oci-layout").isPresent()
                            && files.find("index.json").isPresent()
                    ? OciLayout.open(label, files, "")
                    : SavedImages.open(label, files);
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw RegistryException.permanent(
                    Reason.Code.UNSUPPORTED_FORMAT,
                    label + ": not a readable tar archive: " + Printable.text(String.valueOf(e.getMessage())),
                    e);
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
