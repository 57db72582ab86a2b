package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The root file system that comes out when layers are laid over each other. Names and inodes are apart, as on disk, so that hard links are just names.
 * All in plain arrays: about 70 bytes a name and 30 a file, because an image may have a million.
 *
 * <p>An entry is laid as container runtimes do: links in its directories are followed inside the root (also into lower layers), missing directories are made,
 * a directory over a directory only changes its mode, everything else replaces what was there. A whiteout and an opaque directory hide what lower layers
 * brought, never what their own layer did, whatever the order (OCI image-spec, layer.md, "Whiteouts").
 */
final class LayerTree {

    /** As Linux: MAXSYMLINKS. */
    private static final int MAX_LINKS = 40;

    /** Far above the 127 that overlayfs and Docker's builders allow. */
    static final int MAX_LAYERS = 10_000;

    /** Files of which something was kept. */
    private static final int MAX_KEPT = 400_000;

    /** Names and link targets. */
    private static final long MAX_TEXT_BYTES = 64L << 20;

    static final int ROOT = 0;
    static final int NONE = -1;

    /** Which name a path leads to, only a walk step by step tells. */
    private static final int UNCLEAR = -2;

    /** Names that exist at one time. */
    private final int maxNames;

    private final List<Reason> reasons = new ArrayList<>();

    // Names: a tree by first child and siblings, and a hash table over (parent, name).
    private int[] parent = new int[64];
    private int[] firstChild = new int[64];
    private int[] nextSibling = new int[64];
    private int[] previousSibling = new int[64];
    private int[] hashNext = new int[64];
    private int[] nameAt = new int[64];
    private int[] inode = new int[64];
    private short[] laidBy = new short[64];
    private int names;
    private int freeName = NONE;
    private int live;
    private int[] buckets = new int[64];

    // Inodes; those of removed names stay, which no honest image has many of.
    private byte[] kind = new byte[64];
    private short[] mode = new short[64];
    private long[] size = new long[64];
    private int[] link = new int[64];
    private short[] layer = new short[64];
    private int[] links = new int[64];
    private List<KindFacts.Piece>[] kept = pieces(64);
    private int inodes;

    /** Names and link targets, each as two bytes of length and the bytes. */
    private byte[] texts = new byte[1024];

    private int textsUsed;

    private short current;
    private int keptFiles;

    /** Unknown to whoever builds an image, so that nobody can make all its names fall into one bucket. */
    private final int hashSeed;

    /** What the layers from now on change; null where nobody asks. */
    private @Nullable Changes changes;

    /** The directory of the entry before is mostly that of the next one. Removing anything may change where a path leads. */
    private byte[] lastPath = {};

    private int lastDirectory = ROOT;

    LayerTree(int maxNames) {
        this.maxNames = maxNames;
        this.hashSeed = ThreadLocalRandom.current().nextInt();
        Arrays.fill(buckets, NONE);
        newName(NONE, addText(new byte[0], 0, 0), newInode(EntryLog.Kind.DIRECTORY, 0755, 0, NONE, List.of()));
    }

    private LayerTree(LayerTree other) {
        maxNames = other.maxNames;
        hashSeed = other.hashSeed;
        reasons.addAll(other.reasons);
        parent = other.parent.clone();
        firstChild = other.firstChild.clone();
        nextSibling = other.nextSibling.clone();
        previousSibling = other.previousSibling.clone();
        hashNext = other.hashNext.clone();
        nameAt = other.nameAt.clone();
        inode = other.inode.clone();
        laidBy = other.laidBy.clone();
        names = other.names;
        freeName = other.freeName;
        live = other.live;
        buckets = other.buckets.clone();
        kind = other.kind.clone();
        mode = other.mode.clone();
        size = other.size.clone();
        link = other.link.clone();
        layer = other.layer.clone();
        links = other.links.clone();
        kept = other.kept.clone();
        inodes = other.inodes;
        texts = other.texts.clone();
        textsUsed = other.textsUsed;
        keptFiles = other.keptFiles;
    }

