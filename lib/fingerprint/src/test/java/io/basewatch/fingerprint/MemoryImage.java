package io.basewatch.fingerprint;

import io.basewatch.elf.ElfFiles;
import io.basewatch.elf.ImageElfFiles;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.layerfacts.FactsKind;
import io.basewatch.layerfacts.FileEntry;
import io.basewatch.layerfacts.FileProbe;
import io.basewatch.layerfacts.ImageFile;
import io.basewatch.layerfacts.ImageView;
import io.basewatch.layerfacts.Interest;
import io.basewatch.layerfacts.Want;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A root file system written down in a test: what each kind of facts wants of a file is kept of it, as the layer reader would. */
public final class MemoryImage implements ImageView {

    private static final int MAX_LINKS = 40;

    private final Map<String, Entry> entries = new TreeMap<>();
    private final List<Detector> detectors;
    private ImageInputs inputs = ImageInputs.NONE;

    public MemoryImage(Detector... detectors) {
        this.detectors = List.of(detectors);
    }

    public MemoryImage file(String path, String text) {
        return file(path, text.getBytes(StandardCharsets.UTF_8));
    }

    public MemoryImage file(String path, byte[] bytes) {
        return add(new FileEntry(path, FileEntry.Type.FILE, bytes.length, 0755, null), bytes);
    }

    public MemoryImage link(String path, String target) {
        return add(new FileEntry(path, FileEntry.Type.SYMLINK, 0, 0777, target), new byte[0]);
    }

    public MemoryImage directory(String path) {
        return add(new FileEntry(path, FileEntry.Type.DIRECTORY, 0, 0755, null), new byte[0]);
    }

    public MemoryImage labels(Map<String, String> labels) {
        inputs = new ImageInputs(List.of(), List.of(), List.of(), labels);
        return this;
    }

    private MemoryImage add(FileEntry entry, byte[] bytes) {
        Entry kept = new Entry(entry);
        if (entry.type() == FileEntry.Type.FILE) {
            byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, Interest.HEAD_BYTES));
            for (FactsKind kind : Kinds.all()) {
                kept.keep(kind.wants(entry, head), bytes);
            }
        }
        for (int slash = entry.path().lastIndexOf('/');
                slash > 0;
                slash = entry.path().lastIndexOf('/', slash - 1)) {
            String parent = entry.path().substring(0, slash);
            entries.putIfAbsent(parent, new Entry(new FileEntry(parent, FileEntry.Type.DIRECTORY, 0, 0755, null)));
        }
        entries.put(entry.path(), kept);
        return this;
    }

    /** Runs the detectors in their order. */
    public Findings detect() {
        Findings findings = new Findings();
        ElfFiles elfFiles = new ImageElfFiles(this);
        detectors.forEach(detector -> detector.detect(this, elfFiles, findings));
        return findings;
    }

    @Override
    public Optional<ImageFile> find(String path) {
        return resolve(path, true);
    }

    @Override
    public Optional<ImageFile> findNoFollow(String path) {
        return resolve(path, false);
    }

    private Optional<ImageFile> resolve(String path, boolean followLast) {
        Deque<String> todo = new ArrayDeque<>(List.of(path.split("/")));
        List<String> done = new ArrayList<>();
        int links = 0;
        while (!todo.isEmpty()) {
            String name = todo.pop();
            if (name.equals("..")) {
                if (!done.isEmpty()) {
                    done.remove(done.size() - 1);
                }
            } else if (!name.isEmpty() && !name.equals(".")) {
                done.add(name);
                Entry entry = entries.get(String.join("/", done));
                if (entry == null) {
                    return Optional.empty();
                }
                String target = entry.entry.linkTarget();
                if (target != null && (followLast || !todo.isEmpty())) {
                    if (++links > MAX_LINKS) {
                        return Optional.empty();
                    }
                    done.remove(done.size() - 1);
                    if (target.startsWith("/")) {
                        done.clear();
                    }
                    List<String> parts = Arrays.asList(target.split("/"));
                    for (int i = parts.size() - 1; i >= 0; i--) {
                        todo.push(parts.get(i));
                    }
                }
            }
        }
        return Optional.ofNullable(entries.get(String.join("/", done)));
    }

    @Override
    public Stream<ImageFile> list(String directory) {
        return find(directory).map(found -> found.entry().path() + "/").stream()
                .flatMap(prefix -> entries.values().stream()
                        .filter(entry -> entry.entry.path().startsWith(prefix)
                                && entry.entry.path().indexOf('/', prefix.length()) < 0));
    }

    @Override
    public Stream<ImageFile> files() {
        return entries.values().stream()
                .filter(entry -> entry.entry.type() != FileEntry.Type.DIRECTORY)
                .map(entry -> entry);
    }

    @Override
    public Stream<ImageFile> filesWithFacts(String probeKind) {
        return files().filter(file -> file.facts(probeKind) != null);
    }

    @Override
    public Stream<ImageFile> hidden(String path) {
        return Stream.empty();
    }

    @Override
    public boolean isWhole() {
        return true;
    }

    @Override
    public ImageInputs inputs() {
        return inputs;
    }

    private static final class Entry implements ImageFile {

        private final FileEntry entry;
        private byte[] content;
        private final Map<String, byte[]> facts = new HashMap<>();

        Entry(FileEntry entry) {
            this.entry = entry;
        }

        void keep(Want want, byte[] bytes) {
            if (want.contentBytes() > 0 && (content == null || content.length < want.contentBytes())) {
                content = Arrays.copyOf(bytes, Math.min(bytes.length, want.contentBytes()));
            }
            if (want.probe() != null) {
                FileProbe probe = want.probe().get();
                // In pieces that split what a probe looks for.
                for (int from = 0; from < bytes.length; from += 4093) {
                    probe.accept(bytes, from, Math.min(4093, bytes.length - from));
                }
                facts.put(want.probeKind(), probe.finish());
            }
        }

        @Override
        public FileEntry entry() {
            return entry;
        }

        @Override
        public Digest layer() {
            return null;
        }

        @Override
        public byte[] content() {
            return content;
        }

        @Override
        public boolean isCut() {
            return content != null && content.length < entry.size();
        }

        @Override
        public byte[] facts(String probeKind) {
            return facts.get(probeKind);
        }
    }
}
