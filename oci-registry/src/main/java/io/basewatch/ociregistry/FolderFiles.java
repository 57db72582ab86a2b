package io.basewatch.ociregistry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of a folder. Asked for fixed names and names made of digests only, so nothing can lead out of it but a symbolic link of its own, which build tools do make
 * (layouts that share one store of blobs); what it leads to must be a regular file, and is believed only by its digest.
 */
final class FolderFiles implements ImageFiles {

    private final Path folder;

    FolderFiles(Path folder) {
        this.folder = folder;
    }

    @Override
    public Optional<Part> find(String path) throws IOException {
        Path file = folder.resolve(path).normalize();
        if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        long size = Files.size(file);
        return Optional.of(new Part() {
            @Override
            public long size() {
                return size;
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }
        });
    }
}