    /** As it is now. Whatever is laid over one of both, the other does not change. */
    LayerTree copy() {
        return new LayerTree(this);
    }

    /** Of the heap, about. */
    long bytes() {
        return 34L * parent.length + 29L * kind.length + texts.length + 56L * keptFiles;
    }

    /** From now on. */
    void tell(Changes told) {
        changes = told;
    }

    /**
     * Lays one more layer over all.
     *
     * @return false when there was no room for all of it: {@link #reasons} says so, and nothing more should be laid
     */
    boolean lay(LayerFacts facts, int number) {
        current = (short) number;
        makeRoom(facts.entries());
        EntryLog.Reader entry = new EntryLog.Reader(facts);
        try {
            while (entry.next()) {
                lay(entry);
            }
        } catch (Full e) {
            reasons.add(new Reason(
                    Reason.Code.LIMIT_EXCEEDED,
                    "the image's layers have more paths than the limit of " + maxNames + "; layer " + number
                            + " was not laid to its end"));
            return false;
        }
        int store = child(ROOT, LinkStore.AUFS.getBytes(StandardCharsets.UTF_8));
        if (store != NONE) {
            remove(store);
        }
        return true;
    }

    List<Reason> reasons() {
        return reasons;
    }

    private void lay(EntryLog.Reader entry) {
        byte[] path = entry.path;
        int end = entry.pathLength;
        if (entry.kind == EntryLog.Kind.OPAQUE) {
            int directory = walk(path, end, false, true, null);
            if (directory != NONE && isDirectory(directory)) {
                removeLowerChildren(directory);
            }
            return;
        }
        if (end == 0) {
            // The root itself; whatever else claims to be it is no directory and cannot be.
            return;
        }
        int slash = lastSlash(path, end);
        int parentEnd = Math.max(0, slash);
        if (entry.kind == EntryLog.Kind.WHITEOUT) {
            int directory = walk(path, parentEnd, false, true, null);
            int hidden = directory == NONE ? NONE : child(directory, path, slash + 1, end);
            if (hidden != NONE) {
                removeLower(hidden);
            }
            return;
        }
        boolean isSame = lastDirectory != NONE && Arrays.equals(path, 0, parentEnd, lastPath, 0, lastPath.length);
        int directory = isSame ? lastDirectory : walk(path, parentEnd, true, true, null);
        if (!isSame) {
            lastPath = Arrays.copyOf(path, parentEnd);
        }
        lastDirectory = directory;
        if (directory == NONE) {
            note(path, end, "the links in its directories loop");
            return;
        }
        byte[] name = Arrays.copyOfRange(path, slash + 1, end);
        int there = child(directory, name);
        switch (entry.kind) {
            case DIRECTORY -> layDirectory(directory, there, name, entry);
            case HARDLINK -> layHardLink(directory, there, name, entry);
            default -> {
                if (there != NONE) {
                    remove(there);
                }
                int target = entry.kind == EntryLog.Kind.SYMLINK ? addText(entry.link, 0, entry.link.length) : NONE;
                link(directory, name, newInode(entry.kind, entry.mode, entry.size, target, entry.pieces));
            }
        }
    }

    private void layDirectory(int directory, int there, byte[] name, EntryLog.Reader entry) {
        if (there != NONE && isDirectory(there)) {
            mode[inode[there]] = (short) entry.mode;
            layer[inode[there]] = current;
            laidBy[there] = current;
            Changes told = changes;
            if (told != null && !told.isBeyondTelling()) {
                told.touched(pathHash(there), pathHash(directory));
            }
            return;
        }
        if (there != NONE) {
            remove(there);
        }
        link(directory, name, newInode(entry.kind, entry.mode, 0, NONE, List.of()));
    }

