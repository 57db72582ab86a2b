package io.basewatch.reportapi.image;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.ImageFilter;
import io.basewatch.fleetstore.ImagePage;
import io.basewatch.fleetstore.StoredImage;
import io.basewatch.fleetstore.StoredTag;
import io.basewatch.fleetstore.TagReferrers;
import io.basewatch.lifecycle.CurrentLifecycle;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.reportapi.lifecycle.Supports;
import io.basewatch.reportapi.lineage.BasesOfImages;
import io.basewatch.reportapi.lineage.Projection;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Clock;
import java.time.LocalDate;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "images")
public class ImageController {

    private final FleetQueries fleet;
    private final BasesOfImages bases;
    private final Projection projection;
    private final CurrentLifecycle lifecycle;
    private final SupportPolicy policy;
    private final Clock clock;

    ImageController(
            FleetQueries fleet,
            BasesOfImages bases,
            Projection projection,
            CurrentLifecycle lifecycle,
            SupportPolicy policy,
            Clock clock) {
        this.fleet = fleet;
        this.bases = bases;
        this.projection = projection;
        this.lifecycle = lifecycle;
        this.policy = policy;
        this.clock = clock;
    }

    @Operation(
            operationId = "images",
            summary = "Images that a tag leads to, by digest",
            description =
                    "One entry per platform. An image must meet every filter that is given. Support phases are of the"
                            + " day 'asOf', which each of them names.")
    @GetMapping("/api/v1/images")
    public ResponseEntity<Page<ImageItem>> images(
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
                            description = "os-release's ID; 'unknown': its files do not say",
                            example = "alpine",
                            schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String distro,
            @Parameter(
                            description = "version, or the codename of a release that has none",
                            example = "3.18.9",
                            schema = @Schema(pattern = "^" + Parameters.WORDS + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String release,
            @Parameter(
                            description = "the system's C library",
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "musl", "glibc", "uclibc", "bionic", "static", "none", "unknown"
                                            }))
                    @RequestParam(required = false)
                    @Nullable
                    String libc,
            @Parameter(
                            description = "how far its analysis came; pending: not analysed yet",
                            schema =
                                    @Schema(
                                            allowableValues = {
                                                "pending",
                                                "complete",
                                                "partial",
                                                "unscannable",
                                                "skipped"
                                            }))
                    @RequestParam(required = false)
                    @Nullable
                    String status,
            @Parameter(
                            description =
                                    "id of a caveat that was found in the image; with kind and severity: one that is all of it",
                            example = "elf-glibc-interpreter-missing",
                            schema = @Schema(pattern = "^" + Parameters.CAVEAT + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String caveat,
            @Parameter(
                            description = "how sure a caveat is",
                            schema = @Schema(allowableValues = {"certain", "risk", "info"}))
                    @RequestParam(required = false)
                    @Nullable
                    String kind,
            @Parameter(
                            description = "how bad a caveat is",
                            schema = @Schema(allowableValues = {"low", "medium", "high", "critical"}))
                    @RequestParam(required = false)
                    @Nullable
                    String severity,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf,
            @Parameter(
                            description = "entries on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit,
            @Parameter(
                            description = "opaque; from 'next' of the page before",
                            schema =
                                    @Schema(
                                            pattern = "^images:" + Cursor.DIGEST_KEY + "$",
                                            maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        LocalDate day = Parameters.day(asOf, clock);
        ImageFilter filter = new ImageFilter(
                Parameters.registry(registry),
                Parameters.repository(repository),
                Parameters.words("distro", distro),
                Parameters.words("release", release),
                Parameters.oneOf("libc", libc, Libc.Family.values()),
                Parameters.oneOf("status", status, ImageFilter.State.values()),
                ImageFilter.OfCaveat.orNull(
                        Parameters.caveat(caveat),
                        Parameters.oneOf("kind", kind, Caveat.Kind.values()),
                        Parameters.oneOf("severity", severity, Caveat.Severity.values())));
        Cursor cursor = Cursor.read("images", after, ImageController::isDigest);
        ImagePage page = fleet.images(filter, cursor.key(), Page.limit(limit), projection.known());
        Supports supports = new Supports(lifecycle.get(), day);
        return Page.answer(
                page.images().stream()
                        .map(image -> ImageItem.of(image, supports, policy))
                        .toList(),
                cursor,
                page.next());
    }

    @Operation(
            operationId = "image",
            summary = "All that is known of one image, with the evidence",
            description = "The same document as the command line's, and the tags that lead to the image. 404 with type"
                    + " urn:basewatch:problem:image-pending when it is known and not analysed yet.")
    @GetMapping("/api/v1/images/{digest}")
    public ImageAnswer image(
            @PathVariable
                    @Parameter(
                            example = "sha256:0000000000000000000000000000000000000000000000000000000000000000",
                            schema = @Schema(pattern = "^" + Parameters.DIGEST + "$"))
                    String digest,
            @Parameter(
                            description = Parameters.AS_OF,
                            example = "2027-07-01",
                            schema = @Schema(format = "date", pattern = "^" + Parameters.DAY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String asOf) {
        LocalDate day = Parameters.day(asOf, clock);
        Digest asked = digest(digest);
        StoredImage image = fleet.image(asked)
                .orElseThrow(() -> fleet.unwatched(asked)
                        .map(tag -> new NotFoundException(
                                "image-unwatched",
                                "Image " + asked + " is there, as " + tag
                                        + ", and not looked at: the platforms of its registry leave it out."))
                        .orElseGet(() ->
                                new NotFoundException("image-unknown", "No tag ever led to image " + asked + ".")));
        ImageAnalysis analysis = image.analysis();
        if (analysis == null) {
            throw new NotFoundException(
                    "image-pending",
                    "Image " + asked + " is known, as "
                            + image.tags().stream()
                                    .findFirst()
                                    .map(ImageReference::toString)
                                    .orElse("one that no tag leads to any more")
                            + ", and not analysed yet; ask again later.");
        }
        Support plain = lifecycle.get().support(analysis.fingerprint().distro(), day);
        FleetQueries.PublisherSays said = fleet.publisherSays(asked);
        return ImageAnswer.of(
                image,
                analysis,
                policy.apply(
                                plain,
                                ImageItem.repositories(image.tags()),
                                image.tagCount() == image.tags().size())
                        .endedByPublisher(said.ends())
                        .publisherUnknown(notSaid(said)),
                bases.find(asked));
    }

    private static @Nullable String notSaid(FleetQueries.PublisherSays said) {
        StoredTag unread = said.unread();
        TagReferrers asked = unread == null ? null : unread.referrers();
        return unread == null || asked == null || said.ends() != null
                ? null
                : "the registry did not tell all that refers to " + unread.repository() + ":" + unread.tag()
                        + " when it was asked at " + asked.asOf();
    }

    private static boolean isDigest(String text) {
        return text.matches(Parameters.DIGEST);
    }

    private static Digest digest(String text) {
        if (!isDigest(text)) {
            throw new BadParameterException("digest", text, "sha256: and 64 lower-case hex digits");
        }
        return Digest.parse(text);
    }
}
