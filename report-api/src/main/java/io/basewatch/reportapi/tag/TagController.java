package io.basewatch.reportapi.tag;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.fleetstore.TagFilter;
import io.basewatch.fleetstore.TagPage;
import io.basewatch.fleetstore.TagReferrers;
import io.basewatch.fleetstore.UnwatchedImage;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "tags")
public class TagController {

    private final FleetQueries fleet;

    TagController(FleetQueries fleet) {
        this.fleet = fleet;
    }

    /**
     * @param reference registry/repository:tag
     * @param digest what the tag points at: an index, or the image itself
     * @param images it leads to, one for each platform
     * @param changed when the watcher saw it come to this
     * @param unwatched images that it leads to as well, and that are not looked at since the registry's {@code platforms} leave them out: nothing is known of them
     * @param referrers to what it leads to (signatures, attestations, SBOMs), as the registry listed them when the tag was new or moved; null where its settings do not ask for them
     */
    public record TagItem(
            String reference,
            Repository repository,
            String tag,
            Digest digest,
            List<Digest> images,
            @Nullable Instant changed,
            List<UnwatchedImage> unwatched,
            @Nullable TagReferrers referrers) {

        static TagItem of(StoredTag tag) {
            return new TagItem(
                    tag.repository() + ":" + tag.tag(),
                    tag.repository(),
                    tag.tag(),
                    tag.digest(),
                    tag.images(),
                    tag.changed(),
                    tag.unwatched(),
                    tag.referrers());
        }
    }

    @Operation(operationId = "tags", summary = "Tags and what they lead to, by name")
    @GetMapping("/api/v1/tags")
    public ResponseEntity<Page<TagItem>> tags(
            @Parameter(
                            description = "host[:port] of a registry",
                            example = "registry.example.com:5000",
                            schema = @Schema(pattern = "^" + Parameters.REGISTRY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String registry,
            @Parameter(
                            description = "registry/name",
                            example = "registry.example.com:5000/team/app",
                            schema = @Schema(pattern = "^" + Parameters.REPOSITORY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String repository,
            @Parameter(
                            description = "digest of an image that they lead to",
                            schema = @Schema(pattern = "^" + Parameters.DIGEST + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String image,
            @Parameter(
                            description = "entries on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit,
            @Parameter(
                            description = "opaque; from 'next' of the page before",
                            schema = @Schema(pattern = "^tags:" + Cursor.NAME_KEY + "$", maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        TagFilter filter = new TagFilter(
                Parameters.registry(registry), Parameters.repository(repository), Parameters.digest("image", image));
        Cursor cursor = Cursor.read("tags", after, key -> key.matches(Cursor.NAME_KEY));
        TagPage page = fleet.tags(filter, cursor.key(), Page.limit(limit));
        return Page.answer(page.tags().stream().map(TagItem::of).toList(), cursor, page.next());
    }
}
