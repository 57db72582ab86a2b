package io.basewatch.reportapi.repository;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.RepositoryPage;
import io.basewatch.fleetstore.RepositoryPage.RepositorySummary;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.Page;
import io.basewatch.reportapi.web.Parameters;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "repositories")
public class RepositoryController {

    private final FleetQueries fleet;

    RepositoryController(FleetQueries fleet) {
        this.fleet = fleet;
    }

    /**
     * @param repository registry/name
     * @param images by digest, however many tags lead to one
     */
    public record RepositoryItem(Repository repository, String registry, String name, long tags, long images) {

        static RepositoryItem of(RepositorySummary summary) {
            Repository repository = summary.repository();
            return new RepositoryItem(
                    repository, repository.registry(), repository.name(), summary.tags(), summary.images());
        }
    }

    @Operation(operationId = "repositories", summary = "Repositories with at least one tag, by name")
    @GetMapping("/api/v1/repositories")
    public ResponseEntity<Page<RepositoryItem>> repositories(
            @Parameter(
                            description = "host[:port] of a registry",
                            example = "registry.example.com:5000",
                            schema = @Schema(pattern = "^" + Parameters.REGISTRY + "$"))
                    @RequestParam(required = false)
                    @Nullable
                    String registry,
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
                                            pattern = "^repositories:" + Cursor.NAME_KEY + "$",
                                            maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        Cursor cursor = Cursor.read("repositories", after, key -> key.matches(Cursor.NAME_KEY));
        RepositoryPage page = fleet.repositories(Parameters.registry(registry), cursor.key(), Page.limit(limit));
        return Page.answer(page.repositories().stream().map(RepositoryItem::of).toList(), cursor, page.next());
    }
}
