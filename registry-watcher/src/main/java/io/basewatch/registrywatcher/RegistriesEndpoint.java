package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.RegistryDesk.State;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/**
 * {@code /actuator/registries}: how far each registry is, and what went wrong last, in words; a POST to {@code /actuator/registries/{registry}} sweeps it now, or with
 * {@code {"repository": NAME}} looks at one repository now.
 */
@Endpoint(id = "registries")
final class RegistriesEndpoint {

    private final RegistryDesk desk;

    RegistriesEndpoint(RegistryDesk desk) {
        this.desk = desk;
    }

    @ReadOperation
    Map<String, Object> state() {
        return Map.of("registries", desk.states(), "repositoriesDue", desk.repositoriesDue());
    }

    @WriteOperation
    WebEndpointResponse<Map<String, Object>> now(@Selector String registry, @Nullable String repository) {
        if (desk.state(registry).isEmpty()) {
            List<String> watched = desk.states().stream().map(State::registry).toList();
            return new WebEndpointResponse<>(
                    Map.of("error", "registry is not watched", "registries", watched),
                    WebEndpointResponse.STATUS_NOT_FOUND);
        }
        if (repository == null || repository.isEmpty()) {
            desk.sweep(registry);
            return new WebEndpointResponse<>(Map.of("registry", registry, "next", "swept now"));
        }
        desk.look(registry, repository);
        return new WebEndpointResponse<>(
                Map.of("registry", registry, "repository", repository, "next", "looked at now"));
    }
}
