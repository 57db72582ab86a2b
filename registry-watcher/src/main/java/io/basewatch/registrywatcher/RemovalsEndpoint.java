package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.WatcherProgress.RegistryProgress;
import java.util.Map;
import java.util.TreeMap;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/** {@code /actuator/removals}: how many removals of which registry are held; a POST to {@code /actuator/removals/{registry}} lets them through. */
@Endpoint(id = "removals")
final class RemovalsEndpoint {

    private final WatcherProgress progress;
    private final SweepSchedule schedule;
    private final RegistryDesk desk;

    RemovalsEndpoint(WatcherProgress progress, SweepSchedule schedule, RegistryDesk desk) {
        this.progress = progress;
        this.schedule = schedule;
        this.desk = desk;
    }

    @ReadOperation
    Map<String, Object> held() {
        Map<String, Long> held = new TreeMap<>();
        for (RegistryProgress registry : progress.snapshot()) {
            held.put(registry.registry(), registry.removalsHeld());
        }
        return Map.of("held", held);
    }

    @WriteOperation
    WebEndpointResponse<Map<String, Object>> letThrough(@Selector String registry) {
        if (!schedule.registries().contains(registry)) {
            return new WebEndpointResponse<>(
                    Map.of("error", "registry is not watched", "registries", schedule.registries()),
                    WebEndpointResponse.STATUS_NOT_FOUND);
        }
        desk.letRemovalsThrough(registry);
        long held = progress.snapshot().stream()
                .filter(each -> each.registry().equals(registry))
                .mapToLong(RegistryProgress::removalsHeld)
                .sum();
        return new WebEndpointResponse<>(
                Map.of("registry", registry, "held", held, "next", "removed by the sweep that begins now"));
    }
}
