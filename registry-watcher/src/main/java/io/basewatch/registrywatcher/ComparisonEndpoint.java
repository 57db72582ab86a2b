package io.basewatch.registrywatcher;

import java.util.Map;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/** {@code /actuator/comparison}: what the last comparison of the fleet with what was told has found; a POST begins one. */
@Endpoint(id = "comparison")
final class ComparisonEndpoint {

    private final FleetComparison comparison;
    private final Runnable wake;

    ComparisonEndpoint(FleetComparison comparison, Runnable wake) {
        this.comparison = comparison;
        this.wake = wake;
    }

    @ReadOperation
    Map<String, Object> last() {
        return Map.of("registries", comparison.reports());
    }

    @WriteOperation
    Map<String, Object> begin() {
        comparison.ask();
        wake.run();
        return Map.of("next", "compared now; GET /actuator/comparison shows what was found");
    }
}
