package io.basewatch.registrytestkit;

import io.basewatch.fleetmodel.Digest;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Everything in the heap. */
final class MemoryStore implements ContentStore {

    private final Map<Digest, byte[]> blobs = new ConcurrentHashMap<>();
    private final Map<String, Folder> folders = new ConcurrentSkipListMap<>();

    private static final class Folder {
        final Map<Digest, String> manifests = new ConcurrentHashMap<>();
        final Map<String, Digest> tags = new ConcurrentSkipListMap<>();
    }

    @Override
    public Upload newUpload() {
        ByteArrayOutputStream received = new ByteArrayOutputStream();
        return new Upload() {
            @Override
            public OutputStream append() {
                return received;
            }

            @Override
            public long size() {
                return received.size();
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(received.toByteArray());
            }

            @Override
            public void finish(Digest digest) {
                blobs.put(digest, received.toByteArray());
            }

            @Override
            public void drop() {
                received.reset();
            }
        };
    }

    @Override
    public Optional<Blob> blob(Digest digest) {
        byte[] bytes = blobs.get(digest);
        if (bytes == null) {
            return Optional.empty();
        }
        return Optional.of(new Blob() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        });
    }

    @Override
    public void removeBlob(Digest digest) {
        blobs.remove(digest);
    }

    private Folder folder(String repository) {
        return folders.computeIfAbsent(repository, name -> new Folder());
    }

    @Override
    public void putManifest(String repository, Digest digest, String mediaType) {
        folder(repository).manifests.put(digest, mediaType);
    }

    @Override
    public Optional<String> manifestType(String repository, Digest digest) {
        Folder folder = folders.get(repository);
        return folder == null ? Optional.empty() : Optional.ofNullable(folder.manifests.get(digest));
    }

    @Override
    public void removeManifest(String repository, Digest digest) {
        folder(repository).manifests.remove(digest);
        folder(repository).tags.values().removeIf(digest::equals);
    }

    @Override
    public void tag(String repository, String tag, Digest digest) {
        folder(repository).tags.put(tag, digest);
    }

    @Override
    public Optional<Digest> tagged(String repository, String tag) {
        Folder folder = folders.get(repository);
        return folder == null ? Optional.empty() : Optional.ofNullable(folder.tags.get(tag));
    }

    @Override
    public void removeTag(String repository, String tag) {
        folder(repository).tags.remove(tag);
    }

    @Override
    public SortedSet<String> repositories() {
        return new TreeSet<>(folders.keySet());
    }

    @Override
    public SortedSet<String> tags(String repository) {
        Folder folder = folders.get(repository);
        return folder == null ? new TreeSet<>() : new TreeSet<>(folder.tags.keySet());
    }
}
