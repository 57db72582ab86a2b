package io.basewatch.fleetstore;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.util.List;
import org.bson.Document;

/**
 * An image that a tag leads to and that is not looked at, since its registry's settings want other platforms: nothing is known of it.
 *
 * @param platform as the index or else the image's config says
 */
public record UnwatchedImage(Digest digest, Platform platform) {

    static final String FIELD = "unwatched";
    static final String DIGEST = FIELD + ".digest";

    Document document() {
        return new Document("digest", digest.toString()).append("platform", platform.toString());
    }

    /** Those of a tag of the ledger. */
    static List<UnwatchedImage> of(Document tag) {
        return tag.getList(FIELD, Document.class, List.of()).stream()
                .map(image -> new UnwatchedImage(
                        Digest.parse(image.getString("digest")), Platform.parse(image.getString("platform"))))
                .toList();
    }
}
