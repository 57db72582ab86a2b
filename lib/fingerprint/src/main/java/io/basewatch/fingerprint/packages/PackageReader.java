package io.basewatch.fingerprint.packages;

import io.basewatch.fingerprint.Findings;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.util.Optional;

/** Knows one package manager's database: where it lies and how it is read. Stateless. */
interface PackageReader extends Interest {

    Want wants(FileEntry file);

    /** What a database holds is known by its name alone. */
    @Override
    default Want wants(FileEntry file, byte[] head) {
        return wants(file);
    }

    /**
     * @param findings takes what is there but broken; the packages themselves are returned
     * @return empty when the image has no such database
     */
    Optional<Database> read(ImageView image, Findings findings);
}
