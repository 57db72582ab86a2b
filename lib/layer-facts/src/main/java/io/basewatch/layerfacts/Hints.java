package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By what a file shows that somebody may want something of it: its name, the name of its folder, its first bytes. Those of all who are asked about a layer are held against each file
 * together, so that one which concerns nobody, as nearly all do, is told from the others at a fraction of what asking everybody takes. Texts are ASCII. Immutable.
 */
public final class Hints {

    /** Of whoever is asked about every file. */
    public static final Hints ALL = new Hints(true, List.of(), List.of(), List.of(), List.of(), List.of(), false);

    public static final Hints NONE = new Hints(false, List.of(), List.of(), List.of(), List.of(), List.of(), false);

    private final boolean areAll;
    private final List<String> names;
    private final List<String> folders;
    private final List<String> parts;
    private final List<Begin> begins;
    private final List<Line> lines;
    private final boolean areStored;

    private record Begin(int at, String text) {}

    private record Line(String text, long maxSize) {}

    private Hints(
            boolean areAll,
            List<String> names,
            List<String> folders,
            List<String> parts,
            List<Begin> begins,
            List<Line> lines,
            boolean areStored) {
        this.areAll = areAll;
        this.names = names;
        this.folders = folders;
        this.parts = parts;
        this.begins = begins;
        this.lines = lines;
        this.areStored = areStored;
    }

    /**
     * Files with such a name.
     *
     * @param patterns as for {@link FileNames#of}
     */
    public Hints named(String... patterns) {
        return new Hints(areAll, both(names, List.of(patterns)), folders, parts, begins, lines, areStored);
    }

    /** Files with the name of one of these paths. */
    public Hints namedLike(Iterable<String> paths) {
        Hints hints = this;
        for (String path : paths) {
            hints = hints.named(path.substring(path.lastIndexOf('/') + 1));
        }
        return hints;
    }

    /** Files that have this somewhere in their name. */
    public Hints namedWith(String part) {
        return new Hints(areAll, names, folders, both(parts, List.of(part)), begins, lines, areStored);
    }

    /**
     * Files that lie in a folder with such a name.
     *
     * @param patterns as for {@link FileNames#of}
     */
    public Hints in(String... patterns) {
        return new Hints(areAll, names, both(folders, List.of(patterns)), parts, begins, lines, areStored);
    }

    /** Files that begin with one of these. */
    public Hints beginning(String... texts) {
        return new Hints(
                areAll,
                names,
                folders,
                parts,
                both(begins, Stream.of(texts).map(text -> new Begin(0, text)).toList()),
                lines,
                areStored);
    }

    /** Files that have this at a place of their first {@value Interest#HEAD_BYTES} bytes. */
    public Hints having(int at, String text) {
        return new Hints(areAll, names, folders, parts, both(begins, List.of(new Begin(at, text))), lines, areStored);
    }

    /** Texts of at most so many bytes, among whose first {@value Interest#HEAD_BYTES} a line begins with this; but for those that are told as dull by their name, see {@link Interest#wantsAsTarget}. */
    public Hints havingLine(String text, long maxSize) {
        return new Hints(
                areAll, names, folders, parts, begins, both(lines, List.of(new Line(text, maxSize))), areStored);
    }

    /** Files in a {@link LinkStore}. */
    public Hints stored() {
        return new Hints(areAll, names, folders, parts, begins, lines, true);
    }

    /** Whether they tell of every file. */
    public boolean areAll() {
        return areAll;
    }

    Hints or(Hints others) {
        return new Hints(
                areAll || others.areAll,
                both(names, others.names),
                both(folders, others.folders),
                both(parts, others.parts),
                both(begins, others.begins),
                both(lines, others.lines),
                areStored || others.areStored);
    }

    private static <T> List<T> both(List<T> one, List<T> other) {
        return Stream.concat(one.stream(), other.stream()).toList();
    }

    /** Those of several kinds, as they are held against files. Threads may share it. */
    static final class Together {

