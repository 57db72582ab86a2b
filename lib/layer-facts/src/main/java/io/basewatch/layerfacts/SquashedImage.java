package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Counted;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageInputs;
import io.basewatch.fleetmodel.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The view of layers laid over each other. Order of names and paths is that of their bytes. */
public final class SquashedImage implements ImageView {

    /** Of all layers together. The largest images of the field have half as many paths, which take some 50 MB. */
    static final int MAX_NAMES = 1_000_000;

    /** Facts are looked at in nearly the order in which they lie. */
    private static final int UNPACKED_CHUNKS = 32;

    private static final int MAX_UNREAD_TOLD = 5;
    private static final byte[] UNSEEN = {};

    private final List<LayerFacts> layers;
    private final ImageInputs inputs;
    private final List<FactsKind> kinds;
    private final LayerTree tree;
    private final boolean whole;

    /** Null where it has nothing in common with other images. */
    private final @Nullable Common common;

    /**
     * @param footing what it stands on together with other images
     * @param changes in what it differs from that
     */
    private record Common(Footings footings, Footing footing, Changes changes) {}

    private int @Nullable [] inOrder;

    /** Paths of files that a detector wants by their names and whose content was not kept. */
    private final Set<String> unread = new LinkedHashSet<>();

    private final Map<ChunkKey, byte[]> unpacked = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<ChunkKey, byte[]> eldest) {
            return size() > UNPACKED_CHUNKS;
        }
    };

    /** By hand, as what the JVM makes of a record takes a run that has just begun some milliseconds. */
    private record ChunkKey(int layer, int kind, int chunk) {

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ChunkKey key && layer == key.layer && kind == key.kind && chunk == key.chunk;
        }

        @Override
        public int hashCode() {
            return (31 * layer + kind) * 31 + chunk;
        }
    }

    /**
     * @param kinds for which the layers were read: what they want by its name, and was not kept, is told by {@link #reasons}
     * @param hasAllLayers false when the image has layers of which nothing is known
     */
    public SquashedImage(List<LayerFacts> bottomUp, ImageInputs inputs, List<FactsKind> kinds, boolean hasAllLayers) {
        this(bottomUp, inputs, kinds, hasAllLayers, MAX_NAMES);
    }

    SquashedImage(
            List<LayerFacts> bottomUp, ImageInputs inputs, List<FactsKind> kinds, boolean hasAllLayers, int maxNames) {
        this(laid(new LaidLayers(maxNames), bottomUp), inputs, kinds, hasAllLayers);
    }

    /** As the other one, of layers that are laid already; nothing is laid over them any more. */
    public SquashedImage(LaidLayers laid, ImageInputs inputs, List<FactsKind> kinds, boolean hasAllLayers) {
        this(laid, inputs, kinds, hasAllLayers, null);
    }

    /** @param footings where what images have in common is found and left */
    static SquashedImage on(
            Footings footings,
            List<LayerFacts> bottomUp,
            ImageInputs inputs,
            List<FactsKind> kinds,
            boolean hasAllLayers) {
        Footing found = hasAllLayers ? footings.under(bottomUp) : null;
        if (found == null) {
            return new SquashedImage(bottomUp, inputs, kinds, hasAllLayers);
        }
        Changes changes = new Changes(bottomUp);
        LayerTree tree = found.tree();
        tree.tell(changes);
        int laid = found.layers().size();
        LaidLayers all = laid(new LaidLayers(tree, bottomUp.subList(0, laid)), bottomUp.subList(laid, bottomUp.size()));
        return new SquashedImage(all, inputs, kinds, hasAllLayers, new Common(footings, found, changes));
    }

    private SquashedImage(
            LaidLayers laid, ImageInputs inputs, List<FactsKind> kinds, boolean hasAllLayers, @Nullable Common common) {
        this.layers = laid.layers();
        this.tree = laid.tree();
        this.inputs = inputs;
        this.kinds = List.copyOf(kinds);
        this.common = common;
        this.whole = hasAllLayers && laid.areAllLaid() && layers.stream().allMatch(LayerFacts::isComplete);
    }

    private static LaidLayers laid(LaidLayers under, List<LayerFacts> bottomUp) {
        bottomUp.forEach(under::lay);
        return under;
    }

    /** A view that tells of nothing that was not kept. */
    public static ImageView of(List<LayerFacts> bottomUp, ImageInputs inputs) {
        return new SquashedImage(bottomUp, inputs.kept(), List.of(), true);
    }

    /** What went wrong while the layers were laid, and what was asked for since and had not been kept. */
    public List<Reason> reasons() {
        List<Reason> reasons = new ArrayList<>(tree.reasons());
        if (layers.size() > LayerTree.MAX_LAYERS) {
            reasons.add(new Reason(
                    Reason.Code.LIMIT_EXCEEDED,
                    "the image has " + layers.size() + " layers; those above the limit of " + LayerTree.MAX_LAYERS
                            + " were not laid"));
        }
        synchronized (unread) {
            unread.stream()
                    .limit(MAX_UNREAD_TOLD)
                    .forEach(path -> reasons.add(new Reason(
                            Reason.Code.FILE_INVALID,
                            path + ": is there, but what it holds was not kept when its layer was read, where it may"
                                    + " have another name; what it says is not known")));
            if (unread.size() > MAX_UNREAD_TOLD) {
                reasons.add(new Reason(
                        Reason.Code.FILE_INVALID,
                        "and " + Counted.of(unread.size() - MAX_UNREAD_TOLD, "more file", "more files")
                                + " whose content was not kept"));
            }
        }
        return reasons;
    }

    @Override
    public boolean isWhole() {
        synchronized (unread) {
            return whole && unread.isEmpty();
        }
    }

    /**
     * What follows from what the view shows and what is given, the same as if it were drawn now: where an image on the same layers was looked at before, and nothing of
     * what was looked at then is different in this one, it is what was drawn then.
     *
     * @param given all that it rests on beside the view, whose inputs are taken for {@code narrowed}
     */
    @Override
    public <T> T conclude(Class<T> type, ImageInputs narrowed, Object given, Conclusion<ImageView, T> conclusion) {
        Common with = common;
        if (with == null || !whole || with.changes().isBeyondTelling()) {
            return conclusion.draw(new View(narrowed, null));
        }
        Footing.Question<T> question = new Footing.Question<>(type, kinds, narrowed, given);
        T known = with.footing().known(question, with.changes());
        if (known != null) {
            return known;
        }
        Looked looked = new Looked();
        T drawn = conclusion.draw(new View(narrowed, looked));
        if (!isWhole() || !conclusion.isLasting(drawn)) {
            return drawn;
        }
        if (looked.isTouchedBy(with.changes())) {
            with.footings().isTooLow(with.footing(), layers);
        } else {
            with.footing().keep(question, looked, drawn, conclusion.bytes(drawn));
        }
        return drawn;
    }

    /** The view with other inputs, that says what of it is looked at. */
    private final class View implements ImageView {

        private final ImageInputs narrowed;
        private final @Nullable Looked looked;

        View(ImageInputs narrowed, @Nullable Looked looked) {
            this.narrowed = narrowed;
            this.looked = looked;
        }

        @Override
        public Optional<ImageFile> find(String path) {
            return find(path, true);
        }

        @Override
        public Optional<ImageFile> findNoFollow(String path) {
            return find(path, false);
        }

        private Optional<ImageFile> find(String path, boolean followLast) {
            if (looked == null) {
                return file(tree.find(path, followLast), path);
            }
            int node = tree.find(path, followLast, looked);
            if (node != LayerTree.NONE) {
                looked.reached(tree.pathHash(node));
            }
            return file(node, path);
        }

        @Override
        public Stream<ImageFile> list(String directory) {
            if (looked != null) {
                int node = tree.find(directory, true, looked);
                if (node != LayerTree.NONE) {
                    looked.listed(tree.pathHash(node));
                }
            }
            return SquashedImage.this.list(directory);
        }

        @Override
        public Stream<ImageFile> files() {
            if (looked != null) {
                looked.all();
            }
            return SquashedImage.this.files();
        }

        @Override
        public Stream<ImageFile> filesNamed(FileNames names) {
            if (looked != null) {
                looked.names(names);
            }
            return SquashedImage.this.filesNamed(names);
        }

        @Override
        public Stream<ImageFile> filesWithFacts(String probeKind) {
            if (looked != null) {
                looked.probe(probeKind);
            }
            return SquashedImage.this.filesWithFacts(probeKind);
        }

        @Override
        public Stream<ImageFile> hidden(String path) {
            if (looked != null) {
                int top = tree.find(path, false, looked);
                if (top != LayerTree.NONE) {
                    looked.reached(tree.pathHash(top));
                }
                // A layer that brings something there changes what lies there, or did so before another one took it
                // away.
            }
            return SquashedImage.this.hidden(path);
        }

        @Override
        public ImageInputs inputs() {
            return narrowed;
        }

        @Override
        public boolean isWhole() {
            return SquashedImage.this.isWhole();
        }
    }

    /** Looks through the files that have several names, since their content was kept for what one of these says. */
    public void lookForUnread() {
        walk(tree::isLinked).forEach(file -> {
            if (file instanceof SquashedFile squashed && tree.kindOf(squashed.node) == EntryLog.Kind.FILE) {
                squashed.missContent();
            }
        });
    }

    @Override
    public Optional<ImageFile> find(String path) {
        return file(tree.find(path, true), path);
    }

    @Override
    public Optional<ImageFile> findNoFollow(String path) {
        return file(tree.find(path, false), path);
    }

    @Override
    public Stream<ImageFile> list(String directory) {
        int node = tree.find(directory, true);
        if (node == LayerTree.NONE || !tree.isDirectory(node)) {
            return Stream.empty();
        }
        String asked = directory.isEmpty() ? "" : directory + "/";
        byte[] folder = pathBytes(node, 1);
        boolean isThere = PathBytes.text(folder, 0, folder.length).equals(asked);
        return Arrays.stream(tree.children(node, false)).mapToObj(child -> {
            byte[] name = tree.name(child);
            byte[] whole = Arrays.copyOf(folder, folder.length + name.length);
            System.arraycopy(name, 0, whole, folder.length, name.length);
            String path = PathBytes.text(whole, 0, whole.length);
            return new SquashedFile(child, path, isThere ? path : asked + path.substring(path.lastIndexOf('/') + 1));
        });
    }

    @Override
    public Stream<ImageFile> files() {
        return walk(node -> true);
    }

    @Override
    public Stream<ImageFile> filesNamed(FileNames names) {
        return walk(node -> tree.isNamed(node, names));
    }

    @Override
    public Stream<ImageFile> filesWithFacts(String probeKind) {
        return walk(node -> {
            KindFacts.Piece probed = probed(node, probeKind);
            return probed != null && probed.length() > 0;
        });
    }

    @Override
    public Stream<ImageFile> hidden(String path) {
        byte[] wanted = path.getBytes(StandardCharsets.UTF_8);
        int top = tree.find(path, false);
        List<ImageFile> hidden = new ArrayList<>();
        for (int i = Math.min(layers.size(), LayerTree.MAX_LAYERS) - 1; i >= 0; i--) {
            if (top == LayerTree.NONE || tree.layer(top) != i) {
                hiddenFile(i, path, wanted, true).ifPresent(hidden::add);
            }
        }
        return hidden.stream();
    }

    /**
     * @param wanted where the layer has it, which for a hard link is another path than its own
     * @param follow whether a hard link there is looked at as what it leads to, in this layer or a lower one
     */
    private Optional<ImageFile> hiddenFile(int layer, String path, byte[] wanted, boolean follow) {
        EntryLog.Reader entry = new EntryLog.Reader(layers.get(layer));
        ImageFile found = null;
        byte[] target = null;
        while (entry.next()) {
            if (!Arrays.equals(entry.path, 0, entry.pathLength, wanted, 0, wanted.length)) {
                continue;
            }
            KindFacts.Piece content = content(entry.pieces);
            if (content != null) {
                found = new HiddenFile(
                        layer, new FileEntry(path, FileEntry.Type.FILE, entry.size, entry.mode, null), content);
                target = null;
            } else if (entry.kind == EntryLog.Kind.HARDLINK) {
                target = entry.link;
            }
        }
        for (int lower = layer; follow && target != null && lower >= 0; lower--) {
            Optional<ImageFile> linked = hiddenFile(lower, path, target, false);
            if (linked.isPresent()) {
                return linked;
            }
        }
        return Optional.ofNullable(found);
    }

    @Override
    public ImageInputs inputs() {
        return inputs;
    }

    private Optional<ImageFile> file(int node, String asked) {
        return node == LayerTree.NONE ? Optional.empty() : Optional.of(new SquashedFile(node, path(node), asked));
    }

    private Stream<ImageFile> walk(IntPredicate wanted) {
        return Arrays.stream(inOrder()).filter(wanted).mapToObj(node -> {
            String path = path(node);
            return new SquashedFile(node, path, path);
        });
    }

    /** The path at which a name really lies. */
    private String path(int node) {
        byte[] path = pathBytes(node, 0);
        return PathBytes.text(path, 0, path.length);
    }

    /** @param slashes one behind the path, unless that is empty; or none */
    private byte[] pathBytes(int node, int slashes) {
        Deque<byte[]> components = new ArrayDeque<>();
        int length = 0;
        for (int at = node; at != LayerTree.ROOT; at = tree.parent(at)) {
            byte[] name = tree.name(at);
            components.push(name);
            length += name.length + 1;
        }
        byte[] path = new byte[Math.max(0, length - 1 + slashes)];
        int used = 0;
        for (byte[] name : components) {
            System.arraycopy(name, 0, path, used, name.length);
            used += name.length;
            if (used < path.length) {
                path[used++] = '/';
            }
        }
        return path;
    }

    private KindFacts.@Nullable Piece probed(int node, String probe) {
        for (KindFacts.Piece piece : tree.kept(node)) {
            if (!piece.isContent()
                    && kind(tree.layer(node), piece).probes().get(piece.probe()).equals(probe)) {
                return piece;
            }
        }
        return null;
    }

    /** The longest of what several kinds kept. */
    private static KindFacts.@Nullable Piece content(List<KindFacts.Piece> pieces) {
        KindFacts.Piece longest = null;
        for (KindFacts.Piece piece : pieces) {
            if (piece.isContent() && (longest == null || piece.length() > longest.length())) {
                longest = piece;
            }
        }
        return longest;
    }

    private KindFacts kind(int layer, KindFacts.Piece piece) {
        return layers.get(layer).kinds().get(piece.kind());
    }

    private byte[] read(int layer, KindFacts.Piece piece) {
        return kind(layer, piece)
                .contents()
                .read(piece.offset(), piece.length(), (log, chunk) -> unpack(log, layer, piece.kind(), chunk));
    }

    private byte[] unpack(ChunkLog log, int layer, int kind, int chunk) {
        synchronized (unpacked) {
            return unpacked.computeIfAbsent(new ChunkKey(layer, kind, chunk), key -> log.unpack(chunk));
        }
    }

    /** All names but directories, depth first, in the order of their paths; put in order once for all who ask. */
    private synchronized int[] inOrder() {
        int[] known = inOrder;
        if (known == null) {
            known = new InOrder().nodes();
            inOrder = known;
        }
        return known;
    }

    private final class InOrder {

        private int[] nodes = new int[1024];
        private int count;

        int[] nodes() {
            Deque<int[]> directories = new ArrayDeque<>();
            Deque<Integer> positions = new ArrayDeque<>();
            directories.push(tree.children(LayerTree.ROOT, true));
            positions.push(0);
            while (!directories.isEmpty()) {
                int[] children = directories.peek();
                int position = positions.pop();
                while (position < children.length && !tree.isDirectory(children[position])) {
                    add(children[position++]);
                }
                if (position == children.length) {
                    directories.pop();
                } else {
                    positions.push(position + 1);
                    directories.push(tree.children(children[position], true));
                    positions.push(0);
                }
            }
            return Arrays.copyOf(nodes, count);
        }

        private void add(int node) {
            if (isSpareName(node)) {
                return;
            }
            if (count == nodes.length) {
                nodes = Arrays.copyOf(nodes, count * 2);
            }
            nodes[count++] = node;
        }

        /** Of a file that lies in a place of its own too. */
        private boolean isSpareName(int node) {
            return tree.isLinked(node) && LinkStore.holds(path(node));
        }
    }

    private final class SquashedFile implements ImageFile {

        private final int node;
        private final String path;

        /** By which it was asked for: the name that says what is wanted of it, whatever links lie on the way. */
        private final String asked;

        SquashedFile(int node, String path, String asked) {
            this.node = node;
            this.path = path;
            this.asked = asked.startsWith("/") ? asked.substring(1) : asked;
        }

        @Override
        public FileEntry entry() {
            FileEntry.Type type = switch (tree.kindOf(node)) {
                case DIRECTORY -> FileEntry.Type.DIRECTORY;
                case FILE -> FileEntry.Type.FILE;
                case SYMLINK -> FileEntry.Type.SYMLINK;
                default -> FileEntry.Type.OTHER;
            };
            byte[] target = type == FileEntry.Type.SYMLINK ? tree.linkTarget(node) : null;
            return new FileEntry(
                    path,
                    type,
                    tree.size(node),
                    tree.mode(node),
                    target == null ? null : PathBytes.text(target, 0, target.length));
        }

        @Override
        public @Nullable Digest layer() {
            return layers.get(tree.layer(node)).evidenceName();
        }

        @Override
        public byte @Nullable [] content() {
            KindFacts.Piece kept = SquashedImage.content(tree.kept(node));
            if (kept == null) {
                return missContent() ? new byte[0] : null;
            }
            return read(tree.layer(node), kept);
        }

        /**
         * Notes whatever a detector wants of the file by its name, here or as it was asked for, and was not kept.
         *
         * @return whether it is wanted, and nothing is missing, because the file is empty
         */
        private boolean missContent() {
            if (tree.kindOf(node) != EntryLog.Kind.FILE) {
                return false;
            }
            boolean hasContent = SquashedImage.content(tree.kept(node)) != null;
            boolean isEmptyContent = false;
            for (String name : asked.equals(path) ? List.of(path) : List.of(asked, path)) {
                FileEntry entry = new FileEntry(name, FileEntry.Type.FILE, tree.size(node), tree.mode(node), null);
                for (FactsKind kind : kinds) {
                    Want want = wanted(kind, entry);
                    boolean lacksContent = want.contentBytes() > 0 && !hasContent;
                    boolean lacksFacts = want.probeKind() != null && probed(node, want.probeKind()) == null;
                    isEmptyContent |= lacksContent && entry.size() == 0;
                    if ((lacksContent && entry.size() > 0) || lacksFacts) {
                        synchronized (unread) {
                            unread.add(name);
                        }
                        return false;
                    }
                }
            }
            return isEmptyContent;
        }

        private Want wanted(FactsKind kind, FileEntry entry) {
            try {
                return kind.wants(entry, UNSEEN);
            } catch (RuntimeException e) {
                // It was told when the layer was read.
                return Want.NOTHING;
            }
        }

        @Override
        public boolean isCut() {
            KindFacts.Piece kept = SquashedImage.content(tree.kept(node));
            return kept != null && kept.isCut();
        }

        @Override
        public byte @Nullable [] facts(String probeKind) {
            KindFacts.Piece probed = probed(node, probeKind);
            if (probed == null) {
                missContent();
                return null;
            }
            return probed.length() == 0 ? null : read(tree.layer(node), probed);
        }

        @Override
        public String toString() {
            return path;
        }
    }

    private final class HiddenFile implements ImageFile {

        private final int layer;
        private final FileEntry entry;
        private final KindFacts.Piece kept;

        HiddenFile(int layer, FileEntry entry, KindFacts.Piece kept) {
            this.layer = layer;
            this.entry = entry;
            this.kept = kept;
        }

        @Override
        public FileEntry entry() {
            return entry;
        }

        @Override
        public @Nullable Digest layer() {
            return layers.get(layer).evidenceName();
        }

        @Override
        public byte[] content() {
            return read(layer, kept);
        }

        @Override
        public boolean isCut() {
            return kept.isCut();
        }

        @Override
        public byte @Nullable [] facts(String probeKind) {
            return null;
        }
    }
}