    private void layHardLink(int directory, int there, byte[] name, EntryLog.Reader entry) {
        if (changes != null) {
            changes.link();
        }
        byte[] wanted = entry.link;
        int slash = lastSlash(wanted, wanted.length);
        int targetDirectory = walk(wanted, Math.max(0, slash), false, true, null);
        int target = targetDirectory == NONE ? NONE : child(targetDirectory, wanted, slash + 1, wanted.length);
        if (target == NONE || isDirectory(target)) {
            note(
                    entry.path,
                    entry.pathLength,
                    "the hard link leads to " + PathBytes.quoted(wanted)
                            + (target == NONE ? ", which is not there" : ", which is a directory"));
            return;
        }
        int shared = inode[target];
        if (there == target) {
            laidBy[there] = current;
            return;
        }
        if (there != NONE) {
            remove(there);
        }
        link(directory, name, shared);
    }

    private void note(byte[] path, int end, String problem) {
        if (reasons.size() < 10) {
            reasons.add(new Reason(
                    Reason.Code.LAYER_CORRUPT,
                    "layer " + current + ": " + PathBytes.quoted(Arrays.copyOf(path, end)) + " was not laid: "
                            + problem));
        }
    }

    private static int lastSlash(byte[] path, int end) {
        int at = end - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }

    // ---- walking

    /** The name a path leads to, inside the root; NONE when there is none or its links loop. */
    int find(String path, boolean followLast) {
        return find(path, followLast, null);
    }

    /**
     * As {@link #find(String, boolean)}.
     *
     * @param looked is told of everything on the way, of what is not there too, and not that the end was reached; null where nobody asks
     */
    int find(String path, boolean followLast, @Nullable Looked looked) {
        byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
        return walk(bytes, bytes.length, false, followLast, looked);
    }

    /** By which {@link Looked} and {@link Changes} know the path of a name. */
    long pathHash(int node) {
        int depth = 0;
        for (int at = node; at != ROOT; at = parent[at]) {
            depth++;
        }
        int[] way = new int[depth];
        for (int at = node; at != ROOT; at = parent[at]) {
            way[--depth] = at;
        }
        long hash = PathSet.ROOT;
        for (int at : way) {
            int start = nameAt[at] + 2;
            hash = PathSet.child(hash, texts, start, start + textLength(nameAt[at]));
        }
        return hash;
    }

    /**
     * @param end of the path in these bytes
     * @param make makes directories that are missing, and replaces files that stand where one must be
     */
    private int walk(byte[] path, int end, boolean make, boolean followLast, @Nullable Looked looked) {
        int plain = looked == null ? walkPlainly(path, end) : UNCLEAR;
        boolean isClear = plain == NONE
                ? !make
                : plain != UNCLEAR
                        && (make ? isDirectory(plain) : !followLast || kindOf(plain) != EntryLog.Kind.SYMLINK);
        return isClear ? plain : walkAround(Arrays.copyOf(path, end), make, followLast, looked);
    }

    /**
     * As long as there are only directories on the way.
     *
     * @return what is at its end, a link maybe; {@link #UNCLEAR} where something else is on the way
     */
    private int walkPlainly(byte[] path, int end) {
        int at = ROOT;
        int start = 0;
        while (start < end) {
            int slash = start;
            while (slash < end && path[slash] != '/') {
                slash++;
            }
            boolean isName = slash > start && path[start] != '.';
            if (!isName || !isDirectory(at)) {
                return UNCLEAR;
            }
            at = child(at, path, start, slash);
            if (at == NONE) {
                return NONE;
            }
            start = slash + 1;
        }
        return at;
    }

    private int walkAround(byte[] path, boolean make, boolean followLast, @Nullable Looked looked) {
        long hash = PathSet.ROOT;
        Deque<byte[]> ahead = new ArrayDeque<>();
        pushComponents(path, ahead);
        int links = 0;
        int at = ROOT;
        while (!ahead.isEmpty()) {
            byte[] name = ahead.pop();
            if (isParent(name)) {
                at = at == ROOT ? ROOT : parent[at];
                hash = looked == null ? hash : pathHash(at);
                continue;
            }
            if (!isDirectory(at)) {
                if (!make) {
                    return NONE;
                }
                at = replaceByDirectory(at);
            }
            int next = child(at, name);
            long nextHash = hash;
            if (looked != null) {
                nextHash = PathSet.child(hash, name, 0, name.length);
                looked.passed(nextHash);
            }
            if (next == NONE) {
                if (!make) {
                    return NONE;
                }
                next = link(at, name, newInode(EntryLog.Kind.DIRECTORY, 0755, 0, NONE, List.of()));
            }
            if (kindOf(next) == EntryLog.Kind.SYMLINK && (followLast || !ahead.isEmpty())) {
                if (++links > MAX_LINKS) {
                    return NONE;
                }
                byte[] target = linkTarget(next);
                if (target.length > 0 && target[0] == '/') {
                    at = ROOT;
                    hash = PathSet.ROOT;
                }
                pushComponents(target, ahead);
                continue;
            }
            at = next;
            hash = nextHash;
        }
        return make && !isDirectory(at) ? replaceByDirectory(at) : at;
    }

