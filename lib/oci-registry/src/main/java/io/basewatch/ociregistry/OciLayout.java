package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.io.IOException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** An OCI image layout, in a folder or in a tar archive. Source of the format: OCI image-spec, image-layout.md. */
final class OciLayout {

    /** The tag; in archives of recent dockers also the image's whole name. */
    private static final List<String> NAME_ANNOTATIONS =
            List.of("org.opencontainers.image.ref.name", "io.containerd.image.name");

    private OciLayout() {}

    /**
     * @param name of one image; empty for all there are
     */
    static ImageSources.Located open(String label, ImageFiles files, String name) throws RegistryException {
        try {
            requireVersion(label, files);
            byte[] bytes = FileSource.read(
                    files.find("index.json").orElse(null),
                    RegistryRepository.MAX_MANIFEST_BYTES,
                    label + ": index.json",
                    Reason.Code.MANIFEST_MISSING);
            Digest digest = Hashing.digest(bytes, "sha256");
            if (!(ManifestParser.parse(bytes, digest, MediaTypes.OCI_INDEX) instanceof IndexManifest index)) {
                throw new MalformedException("it lists no manifests");
            }
            Set<String> ambiguous = new HashSet<>();
            Map<String, Digest> names = names(index, ambiguous);
            if (ambiguous.contains(name)) {
                throw RegistryException.permanent(
                        Reason.Code.MANIFEST_INVALID,
                        label + ": index.json names several images '" + Printable.text(name) + "'; give a digest");
            }
            FileSource source =
                    new FileSource(label, files, names, Map.of(digest, bytes), Map.of(), FileSource.Told.NOTHING);
            if (!name.isEmpty()) {
                return new ImageSources.Located(source, name);
            }
            boolean single = index.manifests().size() == 1 && index.passedOver().isEmpty();
            return new ImageSources.Located(
                    source, (single ? index.manifests().get(0).digest() : digest).toString());
        } catch (MalformedException e) {
            throw RegistryException.permanent(
                    Reason.Code.MANIFEST_INVALID, label + ": index.json is invalid: " + e.getMessage());
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw FileSource.unreadable(label, Reason.Code.MANIFEST_MISSING, e);
        }
    }

    private static void requireVersion(String label, ImageFiles files) throws IOException {
        byte[] bytes = FileSource.read(
                files.find("oci-layout").orElse(null),
                64 * 1024,
                label + ": oci-layout (is this an OCI image layout?)",
                Reason.Code.MANIFEST_MISSING);
        String version = "";
        try {
            version = LenientJson.textOr(LenientJson.object(bytes), "imageLayoutVersion", "");
        } catch (MalformedException e) {
            // Has no version then, which is told below.
        }
        if (!version.startsWith("1.")) {
            throw RegistryException.permanent(
                    Reason.Code.UNSUPPORTED_FORMAT,
                    label + ": oci-layout has the version '" + Printable.text(version) + "'; 1.x is understood");
        }
    }

    private static Map<String, Digest> names(IndexManifest index, Set<String> ambiguous) {
        Map<String, Digest> names = new LinkedHashMap<>();
        for (Descriptor entry : index.manifests()) {
            for (String annotation : NAME_ANNOTATIONS) {
                String name = entry.annotations().get(annotation);
                if (name != null && !name.isEmpty()) {
                    Digest other = names.putIfAbsent(name, entry.digest());
                    if (other != null && !other.equals(entry.digest())) {
                        ambiguous.add(name);
                    }
                }
            }
        }
        names.keySet().removeAll(ambiguous);
        return names;
    }
}
