package io.basewatch.registrywatcher;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.basewatch.registrywatcher.RegistryDesk.State;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** {@code /api/v1/registries}: how each watched registry is, and what operators have done with it. Who may is decided before it. */
@RestController
@RequestMapping(produces = {MediaType.APPLICATION_JSON_VALUE, MediaType.APPLICATION_PROBLEM_JSON_VALUE})
final class RegistriesController {

    private final RegistryDesk desk;

    RegistriesController(RegistryDesk desk) {
        this.desk = desk;
    }

    private static final String UNNAMED = "name the repository: {\"repository\": \"team/app\"}";

    /** What a repository is named by. */
    record Named(@JsonProperty(required = true) @Nullable String repository) {}

    /** All registries by name. */
    record Registries(List<State> items, int repositoriesDue) {}

    @GetMapping("/api/v1/registries")
    Registries registries() {
        return new Registries(desk.states(), desk.repositoriesDue());
    }

    @GetMapping("/api/v1/registries/{registry}")
    ResponseEntity<Object> registry(@PathVariable("registry") String registry) {
        return answer(HttpStatus.OK, registry);
    }

    @PostMapping("/api/v1/registries/{registry}/sweep")
    @ResponseStatus(HttpStatus.ACCEPTED)
    ResponseEntity<Object> sweep(@PathVariable("registry") String registry) {
        return done(registry, () -> desk.sweep(registry));
    }

    @PostMapping("/api/v1/registries/{registry}/look")
    @ResponseStatus(HttpStatus.ACCEPTED)
    ResponseEntity<Object> look(@PathVariable("registry") String registry, @RequestBody Named named) {
        String repository = named.repository();
        if (repository == null || repository.isBlank()) {
            return unnamed();
        }
        return done(registry, () -> desk.look(registry, repository));
    }

    /** Nothing, or nothing that names one, where a repository is to be named. */
    @ExceptionHandler(HttpMessageNotReadableException.class)
    ResponseEntity<Object> unnamed() {
        return problem(HttpStatus.BAD_REQUEST, UNNAMED);
    }

    @PostMapping("/api/v1/registries/{registry}/pause")
    @ResponseStatus(HttpStatus.ACCEPTED)
    ResponseEntity<Object> pause(@PathVariable("registry") String registry, HttpServletRequest request) {
        return done(registry, () -> desk.pause(registry, who(request), false));
    }

    @PostMapping("/api/v1/registries/{registry}/drain")
    @ResponseStatus(HttpStatus.ACCEPTED)
    ResponseEntity<Object> drain(@PathVariable("registry") String registry, HttpServletRequest request) {
        return done(registry, () -> desk.pause(registry, who(request), true));
    }

    @PostMapping("/api/v1/registries/{registry}/resume")
    @ResponseStatus(HttpStatus.ACCEPTED)
    ResponseEntity<Object> resume(@PathVariable("registry") String registry) {
        return done(registry, () -> desk.resume(registry));
    }

    private static String who(HttpServletRequest request) {
        return Objects.requireNonNullElse(request.getRemoteUser(), "local");
    }

    private ResponseEntity<Object> done(String registry, Runnable what) {
        if (desk.state(registry).isPresent()) {
            what.run();
        }
        return answer(HttpStatus.ACCEPTED, registry);
    }

    private ResponseEntity<Object> answer(HttpStatus status, String registry) {
        return desk.state(registry)
                .map(state -> ResponseEntity.status(status).body((Object) state))
                .orElseGet(() -> problem(
                        HttpStatus.NOT_FOUND,
                        "this registry is not watched; those that are: "
                                + desk.states().stream().map(State::registry).toList()));
    }

    private static ResponseEntity<Object> problem(HttpStatus status, String detail) {
        return ResponseEntity.status(status)
                .contentType(MediaType.APPLICATION_PROBLEM_JSON)
                .body(Map.of("status", status.value(), "title", status.getReasonPhrase(), "detail", detail));
    }
}
