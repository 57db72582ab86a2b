package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Want;
import java.util.Optional;

/** Knows one package manager's database: where it lies and how it is read. Stateless. */
interface PackageReader {

    Want wants(FileEntry file);

    /** See {@link io.basewatch.layerfacts.Interest#wantsAsTarget}. */
    default Want wantsAsTarget(FileEntry file, byte[] head) {
        return Want.NOTHING;
    }

    /**
     * @param findings takes what is there but broken; the packages themselves are returned
     * @return empty when the image has no such database
     */
    Optional<Database> read(ImageView image, Findings findings);
}
