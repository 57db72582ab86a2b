package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import java.util.ArrayList;
import java.util.List;

/** What holds for blobs wherever they come from. */
final class Blobs {

    private Blobs() {}

    /** A foreign layer is never fetched: its addresses were not given by the operator, and its registry may not have it. */
    static void requireOwn(Descriptor blob, String prefix) throws RegistryException {
        if (blob.isForeign()) {
            throw RegistryException.permanent(
                    Reason.Code.FOREIGN_LAYER, prefix + "a foreign layer is not fetched from outside the registry");
        }
    }

    /** Looks up how many bytes a blob has. */
    interface Sizes {
        long of(Descriptor blob) throws RegistryException;
    }

    /** The manifest with the sizes that its layers do not tell; of one that cannot be had 0, and whoever opens it is told why. */
    static Manifest sized(Manifest manifest, Sizes sizes) throws RegistryException {
        if (!(manifest instanceof ImageManifest image)
                || image.layers().stream().allMatch(Descriptor::hasSize)) {
            return manifest;
        }
        List<Descriptor> layers = new ArrayList<>();
        for (Descriptor layer : image.layers()) {
            layers.add(layer.hasSize() ? layer : layer.withSize(sizeOrNothing(layer, sizes)));
        }
        return image.withLayers(layers);
    }

    private static long sizeOrNothing(Descriptor layer, Sizes sizes) throws RegistryException {
        try {
            return layer.isForeign() ? 0 : sizes.of(layer);
        } catch (RegistryException e) {
            if (e.isTemporary()) {
                throw e;
            }
            return 0;
        }
    }

    static void requireConfigSize(Descriptor config, String prefix) throws RegistryException {
        if (config.size() > RegistryRepository.MAX_CONFIG_BYTES) {
            throw RegistryException.permanent(
                    Reason.Code.LIMIT_EXCEEDED,
                    prefix + "the config has " + config.size() + " bytes, more than "
                            + RegistryRepository.MAX_CONFIG_BYTES);
        }
    }

    /** A config of verified bytes. */
    static ImageConfig config(byte[] bytes, Descriptor config, String prefix) throws RegistryException {
        if (config.hasSize() && bytes.length != config.size()) {
            throw RegistryException.permanent(
                    Reason.Code.SIZE_MISMATCH,
                    prefix + "the config has " + bytes.length + " bytes, its descriptor says " + config.size());
        }
        Digest actual = Hashing.digest(bytes, config.digest().algorithm());
        if (!actual.equals(config.digest())) {
            throw RegistryException.permanent(
                    Reason.Code.DIGEST_MISMATCH, prefix + "the config's bytes have the digest " + actual);
        }
        try {
            return ConfigParser.parse(bytes);
        } catch (MalformedException e) {
            throw RegistryException.permanent(
                    Reason.Code.CONFIG_INVALID, prefix + "the config is invalid: " + e.getMessage());
        }
    }
}
