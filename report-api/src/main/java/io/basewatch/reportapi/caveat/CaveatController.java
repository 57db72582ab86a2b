package io.basewatch.reportapi.caveat;

import io.basewatch.caveats.Catalogue;
import io.basewatch.caveats.CatalogueEntry;
import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.ImageReference;
import io.basewatch.fleetstore.FleetCount;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.ImageFilter;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "caveats")
public class CaveatController {

    /** Images that are named where there are many. */
    private static final int FIRST = 10;

    private final FleetCounts fleet;
    private final FleetQueries images;

    CaveatController(FleetCounts fleet, FleetQueries images) {
        this.fleet = fleet;
        this.images = images;
    }

    /**
     * @param asOf when the fleet was counted
     * @param catalogue its version
     * @param items those that most images have first, proven ones before others; then by id
     */
    public record CaveatsAnswer(Instant asOf, String catalogue, List<CaveatItem> items) {}

    /**
     * One line of the list.
     *
     * @param title absent for one that only an older catalogue knew
     * @param kind as the catalogue has it; an image may be exposed less
     * @param severity likewise
     * @param images that a tag leads to, each once
     * @param repositories with at least one of them
     * @param byKind images by how sure the caveat is of them
     * @param page its document
     */
    public record CaveatItem(
            String id,
            @Nullable String title,
            Caveat.@Nullable Kind kind,
            Caveat.@Nullable Severity severity,
            @Nullable String area,
            long images,
            long repositories,
            Map<Caveat.Kind, Long> byKind,
            String page) {}

    @Operation(
            operationId = "caveats",
            summary = "What traps there are, and how many images have them",
            description = "All entries of the catalogue, those without an image too; with found=true only those that an"
                    + " image has. Which images they are, /api/v1/images?caveat= has by the page.")
    @GetMapping("/api/v1/caveats")
    public CaveatsAnswer caveats(
            @Parameter(
                            description = "true: only what an image has",
                            schema = @Schema(allowableValues = {"true", "false"}))
                    @RequestParam(required = false)
                    @Nullable
                    String found) {
        if (found != null && !found.equals("true") && !found.equals("false")) {
            throw new BadParameterException("found", found, "true or false");
        }
        FleetCount count = fleet.recent();
        Map<String, Numbers> numbers = numbers(count);
        TreeSet<String> ids = new TreeSet<>(numbers.keySet());
        if (!"true".equals(found)) {
            Catalogue.entries().forEach(entry -> ids.add(entry.id()));
        }
        List<CaveatItem> items = ids.stream()
                .map(id -> item(id, numbers.getOrDefault(id, Numbers.NONE)))
                .sorted(Comparator.comparingLong(
                                (CaveatItem item) -> item.byKind().getOrDefault(Caveat.Kind.CERTAIN, 0L))
                        .thenComparingLong(CaveatItem::images)
                        .reversed()
                        .thenComparing(CaveatItem::id))
                .toList();
        return new CaveatsAnswer(count.asOf(), Catalogue.version(), items);
    }

    /**
     * @param images that a tag leads to, each once
     */
    private record Numbers(long images, long repositories, Map<Caveat.Kind, Long> byKind) {
        static final Numbers NONE = new Numbers(0, 0, Map.of());
    }

    private static Map<String, Numbers> numbers(FleetCount count) {
        Map<String, Map<Caveat.Kind, Long>> byKind = new LinkedHashMap<>();
        Map<String, Numbers> numbers = new LinkedHashMap<>();
        for (FleetCount.WithCaveat each : count.caveats()) {
            String id = each.id();
            if (id == null || each.images() == 0) {
                continue;
            }
            Map<Caveat.Kind, Long> kinds = byKind.computeIfAbsent(id, any -> new LinkedHashMap<>());
            if (each.kind() == null) {
                numbers.put(id, new Numbers(each.images(), each.repositories(), kinds));
            } else {
                kinds.put(each.kind(), each.images());
            }
        }
        return numbers;
    }

    private static CaveatItem item(String id, Numbers numbers) {
        CatalogueEntry entry = Catalogue.entry(id).orElse(null);
        return new CaveatItem(
                id,
                entry == null ? null : entry.title(),
                entry == null ? null : entry.kind(),
                entry == null ? null : entry.severity(),
                entry == null ? null : entry.area(),
                numbers.images(),
                numbers.repositories(),
                numbers.byKind(),
                "/api/v1/caveats/" + id);
    }

    /**
     * All of one.
     *
     * @param entry what the catalogue has of it
     * @param markdown its page
     * @param first some of the images that have it, in the order of their digests
     * @param allImages path and query of all of them
     */
    public record CaveatAnswer(
            Instant asOf,
            String catalogue,
            CatalogueEntry entry,
            String markdown,
            long images,
            long repositories,
            Map<Caveat.Kind, Long> byKind,
            List<Affected> first,
            String allImages) {}

    /**
     * @param reference a tag that leads to it
     */
    public record Affected(String reference, Digest digest) {}

    @Operation(
            operationId = "caveat",
            summary = "One caveat: what breaks, for whom, how it is seen, what to do, and who has it",
            description = "404 when there is none of that id.")
    @GetMapping("/api/v1/caveats/{id}")
    public CaveatAnswer caveat(
            @PathVariable
                    @Parameter(
                            example = "elf-glibc-interpreter-missing",
                            schema = @Schema(pattern = "^" + Parameters.CAVEAT + "$"))
                    String id) {
        Parameters.caveat(id);
        CatalogueEntry entry = Catalogue.entry(id)
                .orElseThrow(() -> new NotFoundException(
                        "caveat-unknown", "There is no caveat '" + id + "'; /api/v1/caveats lists all."));
        FleetCount count = fleet.recent();
        Numbers numbers = numbers(count).getOrDefault(id, Numbers.NONE);
        ImageFilter filter =
                new ImageFilter(null, null, null, null, null, null, new ImageFilter.OfCaveat(id, null, null));
        List<Affected> first = images.images(filter, null, FIRST).images().stream()
                .map(image -> new Affected(
                        image.tags().stream()
                                .findFirst()
                                .map(ImageReference::toString)
                                .orElse(image.digest().toString()),
                        image.digest()))
                .toList();
        return new CaveatAnswer(
                count.asOf(),
                Catalogue.version(),
                entry,
                entry.page(),
                numbers.images(),
                numbers.repositories(),
                numbers.byKind(),
                first,
                "/api/v1/images?caveat=" + id);
    }
}
