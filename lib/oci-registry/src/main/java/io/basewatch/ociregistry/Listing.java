package io.basewatch.ociregistry;

/**
 * Which repositories and tags a registry has: a port, since kinds of registries differ in what they tell of themselves and how it is asked for. One small
 * class for each kind; {@link Registry#listing} chooses.
 */
public interface Listing {

    /** All of them from the beginning, a page at a time; nothing is asked before the first page is. */
    Pages repositories();

    /**
     * All tags of a repository, with {@link Pages#digests() their digests} where the registry tells them with the list.
     *
     * @throws IllegalArgumentException when the name is no legal one
     */
    Pages tags(String repository);
}