    private int replaceByDirectory(int node) {
        int directory = parent[node];
        byte[] name = name(node);
        remove(node);
        return link(directory, name, newInode(EntryLog.Kind.DIRECTORY, 0755, 0, NONE, List.of()));
    }

    private static void pushComponents(byte[] path, Deque<byte[]> ahead) {
        int end = path.length;
        while (end > 0) {
            int start = end;
            while (start > 0 && path[start - 1] != '/') {
                start--;
            }
            int length = end - start;
            if (length > 0 && !(length == 1 && path[start] == '.')) {
                ahead.push(Arrays.copyOfRange(path, start, end));
            }
            end = start - 1;
        }
    }

    private static boolean isParent(byte[] name) {
        return name.length == 2 && name[0] == '.' && name[1] == '.';
    }

    // ---- names

    int child(int directory, byte[] name) {
        return child(directory, name, 0, name.length);
    }

    private int child(int directory, byte[] bytes, int from, int to) {
        int candidate = buckets[hash(directory, bytes, from, to) & (buckets.length - 1)];
        while (candidate != NONE) {
            if (parent[candidate] == directory && isText(nameAt[candidate], bytes, from, to)) {
                return candidate;
            }
            candidate = hashNext[candidate];
        }
        return NONE;
    }

    /**
     * The names in a directory, in the order of their bytes.
     *
     * @param asPaths in the order of the whole paths of what lies there: "a/" and all in it comes after "a-b"
     */
    int[] children(int directory, boolean asPaths) {
        int count = 0;
        for (int child = firstChild[directory]; child != NONE; child = nextSibling[child]) {
            count++;
        }
        int[] children = new int[count];
        // New names are linked in front: taken from behind they are nearly sorted.
        for (int child = firstChild[directory]; child != NONE; child = nextSibling[child]) {
            children[--count] = child;
        }
        StableSort.sort(children, (a, b) -> compareNames(a, b, asPaths));
        return children;
    }

    private int compareNames(int a, int b, boolean asPaths) {
        int startA = nameAt[a] + 2;
        int startB = nameAt[b] + 2;
        int lengthA = textLength(nameAt[a]);
        int lengthB = textLength(nameAt[b]);
        int mismatch = Arrays.mismatch(texts, startA, startA + lengthA, texts, startB, startB + lengthB);
        return Integer.compare(
                byteOrEnd(a, startA, lengthA, mismatch, asPaths), byteOrEnd(b, startB, lengthB, mismatch, asPaths));
    }

    private int byteOrEnd(int node, int start, int length, int index, boolean asPaths) {
        if (index >= 0 && index < length) {
            return texts[start + index] & 0xff;
        }
        return asPaths && isDirectory(node) ? '/' : -1;
    }

    int parent(int node) {
        return parent[node];
    }

    byte[] name(int node) {
        return text(nameAt[node]);
    }

    boolean isNamed(int node, FileNames names) {
        int start = nameAt[node] + 2;
        return names.hold(texts, start, start + textLength(nameAt[node]));
    }

    private int link(int directory, byte[] name, int ofInode) {
        int node = newName(directory, addText(name, 0, name.length), ofInode);
        nextSibling[node] = firstChild[directory];
        previousSibling[node] = NONE;
        if (firstChild[directory] != NONE) {
            previousSibling[firstChild[directory]] = node;
        }
        firstChild[directory] = node;
        int bucket = hash(directory, name, 0, name.length) & (buckets.length - 1);
        hashNext[node] = buckets[bucket];
        buckets[bucket] = node;
        tellChange(node, name);
        return node;
    }

