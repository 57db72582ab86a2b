package io.basewatch.ociregistry;

import java.net.URI;
import java.util.Locale;

/** What a request is for, as far as its costs differ. */
public enum RequestKind {
    /** A page of repositories or tags. */
    LIST,
    /** What a tag points at; usually no pull. */
    HEAD,
    /** A pull where pulls are counted. */
    MANIFEST,
    BLOB,
    /** What refers to an image. */
    REFERRERS,
    /** Of the registry's own interface. */
    INTERFACE,
    /** A page of any of these lists of which the registry said that it is still the same. */
    UNCHANGED,
    /** Tokens, the check whether it is there, and what it redirects to. */
    OTHER;

    static RequestKind of(String method, URI uri) {
        String path = String.valueOf(uri.getPath());
        if (!path.startsWith("/v2/")) {
            return OTHER;
        }
        if (path.endsWith("/tags/list") || path.equals("/v2/_catalog")) {
            return LIST;
        }
        if (path.contains("/manifests/")) {
            return method.equals("HEAD") ? HEAD : MANIFEST;
        }
        if (path.contains("/referrers/")) {
            return REFERRERS;
        }
        return path.contains("/blobs/") ? BLOB : OTHER;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
