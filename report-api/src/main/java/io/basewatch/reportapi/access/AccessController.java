package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AccessTokens;
import io.basewatch.fleetstore.AccessTokens.Token;
import io.basewatch.fleetstore.AuditLog;
import io.basewatch.reportapi.web.BadParameterException;
import io.basewatch.reportapi.web.ConflictException;
import io.basewatch.reportapi.web.Cursor;
import io.basewatch.reportapi.web.NotFoundException;
import io.basewatch.reportapi.web.Page;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.Parameter;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "access")
class AccessController {

    private final AccessTokens tokens;
    private final AuditLog log;
    private final Audit audit;

    AccessController(AccessTokens tokens, AuditLog log, Audit audit) {
        this.tokens = tokens;
        this.log = log;
        this.audit = audit;
    }

    @Operation(operationId = "caller", summary = "Who asks, and what they may")
    @GetMapping("/api/v1/caller")
    Caller caller() {
        return Caller.current();
    }

    /** All tokens by name; never what they are. */
    record TokensAnswer(List<Token> items) {}

    @Operation(operationId = "accessTokens", summary = "Who has a token; for operators")
    @GetMapping("/api/v1/tokens")
    TokensAnswer tokens() {
        return new TokensAnswer(tokens.list());
    }

    /**
     * @param expires days until it does: {@code 90d}; without it never
     */
    record TokenRequest(
            @Schema(requiredMode = Schema.RequiredMode.REQUIRED, pattern = "^" + AccessTokens.NAME + "$") @Nullable
            String name,

            @Schema(
                    requiredMode = Schema.RequiredMode.REQUIRED,
                    allowableValues = {"reader", "operator", "scraper"})
            @Nullable
            String role,

            @Schema(
                    types = {"string", "null"},
                    pattern = "^" + AccessTokens.DAYS + "$")
            @Nullable
            String expires) {}

    /**
     * @param token told here and never again
     */
    record TokenAnswer(String name, String role, @Nullable Instant expiresAt, String token) {}

    @Operation(
            operationId = "createToken",
            summary = "Makes a token; for operators",
            responses =
                    @ApiResponse(
                            responseCode = "201",
                            content =
                                    @Content(
                                            mediaType = "application/json",
                                            schema = @Schema(implementation = TokenAnswer.class))))
    @PostMapping(value = "/api/v1/tokens", consumes = "application/json")
    ResponseEntity<TokenAnswer> create(@RequestBody TokenRequest asked) {
        String name = asked.name() == null ? "" : asked.name();
        if (!name.matches(AccessTokens.NAME) || name.equals(Caller.LOCAL.name())) {
            throw new BadParameterException(
                    "name", name, "letters, digits, '.', '_' and '-', at most 64, and not 'local'");
        }
        String wanted = asked.role() == null ? "" : asked.role();
        Role role = TokenCredentials.role(wanted)
                .filter(parsed -> parsed.toString().equals(wanted))
                .orElseThrow(() -> new BadParameterException("role", wanted, "one of reader, operator, scraper"));
        Duration lives = lives(asked.expires());
        Caller caller = Caller.current();
        String secret = tokens.create(name, role.toString(), lives, caller.name())
                .orElseThrow(() -> new ConflictException(
                        "token-there",
                        "There is a token '" + name + "' already: revoke it first, or give another name."));
        audit.record(caller, "token created", name, "role " + role + (lives == null ? "" : ", for " + asked.expires()));
        Instant expires = tokens.find(secret).map(Token::expiresAt).orElse(null);
        return ResponseEntity.status(HttpStatus.CREATED)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(new TokenAnswer(name, role.toString(), expires, secret));
    }

    private static @Nullable Duration lives(@Nullable String expires) {
        if (expires == null) {
            return null;
        }
        return AccessTokens.lifetime(expires)
                .orElseThrow(() -> new BadParameterException(
                        "expires", expires, "days from 1d to " + AccessTokens.MAX_DAYS + "d, or leave it out"));
    }

    @Operation(operationId = "revokeToken", summary = "Whoever has this token is refused from now on; for operators")
    @DeleteMapping("/api/v1/tokens/{name}")
    TokenRevoked revoke(
            @PathVariable @Parameter(schema = @Schema(pattern = "^" + AccessTokens.NAME + "$")) String name) {
        if (!name.matches(AccessTokens.NAME)) {
            throw new BadParameterException("name", name, "the name of a token, as /api/v1/tokens lists them");
        }
        if (!tokens.revoke(name)) {
            throw new NotFoundException("token-unknown", "There is no token '" + name + "'.");
        }
        audit.record(Caller.current(), "token revoked", name, "");
        return new TokenRevoked(name);
    }

    record TokenRevoked(String name) {}

    @Operation(operationId = "audit", summary = "What operators did, the last first; for operators")
    @GetMapping("/api/v1/audit")
    ResponseEntity<Page<AuditLog.Line>> audit(
            @Parameter(
                            description = "lines on a page",
                            schema = @Schema(type = "integer", minimum = "1", maximum = "1000", defaultValue = "100"))
                    @RequestParam(required = false)
                    @Nullable
                    String limit,
            @Parameter(
                            description = "opaque; from 'next' of the page before",
                            schema = @Schema(pattern = "^audit:" + AuditLog.ID + "$", maxLength = Cursor.MAX_LENGTH))
                    @RequestParam(required = false)
                    @Nullable
                    String after) {
        int most = Page.limit(limit);
        Cursor cursor = Cursor.read("audit", after, key -> key.matches(AuditLog.ID));
        List<AuditLog.Line> lines = log.page(cursor.key(), most + 1);
        List<AuditLog.Line> page = lines.stream().limit(most).toList();
        return Page.answer(
                page, cursor, lines.size() > most ? page.get(page.size() - 1).id() : null);
    }
}
