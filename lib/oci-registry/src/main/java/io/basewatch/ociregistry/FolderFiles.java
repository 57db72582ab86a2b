package io.basewatch.ociregistry;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Files of a folder. No path leads out of it but by a symbolic link, which build tools do make (layouts that share one store of blobs); what it leads to must be a regular file.
 * Such links are followed only where what they lead to is believed by its digest alone.
 */
final class FolderFiles implements ImageFiles {

    private final Path folder;
    private final boolean linksOut;

    /**
     * @param linksOut whether links may lead out of the folder
     */
    FolderFiles(Path folder, boolean linksOut) {
        this.folder = folder;
        this.linksOut = linksOut;
    }

    @Override
    public Optional<Part> find(String path) throws IOException {
        Path file = folder.resolve(path.replaceFirst("^/+", "")).normalize();
        if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        if (!linksOut && !file.toRealPath().startsWith(folder.toRealPath())) {
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