    /** A name that came just now, or goes. */
    private void tellChange(int node, byte[] name) {
        Changes told = changes;
        if (told != null && !told.isBeyondTelling()) {
            told.changed(pathHash(node), pathHash(parent[node]), name, layer(node), kept(node));
        }
    }

    private int newName(int directory, int text, int ofInode) {
        if (live >= maxNames) {
            throw new Full();
        }
        int node = freeName;
        if (node != NONE) {
            freeName = nextSibling[node];
        } else {
            node = names++;
            if (node == parent.length) {
                growNames(2 * parent.length, node);
            }
        }
        live++;
        parent[node] = directory;
        firstChild[node] = NONE;
        nextSibling[node] = NONE;
        previousSibling[node] = NONE;
        hashNext[node] = NONE;
        nameAt[node] = text;
        inode[node] = ofInode;
        links[ofInode]++;
        laidBy[node] = current;
        return node;
    }

    /** For a layer that has most of the names: growing step by step finds a place for each of them again and again. */
    private void makeRoom(int entries) {
        long wanted = entries <= names ? 0 : Math.min(maxNames, names + (long) entries);
        int larger = parent.length;
        while (larger < wanted) {
            larger *= 2;
        }
        if (larger > parent.length) {
            growNames(larger, names);
        }
    }

    /** @param linked names below it are in a bucket */
    private void growNames(int larger, int linked) {
        parent = Arrays.copyOf(parent, larger);
        firstChild = Arrays.copyOf(firstChild, larger);
        nextSibling = Arrays.copyOf(nextSibling, larger);
        previousSibling = Arrays.copyOf(previousSibling, larger);
        hashNext = Arrays.copyOf(hashNext, larger);
        nameAt = Arrays.copyOf(nameAt, larger);
        inode = Arrays.copyOf(inode, larger);
        laidBy = Arrays.copyOf(laidBy, larger);
        buckets = new int[larger];
        Arrays.fill(buckets, NONE);
        for (int node = 1; node < linked; node++) {
            if (parent[node] != NONE) {
                int bucket = hash(node) & (larger - 1);
                hashNext[node] = buckets[bucket];
                buckets[bucket] = node;
            }
        }
    }

    /** With everything below. Not recursive: a hostile tree is deep. */
    private void remove(int node) {
        int at = node;
        while (true) {
            while (firstChild[at] != NONE) {
                at = firstChild[at];
            }
            int up = parent[at];
            removeLeaf(at);
            if (at == node) {
                return;
            }
            at = up;
        }
    }

    private void removeLeaf(int node) {
        lastDirectory = NONE;
        int directory = parent[node];
        if (changes != null && isLinked(node)) {
            changes.link();
        }
        tellChange(node, name(node));
        if (previousSibling[node] != NONE) {
            nextSibling[previousSibling[node]] = nextSibling[node];
        } else {
            firstChild[directory] = nextSibling[node];
        }
        if (nextSibling[node] != NONE) {
            previousSibling[nextSibling[node]] = previousSibling[node];
        }
        int bucket = hash(node) & (buckets.length - 1);
        if (buckets[bucket] == node) {
            buckets[bucket] = hashNext[node];
        } else {
            int before = buckets[bucket];
            while (hashNext[before] != node) {
                before = hashNext[before];
            }
            hashNext[before] = hashNext[node];
        }
        links[inode[node]]--;
        parent[node] = NONE;
        nextSibling[node] = freeName;
        freeName = node;
        live--;
    }

    private void removeLowerChildren(int directory) {
        int child = firstChild[directory];
        while (child != NONE) {
            int next = nextSibling[child];
            removeLower(child);
            child = next;
        }
    }

