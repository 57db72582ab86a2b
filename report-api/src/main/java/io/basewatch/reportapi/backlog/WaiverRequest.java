package io.basewatch.reportapi.backlog;

import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.reportapi.web.BadParameterException;
import io.swagger.v3.oas.annotations.media.Schema;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What somebody wants to decide, as it is sent.
 *
 * @param author whoever is signed in, where somebody is
 * @param causes what the author has seen; null for all that there is
 */
record WaiverRequest(
        @Schema(pattern = "^" + BacklogController.ID + "$", example = "base-0123456789abcdef0123")
        String entry,

        @Schema(maxLength = MAX_REASON, example = "The appliance is switched off in March.")
        String reason,

        @Schema(maxLength = MAX_AUTHOR, example = "jo@example.com")
        String author,

        @Schema(format = "date", description = "the last day of it, within two years", example = "2027-03-31")
        LocalDate until,

        @Schema(
                description = "what the author has seen of the entry's causes: refused when there is more by now;"
                        + " without it all that there is",
                example = "[\"past-support alpine 3.12\"]",
                requiredMode = Schema.RequiredMode.NOT_REQUIRED)
        @Nullable
        List<String> causes) {

    static final int MAX_REASON = 2_000;
    static final int MAX_AUTHOR = 200;
    static final int MAX_BYTES = 32_768;

    private static final int MAX_CAUSES = 100;
    private static final int MAX_DEPTH = 4;
    private static final Set<String> FIELDS = Set.of("entry", "reason", "author", "until", "causes");

    /**
     * @param today the first day that one may end on
     * @param signedIn who asks: the author then; null where nobody need say who they are
     * @throws BadParameterException that names the field
     */
    static WaiverRequest read(byte[] body, LocalDate today, @Nullable String signedIn) {
        if (body.length > MAX_BYTES) {
            throw new BadParameterException("body", body.length + " bytes", "at most " + MAX_BYTES + " bytes");
        }
        JsonNode json;
        try {
            json = new JsonTree(MAX_DEPTH).read(body);
        } catch (JacksonException e) {
            throw new BadParameterException("body", "no JSON", "a JSON object with entry, reason, author and until");
        }
        if (!json.isObject()) {
            throw new BadParameterException(
                    "body", json.getNodeType().toString(), "a JSON object with entry, reason, author and until");
        }
        json.propertyNames().stream()
                .filter(name -> !FIELDS.contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new BadParameterException(
                            name, json.path(name).toString(), "only entry, reason, author, until and causes");
                });
        String entry = words(json, "entry", 100, "an entry's id, as /api/v1/backlog lists them");
        if (!entry.matches(BacklogController.ID)) {
            throw new BadParameterException("entry", entry, "an entry's id, as /api/v1/backlog lists them");
        }
        return new WaiverRequest(
                entry,
                words(json, "reason", MAX_REASON, "why, in at most " + MAX_REASON + " characters"),
                author(json, signedIn),
                until(json, today),
                causes(json));
    }

    private static String author(JsonNode json, @Nullable String signedIn) {
        if (signedIn != null && json.path("author").asString(signedIn).equals(signedIn)) {
            return signedIn;
        }
        if (signedIn != null) {
            throw new BadParameterException(
                    "author", json.path("author").toString(), "nothing: you are signed in as " + signedIn);
        }
        return words(json, "author", MAX_AUTHOR, "who decides, in at most " + MAX_AUTHOR + " characters");
    }

    private static String words(JsonNode json, String field, int most, String allowed) {
        JsonNode value = json.path(field);
        String text = value.isString() ? value.asString().strip() : "";
        boolean isReadable = text.chars().noneMatch(c -> Character.isISOControl(c) && c != '\n');
        if (text.isEmpty() || text.length() > most || !isReadable) {
            throw new BadParameterException(field, value.isMissingNode() ? "" : value.toString(), allowed);
        }
        return text;
    }

    private static LocalDate until(JsonNode json, LocalDate today) {
        LocalDate last = today.plusYears(2);
        String text = json.path("until").asString("");
        try {
            LocalDate until = LocalDate.parse(text);
            if (!until.isBefore(today) && !until.isAfter(last)) {
                return until;
            }
        } catch (DateTimeParseException e) {
            // told below
        }
        throw new BadParameterException("until", text, "a day from " + today + " to " + last + ", as in 2027-03-31");
    }

    private static @Nullable List<String> causes(JsonNode json) {
        JsonNode given = json.path("causes");
        if (given.isMissingNode() || given.isNull()) {
            return null;
        }
        List<String> causes = new ArrayList<>();
        for (JsonNode each : given) {
            causes.add(each.asString(""));
        }
        if (!given.isArray() || causes.size() > MAX_CAUSES) {
            throw new BadParameterException(
                    "causes", given.toString(), "a list of causes, as the entry has them, or leave it out");
        }
        return causes;
    }
}
