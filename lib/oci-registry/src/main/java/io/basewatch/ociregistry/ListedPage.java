package io.basewatch.ociregistry;

import java.net.URI;
import java.util.List;

/** A page of a list as it came, now or before. No record, whose equality would not hold for bytes. */
final class ListedPage {

    private final byte[] body;
    private final List<String> links;
    private final URI uri;

    /**
     * @param links its Link headers
     * @param uri where it came from, after redirects
     */
    ListedPage(byte[] body, List<String> links, URI uri) {
        this.body = body;
        this.links = List.copyOf(links);
        this.uri = uri;
    }

    byte[] body() {
        return body;
    }

    List<String> links() {
        return links;
    }

    URI uri() {
        return uri;
    }
}
