package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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

    private final WatcherProgress progress;
    private final SweepSchedule schedule;
    private final DueRepositories due;

    RegistriesEndpoint(WatcherProgress progress, SweepSchedule schedule, DueRepositories due) {
        this.progress = progress;
        this.schedule = schedule;
        this.due = due;
    }

    @ReadOperation
    Map<String, Object> state() {
        List<Map<String, Object>> registries = new ArrayList<>();
        for (RegistryProgress each : progress.snapshot()) {
            Map<String, Object> state = new LinkedHashMap<>();
            state.put("registry", each.registry());
            state.put("sweeping", each.sweeping());
            state.put("lastSweep", each.lastSweep().name().toLowerCase(Locale.ROOT));
            state.put("tagsFound", each.tagsFound());
            state.put("eventsPublished", each.eventsPublished());
            state.put("failures", each.failures());
            state.put("removalsHeld", each.removalsHeld());
            progress.lastProblem(each.registry()).ifPresent(problem -> state.put("lastProblem", problem));
            registries.add(state);
        }
        return Map.of("registries", registries, "repositoriesDue", due.size());
    }

    @WriteOperation
    WebEndpointResponse<Map<String, Object>> now(@Selector String registry, @Nullable String repository) {
        if (!schedule.registries().contains(registry)) {
            return new WebEndpointResponse<>(
                    Map.of("error", "registry is not watched", "registries", schedule.registries()),
                    WebEndpointResponse.STATUS_NOT_FOUND);
        }
        if (repository == null || repository.isEmpty()) {
            schedule.sweepNow(registry);
            return new WebEndpointResponse<>(Map.of("registry", registry, "next", "swept now"));
        }
        due.add(registry, repository);
        return new WebEndpointResponse<>(
                Map.of("registry", registry, "repository", repository, "next", "looked at now"));
    }
}
