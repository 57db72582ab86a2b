package io.basewatch.fingerprint;

import java.util.List;
import java.util.function.Supplier;

/**
 * The files that a package owns, as paths relative to the root. Hardly ever asked for, and many: where the database keeps them apart from the packages they
 * are read at each question, not before.
 */
public final class OwnedFiles {

    public static final OwnedFiles NONE = of(List.of());

    private final Supplier<List<String>> paths;

    private OwnedFiles(Supplier<List<String>> paths) {
        this.paths = paths;
    }

    public static OwnedFiles of(List<String> paths) {
        List<String> copy = List.copyOf(paths);
        return new OwnedFiles(() -> copy);
    }

    /**
     * @param paths gives the same at each call
     */
    public static OwnedFiles readWhenAsked(Supplier<List<String>> paths) {
        return new OwnedFiles(paths);
    }

    /** In the database's order; some databases list directories too. Empty where the database does not list them. */
    public List<String> paths() {
        return List.copyOf(paths.get());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof OwnedFiles files && files.paths().equals(paths());
    }

    @Override
    public int hashCode() {
        return paths().hashCode();
    }

    @Override
    public String toString() {
        return paths().toString();
    }
}
