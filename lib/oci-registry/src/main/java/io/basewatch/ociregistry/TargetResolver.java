package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.ImageTargets.Skipped;
import io.basewatch.ociregistry.ImageTargets.Target;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows one tag to its images. As few manifests as possible are fetched (registries count pulls): an entry whose index names a Linux platform is taken at its word,
 * one without platform is looked at.
 */
final class TargetResolver {

    static final int MAX_DEPTH = 4;
    static final int MAX_IMAGES = 256;
    static final int MAX_FETCHES = 64;

    private static final String ATTESTATION = "vnd.docker.reference.type";

    private final ImageSource source;
    private final boolean sparse;
    private final Set<Digest> met = new HashSet<>();
    private final List<Target> images = new ArrayList<>();
    private final List<Skipped> skipped = new ArrayList<>();
    private int fetches;

    private TargetResolver(ImageSource source, boolean sparse) {
        this.source = source;
        this.sparse = sparse;
    }

    /**
     * @param sparse whether the source may rightly lack what its indexes list (a file holding one platform of many): every entry is then looked at, and a missing one is left out
     */
    static ImageTargets resolve(ImageSource source, String tagOrDigest, boolean sparse) throws RegistryException {
        TargetResolver resolver = new TargetResolver(source, sparse);
        Manifest manifest = source.manifest(tagOrDigest);
        resolver.met.add(manifest.digest());
        resolver.visit(manifest, null, 0);
        return new ImageTargets(manifest.digest(), resolver.images, resolver.skipped);
    }

    private void visit(Manifest manifest, @Nullable Platform promised, int depth) throws RegistryException {
        if (manifest instanceof ArtifactManifest artifact) {
            skipArtifact(artifact.digest(), artifact.artifactType());
        } else if (manifest instanceof ImageManifest image) {
            take(image.digest(), promised != null ? promised : platformOf(image));
        } else if (manifest instanceof IndexManifest index) {
            if (depth >= MAX_DEPTH) {
                skip(index.digest(), Reason.Code.LIMIT_EXCEEDED, "index nested more than " + MAX_DEPTH + " deep");
                return;
            }
            for (String bad : index.passedOver()) {
                skip(null, Reason.Code.MANIFEST_INVALID, "index " + index.digest() + ": " + bad);
            }
            for (Descriptor entry : index.manifests()) {
                if (met.add(entry.digest())) {
                    visitEntry(entry, depth + 1);
                }
            }
        }
    }

    private void visitEntry(Descriptor entry, int depth) throws RegistryException {
        Platform platform = entry.platform();
        String type = entry.artifactType();
        if (entry.annotations().containsKey(ATTESTATION)) {
            skipArtifact(
                    entry.digest(),
                    Printable.text(String.valueOf(entry.annotations().get(ATTESTATION))));
        } else if (type != null && !type.isEmpty() && !MediaTypes.isImageConfig(type)) {
            skipArtifact(entry.digest(), type);
        } else if (MediaTypes.isIndex(entry.mediaType())) {
            fetch(entry, null, depth);
        } else if (MediaTypes.isSchema1(entry.mediaType())) {
            skip(
                    entry.digest(),
                    Reason.Code.MANIFEST_INVALID,
                    "schema 1 is not supported, re-push with a current client");
        } else if (!entry.mediaType().isEmpty() && !MediaTypes.isImageManifest(entry.mediaType())) {
            // Build caches list layers in an index; those are not manifests to fetch.
            skipArtifact(entry.digest(), entry.mediaType());
        } else if (platform != null && isUnknown(platform)) {
            skipArtifact(entry.digest(), "platform " + platform);
        } else if (platform != null && !platform.isLinux()) {
            skipOtherSystem(entry.digest(), platform);
        } else if (platform != null && !sparse) {
            take(entry.digest(), platform);
        } else {
            fetch(entry, platform, depth);
        }
    }

    private void fetch(Descriptor entry, @Nullable Platform promised, int depth) throws RegistryException {
        if (++fetches > MAX_FETCHES) {
            skip(
                    entry.digest(),
                    Reason.Code.LIMIT_EXCEEDED,
                    "more than " + MAX_FETCHES + " entries of one tag must be looked at");
            return;
        }
        Manifest manifest;
        try {
            manifest = source.manifest(entry.digest().toString());
        } catch (RegistryException e) {
            if (e.isTemporary() || e.reason() == Reason.Code.UNAUTHORIZED) {
                throw e;
            }
            boolean left =
                    MediaTypes.isIndex(entry.mediaType()) || (sparse && e.reason() == Reason.Code.MANIFEST_MISSING);
            if (left) {
                skipped.add(new Skipped(entry.digest(), new Reason(e.reason(), String.valueOf(e.getMessage()))));
            } else {
                take(entry.digest(), promised);
            }
            return;
        }
        visit(manifest, promised, depth);
    }

    /** Null as well when the config cannot be read: the analysis of the image will say so. */
    private @Nullable Platform platformOf(ImageManifest image) throws RegistryException {
        try {
            return source.config(image.config()).platform();
        } catch (RegistryException e) {
            if (e.isTemporary() || e.reason() == Reason.Code.UNAUTHORIZED) {
                throw e;
            }
            return null;
        }
    }

    private void take(Digest digest, @Nullable Platform platform) {
        if (platform != null && !platform.isLinux()) {
            skipOtherSystem(digest, platform);
        } else if (images.size() >= MAX_IMAGES) {
            skip(digest, Reason.Code.LIMIT_EXCEEDED, "tag leads to more than " + MAX_IMAGES + " images");
        } else {
            images.add(new Target(digest, platform));
        }
    }

    private static boolean isUnknown(Platform platform) {
        return platform.os().equals("unknown") || platform.architecture().equals("unknown");
    }

    private void skipOtherSystem(Digest digest, Platform platform) {
        skip(digest, Reason.Code.NOT_LINUX, "image for " + platform + ", which is not Linux");
    }

    private void skipArtifact(Digest digest, String what) {
        skipped.add(new Skipped(
                digest,
                new Reason(Reason.Code.NOT_AN_IMAGE, "artifact, not a container image: " + Printable.text(what)),
                ArtifactKind.of(what)));
    }

    private void skip(@Nullable Digest digest, Reason.Code code, String message) {
        skipped.add(new Skipped(digest, new Reason(code, message)));
    }
}
