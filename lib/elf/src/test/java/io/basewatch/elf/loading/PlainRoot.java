package io.basewatch.elf.loading;

import io.basewatch.elf.ElfFacts;
import io.basewatch.elf.ElfFile;
import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.reading.ElfProbe;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.Want;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/** A directory as the root file system that a loader sees; a file is read when it is asked for. */
final class PlainRoot implements LoaderView {

    private static final int MAX_LINKS = 40;

    private final Path root;
    private final ElfFiles elfs = new Elfs();
    private final Map<String, Optional<byte[]>> facts = new HashMap<>();
    private final Map<String, Optional<FileEntry>> entries = new HashMap<>();

    PlainRoot(Path root) {
        this.root = root;
    }

    @Override
    public Optional<FileEntry> find(String path) {
        return entries.computeIfAbsent(path, this::look);
    }

    private Optional<FileEntry> look(String path) {
        List<String> real = resolve(path);
        if (real == null) {
            return Optional.empty();
        }
        String name = String.join("/", real);
        Path file = root.resolve(name);
        try {
            if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                return Optional.of(new FileEntry(name, FileEntry.Type.DIRECTORY, 0, 0755, null));
            }
            return Optional.of(
                    Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                            ? new FileEntry(name, FileEntry.Type.FILE, Files.size(file), 0755, null)
                            : new FileEntry(name, FileEntry.Type.OTHER, 0, 0644, null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Null when it leads nowhere. */
    private List<String> resolve(String path) {
        Deque<String> left = new ArrayDeque<>(Arrays.asList(path.split("/")));
        List<String> real = new ArrayList<>();
        int links = 0;
        while (!left.isEmpty()) {
            String next = left.removeFirst();
            if (next.isEmpty() || next.equals(".")) {
                continue;
            }
            if (next.equals("..")) {
                if (!real.isEmpty()) {
                    real.remove(real.size() - 1);
                }
                continue;
            }
            real.add(next);
            Path file = root.resolve(String.join("/", real));
            if (Files.isSymbolicLink(file)) {
                if (++links > MAX_LINKS) {
                    return null;
                }
                real.remove(real.size() - 1);
                String target;
                try {
                    target = Files.readSymbolicLink(file).toString();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                if (target.startsWith("/")) {
                    real.clear();
                }
                List<String> steps = Arrays.asList(target.split("/"));
                for (int i = steps.size() - 1; i >= 0; i--) {
                    left.addFirst(steps.get(i));
                }
            } else if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)
                    || (!left.isEmpty() && !Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS))) {
                return null;
            }
        }
        return real;
    }

    @Override
    public Stream<FileEntry> list(String directory) {
        TreeSet<String> names = new TreeSet<>();
        Path path = find(directory).map(entry -> root.resolve(entry.path())).orElse(null);
        if (path == null || !Files.isDirectory(path)) {
            return Stream.empty();
        }
        try (DirectoryStream<Path> children = Files.newDirectoryStream(path)) {
            children.forEach(child -> names.add(child.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return names.stream().flatMap(name -> find(directory + "/" + name).stream());
    }

    @Override
    public Optional<String> text(String path) {
        return find(path).filter(entry -> entry.type() == FileEntry.Type.FILE).map(entry -> {
            try {
                return Files.readString(root.resolve(entry.path()), StandardCharsets.ISO_8859_1);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public ElfFiles elfFiles() {
        return elfs;
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    private final class Elfs implements ElfFiles {
        @Override
        public List<ElfFile> all() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Optional<ElfFile> find(String path) {
            return PlainRoot.this
                    .find(path)
                    .filter(entry -> entry.type() == FileEntry.Type.FILE)
                    .flatMap(entry -> read(entry.path())
                            .map(bytes -> new ElfFile(entry.path(), 0755, null, ElfFacts.decodeOutline(bytes))));
        }

        @Override
        public Optional<ElfFacts> facts(ElfFile file) {
            return read(file.path()).map(ElfFacts::decode);
        }

        @Override
        public List<Reason> reasons() {
            return List.of();
        }
    }

    private Optional<byte[]> read(String path) {
        return facts.computeIfAbsent(path, this::probe);
    }

    private Optional<byte[]> probe(String path) {
        Path file = root.resolve(path);
        try (InputStream in = Files.newInputStream(file)) {
            FileEntry entry = new FileEntry(path, FileEntry.Type.FILE, Files.size(file), 0755, null);
            byte[] buffer = new byte[1 << 16];
            int count = in.readNBytes(buffer, 0, buffer.length);
            Want want = ElfProbe.want(entry, Arrays.copyOf(buffer, Math.min(count, 512)));
            if (want.probe() == null) {
                return Optional.empty();
            }
            FileProbe probe = want.probe().get();
            while (count > 0) {
                probe.accept(buffer, 0, count);
                count = in.readNBytes(buffer, 0, buffer.length);
            }
            byte[] read = probe.finish();
            return read.length == 0 ? Optional.empty() : Optional.of(read);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
