package io.basewatch.registrytestkit;

import io.basewatch.fleetmodel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * Everything in a folder: {@code blobs/ALGORITHM/HEX}, {@code repositories/NAME/manifests/ALGORITHM.HEX} holding the media type and {@code repositories/NAME/tags/TAG} holding the digest,
 * where the slashes of NAME are {@code +}. A blob appears under its name only when it is whole.
 */
final class DirectoryStore implements ContentStore {

    private final Path blobs;
    private final Path uploads;
    private final Path repositories;

    DirectoryStore(Path folder) throws IOException {
        this.blobs = folder.resolve("blobs");
        this.uploads = folder.resolve("uploads");
        this.repositories = Files.createDirectories(folder.resolve("repositories"));
        Files.createDirectories(blobs);
        Files.createDirectories(uploads);
        // What an earlier process did not finish.
        try (Stream<Path> unfinished = Files.list(uploads)) {
            for (Path file : (Iterable<Path>) unfinished::iterator) {
                Files.deleteIfExists(file);
            }
        }
    }

    private Path blobFile(Digest digest) {
        return blobs.resolve(digest.algorithm()).resolve(digest.hex());
    }

    private Path manifests(String repository) {
        return repositories.resolve(repository.replace('/', '+')).resolve("manifests");
    }

    private Path tagsOf(String repository) {
        return repositories.resolve(repository.replace('/', '+')).resolve("tags");
    }

    private static String fileName(Digest digest) {
        return digest.algorithm() + "." + digest.hex();
    }

    @Override
    public Upload newUpload() throws IOException {
        Path file = Files.createFile(uploads.resolve(UUID.randomUUID().toString()));
        return new Upload() {
            @Override
            public OutputStream append() throws IOException {
                return Files.newOutputStream(file, StandardOpenOption.APPEND);
            }

            @Override
            public long size() throws IOException {
                return Files.size(file);
            }

            @Override
            public InputStream open() throws IOException {
                return Files.newInputStream(file);
            }

            @Override
            public void finish(Digest digest) throws IOException {
                Path target = blobFile(digest);
                Files.createDirectories(target.getParent());
                Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
            }

            @Override
            public void drop() throws IOException {
                Files.deleteIfExists(file);
            }
        };
    }

    @Override
    public Optional<Blob> blob(Digest digest) throws IOException {
        Path file = blobFile(digest);
        if (!Files.isRegularFile(file)) {
            return Optional.empty();
        }
        long size = Files.size(file);
        return Optional.of(new Blob() {
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

    @Override
    public void removeBlob(Digest digest) throws IOException {
        Files.deleteIfExists(blobFile(digest));
    }

    @Override
    public void putManifest(String repository, Digest digest, String mediaType) throws IOException {
        write(manifests(repository), fileName(digest), mediaType);
    }

    @Override
    public Optional<String> manifestType(String repository, Digest digest) throws IOException {
        return read(manifests(repository).resolve(fileName(digest)));
    }

    @Override
    public void removeManifest(String repository, Digest digest) throws IOException {
        Files.deleteIfExists(manifests(repository).resolve(fileName(digest)));
        for (String tag : tags(repository)) {
            if (tagged(repository, tag).filter(digest::equals).isPresent()) {
                removeTag(repository, tag);
            }
        }
    }

    @Override
    public void tag(String repository, String tag, Digest digest) throws IOException {
        write(tagsOf(repository), tag, digest.toString());
    }

    @Override
    public Optional<Digest> tagged(String repository, String tag) throws IOException {
        return read(tagsOf(repository).resolve(tag)).map(Digest::parse);
    }

    @Override
    public void removeTag(String repository, String tag) throws IOException {
        Files.deleteIfExists(tagsOf(repository).resolve(tag));
    }

    @Override
    public SortedSet<String> repositories() throws IOException {
        SortedSet<String> names = new TreeSet<>();
        list(repositories).forEach(name -> names.add(name.replace('+', '/')));
        return names;
    }

    @Override
    public SortedSet<String> tags(String repository) throws IOException {
        return list(tagsOf(repository));
    }

    private static SortedSet<String> list(Path folder) throws IOException {
        SortedSet<String> names = new TreeSet<>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> files = Files.list(folder)) {
                files.forEach(file -> names.add(String.valueOf(file.getFileName())));
            }
        }
        return names;
    }

    /** Readers see the old text or the new one, never half of it. */
    private void write(Path folder, String name, String text) throws IOException {
        Files.createDirectories(folder);
        Path part = uploads.resolve(UUID.randomUUID().toString());
        Files.writeString(part, text);
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Optional<String> read(Path file) throws IOException {
        try {
            return Optional.of(Files.readString(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
