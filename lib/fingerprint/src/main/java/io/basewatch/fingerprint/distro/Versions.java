package io.basewatch.fingerprint.distro;

/** Comparing versions as far as two sources can agree on them. */
final class Versions {

    private Versions() {}

    /** Whether a version is that release or a part of it: {@code 12.8} is of {@code 12}, {@code 3.24} is not of {@code 3.2}. */
    static boolean startsWith(String version, String release) {
        return version.startsWith(release)
                && (version.length() == release.length() || !Character.isDigit(version.charAt(release.length())));
    }

    /** Whether two sources can mean the same release: the first two numbers agree as far as both have them. */
    static boolean agree(String one, String other) {
        String[] left = one.split("[._-]", 4);
        String[] right = other.split("[._-]", 4);
        int parts = Math.min(2, Math.min(left.length, right.length));
        for (int i = 0; i < parts; i++) {
            if (!left[i].equalsIgnoreCase(right[i])) {
                return false;
            }
        }
        return true;
    }
}
