package io.basewatch.reportapi.whatif;

import io.basewatch.caveats.WhatIfReport;
import io.basewatch.caveats.kept.DescribedBases;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "what-if")
class WhatIfController {

    private final Moves moves;

    WhatIfController(Moves moves) {
        this.moves = moves;
    }

    /**
     * @param items in order of their names
     */
    record BasesAnswer(List<DescribedBase> items) {}

    /**
     * @param name by which {@code on} takes it
     */
    record DescribedBase(String name, String architecture) {}

    @Operation(
            operationId = "whatIfBases",
            summary = "Well-known bases that what-if knows by name",
            description = "Beside every image of the fleet, which it takes by its digest.")
    @GetMapping("/api/v1/what-if/bases")
    BasesAnswer bases() {
        return new BasesAnswer(DescribedBases.list().stream()
                .map(listed -> new DescribedBase(listed.name(), listed.architecture()))
                .toList());
    }

    @Operation(
            operationId = "whatIf",
            summary = "What of an image would load on another base",
            description = "Follows the loader of either base through what is kept of the files; nothing is pulled or"
                    + " executed. Each of the image's own programs and libraries is told with the loader's lines, those that"
                    + " would break first. 404 when the image or the base is not known, not analysed, or nothing"
                    + " is kept of its files.")
    @GetMapping("/api/v1/what-if")
    WhatIfReport whatIf(
            @Parameter(
                            description = "the image's digest",
                            example = "sha256:0000000000000000000000000000000000000000000000000000000000000000",
                            schema = @Schema(pattern = "^" + Parameters.DIGEST + "$"))
                    @RequestParam
                    String image,
            @Parameter(
                            description = "the base it would stand on: an image of the fleet by its digest, or a"
                                    + " well-known one by its name",
                            example = "debian:12-slim",
                            schema = @Schema(pattern = "^(" + Parameters.DIGEST + "|" + Moves.NAME + ")$"))
                    @RequestParam
                    String on,
            @Parameter(
                            description = "digest of the base it was built on: all above that is its own. Without it,"
                                    + " what the fleet tells, else a guess by where files lie",
                            schema = @Schema(pattern = "^" + Parameters.DIGEST + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String from,
            @Parameter(
                            description = "changes that are told at most",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit) {
        Digest moved = Parameters.digest("image", image);
        if (moved == null) {
            throw new BadParameterException("image", image, "an image's digest");
        }
        return moves.whatIf(moved, on, Parameters.digest("from", from), Page.limit(limit));
    }
}
