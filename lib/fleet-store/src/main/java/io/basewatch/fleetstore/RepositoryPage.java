package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Repository;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Some repositories with at least one tag, by {@code registry/name} ascending.
 *
 * @param next what to ask for as {@code after} for the next page; null on the last one
 */
public record RepositoryPage(
        List<RepositorySummary> repositories, @Nullable String next) {

    public RepositoryPage {
        repositories = List.copyOf(repositories);
    }

    /**
     * @param images by digest, however many tags lead to one
     */
    public record RepositorySummary(Repository repository, long tags, long images) {}
}
