package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * By what a file shows that somebody may want something of it: its name, the name of its folder, its first bytes. Those of all who are asked about a layer are held against each file
 * together, so that one which concerns nobody, as nearly all do, is told from the others at a fraction of what asking everybody takes. Texts are ASCII. Immutable.
 */
public final class Hints {

    /** Of whoever is asked about every file. */
    public static final Hints ALL = new Hints(List.of(new Hint(Shows.ANY, "", 0)));

    public static final Hints NONE = new Hints(List.of());

    private enum Shows {
        ANY,
        NAME,
        PART_OF_NAME,
        FOLDER,
        BYTES,
        LINE,
        LINK_STORE
    }

    /** @param number of bytes: the place of {@link Shows#BYTES}, the longest file that a {@link Shows#LINE} is looked for in; else 0 */
    private record Hint(Shows shows, String text, long number) {}

    private final List<Hint> hints;

    private Hints(List<Hint> hints) {
        this.hints = hints;
    }

    private Hints and(Shows shows, long number, Stream<String> texts) {
        return or(new Hints(texts.map(text -> new Hint(shows, text, number)).toList()));
    }

    /**
     * Files with such a name.
     *
     * @param patterns as for {@link FileNames#of}
     */
    public Hints named(String... patterns) {
        return and(Shows.NAME, 0, Stream.of(patterns));
    }

    public Hints named(FileNames names) {
        return and(Shows.NAME, 0, names.patterns().stream());
    }

    /** Files with the name of one of these paths. */
    public Hints namedLike(Collection<String> paths) {
        return and(Shows.NAME, 0, paths.stream().map(Hints::lastName));
    }

    /** Files that have this somewhere in their name. */
    public Hints namedWith(String part) {
        return and(Shows.PART_OF_NAME, 0, Stream.of(part));
    }

    /**
     * Files that lie in a folder with such a name.
     *
     * @param patterns as for {@link FileNames#of}
     */
    public Hints in(String... patterns) {
        return and(Shows.FOLDER, 0, Stream.of(patterns));
    }

    /** Files that lie in a folder with the name of one of these paths. */
    public Hints inLike(Collection<String> paths) {
        return and(Shows.FOLDER, 0, paths.stream().map(Hints::lastName));
    }

    private static String lastName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Files that begin with one of these. */
    public Hints beginning(String... texts) {
        return and(Shows.BYTES, 0, Stream.of(texts));
    }

    /** Files that have this at a place of their first {@value Interest#HEAD_BYTES} bytes. */
    public Hints having(int at, String text) {
        return and(Shows.BYTES, at, Stream.of(text));
    }

    /** Texts of at most so many bytes, among whose first {@value Interest#HEAD_BYTES} a line begins with this; but for those that are told as dull by their name, see {@link Interest#wantsAsTarget}. */
    public Hints havingLine(String text, long maxSize) {
        return and(Shows.LINE, maxSize, Stream.of(text));
    }

    /** Files in a {@link LinkStore}. */
    public Hints stored() {
        return and(Shows.LINK_STORE, 0, Stream.of(""));
    }

    /** Those of both. */
    public Hints or(Hints others) {
        return new Hints(Stream.concat(hints.stream(), others.hints.stream()).toList());
    }

    /** Whether they tell of every file. */
    public boolean areAll() {
        return all(Shows.ANY).findAny().isPresent();
    }

    private Stream<Hint> all(Shows shows) {
        return hints.stream().filter(hint -> hint.shows == shows);
    }

    private String[] texts(Shows shows) {
        return all(shows).map(Hint::text).toArray(String[]::new);
    }

    /** Those of several kinds, as they are held against files. Threads may share it. */
    static final class Together {

        /** What somebody asks for next is mostly what was asked for last. */
        private static volatile @Nullable Together last;

        /** Which tell nearly every file that is no text, before all of its first bytes are looked through for a line. */
        private static final int PROBED_BYTES = 16;

        private final List<FactsKind> kinds;
        private final boolean areAll;
        private final boolean areStored;
        private final FileNames names;
        private final FileNames folders;
        private final String[] parts;
        private final List<Hint> lines;

        /** By their first byte; ASCII. */
        private final String[] @Nullable [] begins = new String[128][];

        private final List<Hint> inside = new ArrayList<>();

        /** Those of each kind by itself, put together for the first file that may concern anybody. Threads may do so twice. */
        private final @Nullable Together[] alone;

        private Together(List<FactsKind> kinds) {
            Hints hints = NONE;
            for (FactsKind kind : kinds) {
                hints = hints.or(kind.hints());
            }
            this.kinds = kinds;
            this.alone = new Together[kinds.size()];
            this.areAll = hints.areAll();
            this.areStored = hints.all(Shows.LINK_STORE).findAny().isPresent();
            this.names = FileNames.of(hints.texts(Shows.NAME));
            this.folders = FileNames.of(hints.texts(Shows.FOLDER));
            this.parts = hints.texts(Shows.PART_OF_NAME);
            this.lines = hints.all(Shows.LINE).toList();
            hints.all(Shows.BYTES).forEach(this::add);
        }

        private void add(Hint bytes) {
            if (bytes.number > 0) {
                inside.add(bytes);
                return;
            }
            int first = bytes.text.charAt(0);
            String[] there = begins[first];
            begins[first] = Stream.concat(there == null ? Stream.of() : Stream.of(there), Stream.of(bytes.text))
                    .toArray(String[]::new);
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
            return areAll
                    || names.hold(path, name, path.length)
                    || begins(head)
                    || (name > 0 && folders.hold(path, afterSlash(path, name - 1), name - 1))
                    || hasPart(path, name)
                    || (areStored && isStored(path))
                    || (hasLine(size, head) && !DullFiles.isNamedSo(PathBytes.text(path, 0, path.length), mode));
        }

        /**
         * Whether a file that may concern anybody may concern one kind.
         *
         * @param kind its place among those that these are of
         */
        boolean mayConcern(int kind, byte[] path, int mode, long size, byte[] head) {
            if (kinds.size() == 1) {
                return true;
            }
            Together known = alone[kind];
            if (known == null) {
                known = new Together(List.of(kinds.get(kind)));
                alone[kind] = known;
            }
            return known.mayConcern(path, mode, size, head);
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
            for (Hint bytes : inside) {
                if (FirstBytes.have(head, (int) bytes.number, bytes.text)) {
                    return true;
                }
            }
            return false;
        }

        private boolean hasPart(byte[] path, int name) {
            for (String part : parts) {
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
            for (Hint line : lines) {
                if (size <= line.number && beginsAsText(head) && FirstBytes.haveLine(head, line.text)) {
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
    }
}
