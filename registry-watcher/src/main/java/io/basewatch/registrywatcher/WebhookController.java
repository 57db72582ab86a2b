package io.basewatch.registrywatcher;

import io.basewatch.registrywatcher.WatcherSettings.Webhook;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/**
 * {@code POST /webhooks/{kind}}: a registry says that something changed. All that follows is that the repository is looked at before its turn: a message that is lost, repeated or
 * forged loses and invents nothing.
 */
@RestController
final class WebhookController {

    private static final int MAX_BYTES = 1024 * 1024;

    private final List<Webhook> webhooks;
    private final DueRepositories due;

    WebhookController(List<Webhook> webhooks, DueRepositories due) {
        this.webhooks = List.copyOf(webhooks);
        this.due = due;
    }

    @PostMapping("/webhooks/{kind}")
    ResponseEntity<Map<String, Object>> receive(
            @PathVariable("kind") String kind, @RequestHeader HttpHeaders headers, InputStream body)
            throws IOException {
        List<Webhook> ofKind = webhooks.stream()
                .filter(each -> each.kind().word().equals(kind))
                .toList();
        if (ofKind.isEmpty()) {
            return answer(
                    HttpStatus.NOT_FOUND, "no webhook of this kind is configured; see basewatch.watcher.webhooks");
        }
        byte[] bytes = body.readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            return answer(HttpStatus.CONTENT_TOO_LARGE, "the message is longer than " + MAX_BYTES + " bytes");
        }
        List<Webhook> proven = ofKind.stream()
                .filter(each -> new WebhookSecret(each.secret()).proves(headers::getFirst, bytes))
                .toList();
        if (proven.isEmpty()) {
            return answer(HttpStatus.UNAUTHORIZED, "the secret is missing or is not the configured one");
        }
        Set<String> repositories;
        try {
            repositories = WebhookMessage.repositories(proven.get(0).kind(), bytes);
        } catch (IllegalArgumentException e) {
            return answer(HttpStatus.BAD_REQUEST, "the message is not JSON");
        }
        proven.forEach(each -> repositories.forEach(name -> due.add(each.registry(), name)));
        return ResponseEntity.accepted().body(Map.of("due", repositories.size()));
    }

    private static ResponseEntity<Map<String, Object>> answer(HttpStatus status, String error) {
        return ResponseEntity.status(status).body(Map.of("error", error));
    }
}