    /** What lower layers brought, here and below; a directory stays when the current layer brought something in it. */
    private void removeLower(int top) {
        int at = top;
        boolean descending = true;
        while (true) {
            if (descending && firstChild[at] != NONE) {
                at = firstChild[at];
                continue;
            }
            int next = nextSibling[at];
            int up = parent[at];
            boolean done = at == top;
            if (laidBy[at] != current && firstChild[at] == NONE) {
                removeLeaf(at);
            }
            if (done) {
                return;
            }
            descending = next != NONE;
            at = next != NONE ? next : up;
        }
    }

    /** Of a name that is there. */
    private int hash(int node) {
        int start = nameAt[node] + 2;
        return hash(parent[node], texts, start, start + textLength(nameAt[node]));
    }

    private int hash(int directory, byte[] bytes, int from, int to) {
        int hash = hashSeed ^ (directory * 0x9e3779b9);
        for (int i = from; i < to; i++) {
            hash = (hash ^ bytes[i]) * 0x01000193;
            hash ^= hash >>> 15;
        }
        hash *= 0x85ebca6b;
        return hash ^ (hash >>> 13);
    }

    // ---- inodes

    EntryLog.Kind kindOf(int node) {
        return EntryLog.Kind.of(kind[inode[node]]);
    }

    boolean isDirectory(int node) {
        return kindOf(node) == EntryLog.Kind.DIRECTORY;
    }

    int mode(int node) {
        return mode[inode[node]];
    }

    long size(int node) {
        return size[inode[node]];
    }

    byte[] linkTarget(int node) {
        return text(link[inode[node]]);
    }

    /** Number of the layer in which the content lies, which for a hard link may be a lower one. */
    int layer(int node) {
        return layer[inode[node]];
    }

    /** Whether the file has other names beside this one. */
    boolean isLinked(int node) {
        return links[inode[node]] > 1;
    }

    List<KindFacts.Piece> kept(int node) {
        return kept[inode[node]];
    }

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static List<KindFacts.Piece>[] pieces(int length) {
        return (List<KindFacts.Piece>[]) new List[length];
    }

    private int newInode(EntryLog.Kind ofKind, int withMode, long withSize, int target, List<KindFacts.Piece> keeping) {
        if (inodes == kind.length) {
            int larger = inodes * 2;
            kind = Arrays.copyOf(kind, larger);
            mode = Arrays.copyOf(mode, larger);
            size = Arrays.copyOf(size, larger);
            link = Arrays.copyOf(link, larger);
            layer = Arrays.copyOf(layer, larger);
            links = Arrays.copyOf(links, larger);
            kept = Arrays.copyOf(kept, larger);
        }
        if (inodes >= maxNames + maxNames / 4 || (!keeping.isEmpty() && ++keptFiles > MAX_KEPT)) {
            throw new Full();
        }
        kind[inodes] = (byte) ofKind.code();
        mode[inodes] = (short) withMode;
        size[inodes] = withSize;
        link[inodes] = target;
        layer[inodes] = current;
        kept[inodes] = keeping;
        return inodes++;
    }

    // ---- texts

    private int addText(byte[] source, int offset, int length) {
        if (textsUsed + 2L + length > texts.length) {
            long larger = Math.max(texts.length * 2L, textsUsed + 2L + length);
            if (larger > MAX_TEXT_BYTES) {
                throw new Full();
            }
            texts = Arrays.copyOf(texts, (int) larger);
        }
        int at = textsUsed;
        texts[at] = (byte) (length >> 8);
        texts[at + 1] = (byte) length;
        System.arraycopy(source, offset, texts, at + 2, length);
        textsUsed += 2 + length;
        return at;
    }

    private byte[] text(int at) {
        int length = textLength(at);
        return Arrays.copyOfRange(texts, at + 2, at + 2 + length);
    }

    private int textLength(int at) {
        return (texts[at] & 0xff) << 8 | (texts[at + 1] & 0xff);
    }

    private boolean isText(int at, byte[] bytes, int from, int to) {
        int start = at + 2;
        return Arrays.equals(texts, start, start + textLength(at), bytes, from, to);
    }

    /** No room for more names. */
    private static final class Full extends RuntimeException {
        Full() {
            super(null, null, false, false);
        }
    }
}
