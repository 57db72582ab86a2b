package io.basewatch.ociregistry;

/** What all registries speak: {@code _catalog} and {@code tags/list}. */
record CatalogListing(RegistryHttp http) implements Listing {

    @Override
    public Pages repositories() {
        return NamePages.repositories(http);
    }

    @Override
    public Pages tags(String repository) {
        return NamePages.tags(http, Names.requireRepository(repository));
    }
}
