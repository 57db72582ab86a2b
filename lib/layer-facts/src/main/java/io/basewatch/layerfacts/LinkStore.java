package io.basewatch.layerfacts;

/**
 * Folders in which files lie under names that say nothing, for hard links to lead to: those of OSTree ({@code objects/ab/cdef….file}), AUFS, Nix and Guix. What
 * a file there is for shows in its first bytes alone, and in the links.
 */
public final class LinkStore {

    /** AUFS keeps files with several names there. */
    static final String AUFS = ".wh..wh.plnk";

    private static final String OSTREE_FOLDER = "/objects/";
    private static final String OSTREE_END = ".file";

    /** Shorter are nearly all paths. */
    private static final int LEAST_OSTREE = OSTREE_FOLDER.length() + "ab/".length() + 62 + OSTREE_END.length();

    private LinkStore() {}

    public static boolean holds(String path) {
        if (path.isEmpty()) {
            return false;
        }
        // Asked of each file several times, and nearly none is.
        boolean isLinked = switch (path.charAt(0)) {
            case '.' -> path.startsWith(AUFS + "/");
            case 'n' -> path.startsWith("nix/store/.links/");
            case 'g' -> path.startsWith("gnu/store/.links/");
            default -> false;
        };
        return isLinked || (path.length() > LEAST_OSTREE && path.endsWith(OSTREE_END) && isOstreeObject(path));
    }

    /** {@code sysroot/ostree/repo/objects/ab/} and 62 more digits of a SHA-256. */
    private static boolean isOstreeObject(String path) {
        int name = path.length() - OSTREE_END.length() - 62;
        int folder = name - "ab/".length() - OSTREE_FOLDER.length();
        return folder > 0 && path.startsWith(OSTREE_FOLDER, folder) && path.charAt(name - 1) == '/';
    }
}