        /** What somebody asks for next is mostly what was asked for last. */
        private static volatile @Nullable Together last;

        private static final int EXECUTABLE = 0111;

        /** Which tell nearly every file that is no text, before all of its first bytes are looked through for a line. */
        private static final int PROBED_BYTES = 16;

        private final List<FactsKind> kinds;
        private final Hints hints;
        private final FileNames names;
        private final FileNames folders;

        /** By their first byte; ASCII. */
        private final String[] @Nullable [] begins = new String[128][];

        private final List<Begin> inside = new ArrayList<>();

        private Together(List<FactsKind> kinds) {
            Hints all = NONE;
            for (FactsKind kind : kinds) {
                all = all.or(kind.hints());
            }
            this.kinds = kinds;
            this.hints = all;
            this.names = FileNames.of(all.names.toArray(String[]::new));
            this.folders = FileNames.of(all.folders.toArray(String[]::new));
            for (Begin begin : all.begins) {
                if (begin.at > 0) {
                    inside.add(begin);
                    continue;
                }
                int first = begin.text.charAt(0);
                String[] there = begins[first];
                begins[first] = Stream.concat(there == null ? Stream.of() : Stream.of(there), Stream.of(begin.text))
                        .toArray(String[]::new);
            }
        }

        static Together of(List<FactsKind> kinds) {
            Together known = last;
            if (known == null || !known.kinds.equals(kinds)) {
                known = new Together(List.copyOf(kinds));
                last = known;
            }
            return known;
        }

        /**
         * Whether a regular file may concern anybody.
         *
         * @param path normalised
         * @param head as for {@link Interest#wants}
         */
        boolean mayConcern(byte[] path, int mode, long size, byte[] head) {
            int name = afterSlash(path, path.length);
            return hints.areAll()
                    || names.hold(path, name, path.length)
                    || begins(head)
                    || (name > 0 && folders.hold(path, afterSlash(path, name - 1), name - 1))
                    || hasPart(path, name)
                    || (hints.areStored && isStored(path))
                    || (hasLine(size, head) && !isDull(path, mode));
        }

        private static int afterSlash(byte[] path, int end) {
            int at = end;
            while (at > 0 && path[at - 1] != '/') {
                at--;
            }
            return at;
        }

        private boolean begins(byte[] head) {
            if (head.length == 0) {
                return false;
            }
            String[] texts = head[0] < 0 ? null : begins[head[0]];
            if (texts != null) {
                for (String text : texts) {
                    if (FirstBytes.startWith(head, text)) {
                        return true;
                    }
                }
            }
            for (Begin begin : inside) {
                if (FirstBytes.have(head, begin.at, begin.text)) {
                    return true;
                }
            }
            return false;
        }

        private boolean hasPart(byte[] path, int name) {
            for (String part : hints.parts) {
                for (int at = name; at <= path.length - part.length(); at++) {
                    if (FirstBytes.have(path, at, part)) {
                        return true;
                    }
                }
            }
            return false;
        }

        /** Told by the first byte and the last one of nearly all paths. */
        private static boolean isStored(byte[] path) {
            return path.length > 0
                    && (path[0] == '.' || path[0] == 'n' || path[0] == 'g' || path[path.length - 1] == 'e')
                    && LinkStore.holds(PathBytes.text(path, 0, path.length));
        }

        private boolean hasLine(long size, byte[] head) {
            for (Line line : hints.lines) {
                if (size <= line.maxSize && beginsAsText(head) && FirstBytes.haveLine(head, line.text)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean beginsAsText(byte[] head) {
            for (int at = 0; at < Math.min(PROBED_BYTES, head.length); at++) {
                if (!FirstBytes.isText(head[at])) {
                    return false;
                }
            }
            return true;
        }

        private static boolean isDull(byte[] path, int mode) {
            return (mode & EXECUTABLE) == 0 && DullFiles.isNamedSo(PathBytes.text(path, 0, path.length));
        }
    }
}
