package io.basewatch.reportapi.lineage;

import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.lineage.BaseId;
import io.basewatch.lineage.Confidence;
import io.basewatch.lineage.Likeness;
import io.basewatch.lineage.Lineage;
import io.basewatch.lineage.Lineage.Claimed;
import io.basewatch.lineage.Lineage.Count;
import io.basewatch.lineage.Lineage.Drift;
import io.basewatch.lineage.Lineage.StandsOn;
import io.basewatch.lineage.Method;
import io.basewatch.lineage.Name;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "bases")
public class LineageController {

    private final Projection projection;

    LineageController(Projection projection) {
        this.projection = projection;
    }

    /**
     * What an image stands on, and what on it.
     *
     * @param asOf when what is told of bases had last changed
     * @param platform absent where the image does not say
     * @param whole false where a layer's content is not known: a nearer base may be hidden
     * @param bases the nearest first; empty where none is known
     * @param known what well-known public images have just these layers
     * @param equals other images with just these layers, at most 100
     * @param equalCount all of them
     * @param claim what the image says itself of its base, and what its layers say of that; absent when it says nothing
     * @param stale tags that led to the base and have moved on: build the image again
     * @param drift other platforms of the same tag that stand elsewhere
     * @param base its name as a base; absent when nothing stands on it
     * @param children what stands on it and on nothing nearer
     * @param descendants all that stands on it
     * @param allChildren path of the images that stand on it; absent when there is none
     * @param undecided images that are equally likely to be its base where that could only be guessed: none is named then. Empty for most
     * @param undecidedKnown well-known public images of which the same is true and that the fleet does not hold. Empty for most
     */
    public record LineageAnswer(
            Instant asOf,
            Digest digest,
            @Nullable Platform platform,
            boolean whole,
            List<BaseOfImage> bases,
            List<Name> known,
            List<Digest> equals,
            int equalCount,
            @Nullable Claimed claim,
            List<MovedTag> stale,
            List<OtherPlatform> drift,
            @Nullable String base,
            Count children,
            Count descendants,
            @Nullable String allChildren,
            List<Digest> undecided,
            List<Name> undecidedKnown) {}

    /**
     * One base of an image.
     *
     * @param how it was found
     * @param reference what it is called best; absent for one that nobody has named
     * @param names at most 20
     * @param images of the fleet that are it, at most 20
     * @param layers how many of the image's layers are its; absent where it was not found by them
     * @param adds false where all layers of the image above it are empty
     * @param distro absent where its files do not say, or it is none of the fleet
     * @param likeness how much of it is in the image, where it was found by likeness; absent where it was not
     */
    public record BaseOfImage(
            String id,
            Method how,
            Confidence confidence,
            @Nullable String reference,
            List<Name> names,
            List<Digest> images,
            @Nullable Integer layers,
            boolean adds,
            @Nullable Release distro,
            @Nullable Likeness likeness) {

        static BaseOfImage of(StandsOn base) {
            return new BaseOfImage(
                    base.id().toString(),
                    base.method(),
                    base.confidence(),
                    base.names().isEmpty() ? null : base.names().get(0).reference(),
                    base.names(),
                    base.images(),
                    base.layers() == 0 ? null : base.layers(),
                    base.adds(),
                    Release.of(base.ground()),
                    base.likeness());
        }
    }

    /**
     * An image of the same tag for another platform.
     *
     * @param reference of the tag
     * @param digest of that image
     * @param distro absent where its files do not say
     * @param base absent where it has none
     */
    public record OtherPlatform(
            String reference,
            Digest digest,
            @Nullable Platform platform,
            @Nullable Release distro,
            @Nullable String base) {

        static OtherPlatform of(Drift drift) {
            return new OtherPlatform(
                    drift.reference(),
                    drift.image(),
                    drift.platform(),
                    Release.of(drift.ground()),
                    drift.base() == null ? null : drift.base().toString());
        }
    }

    private static final Count NOTHING = new Count(0, 0, 0);

    @Operation(
            operationId = "lineage",
            summary = "What an image was built on, what was built on it, and what is out of date",
            description =
                    "Each base is told with how it was found and how sure that is; where several images have the same"
                            + " layers, all of them are named. 404 for an image to which no tag leads. 503 until the fleet was"
                            + " read once.")
    @GetMapping("/api/v1/lineage/{digest}")
    public LineageAnswer lineage(
            @PathVariable
                    @Parameter(
                            example = "sha256:0000000000000000000000000000000000000000000000000000000000000000",
                            schema = @Schema(pattern = "^" + Parameters.DIGEST + "$"))
                    String digest) {
        Digest asked = Parameters.digest("digest", digest);
        if (asked == null) {
            throw new BadParameterException("digest", digest, "sha256: and 64 lower-case hex digits");
        }
        Projection.Moment moment = projection.moment();
        Lineage lineage = projection
                .tree()
                .lineage(asked)
                .orElseThrow(() -> new NotFoundException("image-unknown", "No tag leads to image " + asked + "."));
        BaseId own = lineage.own();
        var base = own == null ? null : moment.bases().find(own).orElse(null);
        return new LineageAnswer(
                moment.asOf(),
                asked,
                lineage.platform(),
                lineage.whole(),
                lineage.bases().stream().map(BaseOfImage::of).toList(),
                lineage.names(),
                lineage.equals(),
                lineage.equalCount(),
                lineage.claim(),
                lineage.stale().stream().map(MovedTag::of).toList(),
                lineage.drift().stream().map(OtherPlatform::of).toList(),
                base == null ? null : base.id().toString(),
                base == null ? NOTHING : base.children(),
                base == null ? NOTHING : base.descendants(),
                base == null ? null : "/api/v1/bases/" + base.id() + "/images",
                lineage.undecided(),
                lineage.undecidedKnown());
    }
}
