package io.basewatch.standalone;

import io.basewatch.fleetmodel.Caveat;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Evidence;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Reason;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import java.io.StringWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reports for code scanning: OASIS SARIF 2.1.0. One result for each caveat of an image, at the first file that says so, the others as related locations; one for a
 * release whose free fixes have ended, one for what an image or its publisher says of its end itself. What is unknown beside that is a notification, too. What could not be read is a notification, and the run then not successful, so that nothing unread looks clean.
 */
final class SarifLog implements InspectCommand.Whole {

    /** The rule of a release without free fixes; all others are caveats. */
    static final String ENDED = "support-ended";

    /**
     * @param title one line
     * @param help plain text: what breaks and what to do
     * @param severity of the rule itself
     */
    record RuleText(String title, String help, Caveat.Severity severity) {}

    /** The rule of an image that its publisher ends. */
    static final String PUBLISHER_ENDS = "publisher-ends";

    /** The rule of an image that says itself when its support ends, and not what is known of its release. */
    static final String DECLARED = "support-declared";

    private static final Map<String, RuleText> OF_SUPPORT = Map.of(
            ENDED,
            new RuleText(
                    "The base's release gets no free fixes any more",
                    "Known vulnerabilities stay open. Move the image to a release that is supported.",
                    Caveat.Severity.MEDIUM),
            PUBLISHER_ENDS,
            new RuleText(
                    "The image's publisher ends it",
                    "What refers to this very image says so; it gets no new build. Take a newer one of the same release, or move to another.",
                    Caveat.Severity.MEDIUM),
            DECLARED,
            new RuleText(
                    "The image says itself when its support ends",
                    "Its os-release has another day than the lifecycle data, or one of a release that is not known there. Ask who made it which one counts.",
                    Caveat.Severity.LOW));

    private record Notification(String level, String text) {}

    private record Result(
            String rule,
            Caveat.Kind kind,
            Caveat.Severity severity,
            String message,
            List<Evidence> places,
            int found,
            ImageReport image) {}

    private final String version;
    private final Function<String, Optional<RuleText>> texts;
    private final List<Result> results = new ArrayList<>();
    private final List<Notification> notifications = new ArrayList<>();

    /**
     * @param version of the program
     * @param texts of a caveat by its id
     */
    SarifLog(String version, Function<String, Optional<RuleText>> texts) {
        this.version = version;
        this.texts = texts;
    }

    @Override
    public void add(ImageReport image) {
        for (Caveat caveat : image.caveats()) {
            results.add(new Result(
                    caveat.id(),
                    caveat.kind(),
                    caveat.severity(),
                    caveat.mitigation() == null
                            ? caveat.message()
                            : caveat.message() + ". Softened by " + caveat.mitigation(),
                    caveat.evidence(),
                    caveat.found(),
                    image));
        }
        support(image);
        if (FailOn.isIncomplete(image)) {
            StringBuilder why = new StringBuilder(image.reference() + ": not all of it could be read or judged");
            for (Reason reason : image.reasons()) {
                why.append("; ").append(reason.code()).append(": ").append(reason.message());
            }
            notifications.add(new Notification("error", why.toString()));
        } else {
            unknown(image);
        }
        if (image.support().publisherUnknown() != null) {
            notify("warning", image, ReportText.notPublished(image.support()));
        }
    }

    private void support(ImageReport image) {
        Support support = image.support();
        List<Evidence> release =
                image.distro() == null ? List.of() : image.distro().evidence();
        if (support.phase().isPastSupport()) {
            add(ENDED, Caveat.Kind.CERTAIN, "support is " + ReportText.describe(support), release, image);
        }
        if (support.publisherEnds() != null) {
            Caveat.Kind kind = support.pastPublisherEnd() ? Caveat.Kind.CERTAIN : Caveat.Kind.INFO;
            add(PUBLISHER_ENDS, kind, ReportText.published(support), List.of(), image);
        }
        Support.Declared declared = support.declared();
        if (declared != null && ReportText.tells(declared, support)) {
            boolean isPast = support.day() != null && declared.ends().isBefore(support.day());
            Caveat.Kind kind = isPast ? Caveat.Kind.RISK : Caveat.Kind.INFO;
            add(DECLARED, kind, ReportText.declared(declared), release, image);
        }
    }

    private void add(String rule, Caveat.Kind kind, String message, List<Evidence> places, ImageReport image) {
        results.add(new Result(rule, kind, Caveat.Severity.MEDIUM, message, places, places.size(), image));
    }

    /** What is not known of an image that was read wholly. */
    private void unknown(ImageReport image) {
        for (Reason reason : image.reasons()) {
            notify("note", image, reason.code() + ": " + reason.message());
        }
        if (image.support().phase() == SupportPhase.UNKNOWN) {
            notify("warning", image, "support is " + ReportText.describe(image.support()));
        }
        if (ReportText.isOfUnknownLibc(image)) {
            notify("warning", image, "its C library is unknown, and so is what of it may fail");
        }
    }

    private void notify(String level, ImageReport image, String what) {
        notifications.add(new Notification(level, image.reference() + ": " + what));
    }

    /** What could not be told at all. */
    @Override
    public void add(String reference, String why) {
        notifications.add(new Notification("error", reference + ": " + why));
    }

    @Override
    public String write() {
        Map<String, Integer> rules = new LinkedHashMap<>();
        results.forEach(result -> rules.putIfAbsent(result.rule(), rules.size()));
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            json.writeStartObject();
            json.writeStringProperty("$schema", "https://json.schemastore.org/sarif-2.1.0.json");
            json.writeStringProperty("version", "2.1.0");
            json.writeArrayPropertyStart("runs");
            json.writeStartObject();
            json.writeObjectPropertyStart("tool");
            json.writeObjectPropertyStart("driver");
            json.writeStringProperty("name", "Basewatch");
            json.writeStringProperty("version", version);
            json.writeArrayPropertyStart("rules");
            rules.keySet().forEach(rule -> rule(json, rule));
            json.writeEndArray();
            json.writeEndObject();
            json.writeEndObject();
            invocation(json);
            json.writeArrayPropertyStart("results");
            results.forEach(result -> result(json, result, rules.getOrDefault(result.rule(), 0)));
            json.writeEndArray();
            json.writeStringProperty("columnKind", "utf16CodeUnits");
            json.writeEndObject();
            json.writeEndArray();
            json.writeEndObject();
        }
        return InspectCommand.escaped(text.toString());
    }

    private void rule(JsonGenerator json, String id) {
        RuleText ours = OF_SUPPORT.get(id);
        RuleText text = ours != null ? ours : texts.apply(id).orElse(null);
        json.writeStartObject();
        json.writeStringProperty("id", id);
        if (text != null) {
            message(json, "shortDescription", text.title());
            message(json, "fullDescription", text.title());
            message(json, "help", text.help());
            json.writeObjectPropertyStart("defaultConfiguration");
            json.writeStringProperty("level", level(Caveat.Kind.RISK, text.severity()));
            json.writeEndObject();
            json.writeObjectPropertyStart("properties");
            json.writeStringProperty("security-severity", score(text.severity()));
            json.writeArrayPropertyStart("tags");
            json.writeString("container");
            json.writeString(ours != null ? "support" : "libc");
            json.writeEndArray();
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private void invocation(JsonGenerator json) {
        json.writeArrayPropertyStart("invocations");
        json.writeStartObject();
        json.writeBooleanProperty(
                "executionSuccessful",
                notifications.stream().noneMatch(each -> each.level().equals("error")));
        json.writeArrayPropertyStart("toolExecutionNotifications");
        for (Notification each : notifications) {
            json.writeStartObject();
            json.writeStringProperty("level", each.level());
            message(json, "message", each.text());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeEndArray();
    }

    private static void result(JsonGenerator json, Result result, int rule) {
        ImageReport image = result.image();
        json.writeStartObject();
        json.writeStringProperty("ruleId", result.rule());
        json.writeNumberProperty("ruleIndex", rule);
        json.writeStringProperty("level", level(result.kind(), result.severity()));
        message(json, "message", image.reference() + ": " + result.message());
        List<Evidence> places = result.places();
        json.writeArrayPropertyStart("locations");
        location(json, image, places.isEmpty() ? null : places.get(0), null);
        json.writeEndArray();
        if (places.size() > 1) {
            json.writeArrayPropertyStart("relatedLocations");
            for (int place = 1; place < places.size(); place++) {
                location(json, image, places.get(place), place);
            }
            json.writeEndArray();
        }
        json.writeObjectPropertyStart("partialFingerprints");
        json.writeStringProperty("basewatchFinding/v1", fingerprint(result));
        json.writeEndObject();
        json.writeObjectPropertyStart("properties");
        json.writeStringProperty("image", image.reference());
        Digest digest = image.digest();
        if (digest != null) {
            json.writeStringProperty("digest", digest.toString());
        }
        if (image.platform() != null) {
            json.writeStringProperty("platform", image.platform().toString());
        }
        json.writeStringProperty("kind", result.kind().toString());
        json.writeStringProperty("severity", result.severity().toString());
        json.writeNumberProperty("found", result.found());
        json.writeEndObject();
        json.writeEndObject();
    }

    /** A file in the image; the image itself where none says so. */
    private static void location(
            JsonGenerator json, ImageReport image, @Nullable Evidence evidence, @Nullable Integer id) {
        String path = evidence == null ? image.reference() : evidence.path();
        json.writeStartObject();
        if (id != null) {
            json.writeNumberProperty("id", id);
        }
        json.writeObjectPropertyStart("physicalLocation");
        json.writeObjectPropertyStart("artifactLocation");
        json.writeStringProperty("uri", relative(path));
        json.writeEndObject();
        json.writeObjectPropertyStart("region");
        json.writeNumberProperty("startLine", 1);
        json.writeEndObject();
        json.writeEndObject();
        if (evidence != null && evidence.excerpt() != null) {
            message(json, "message", evidence.excerpt());
        }
        json.writeArrayPropertyStart("logicalLocations");
        json.writeStartObject();
        json.writeStringProperty("fullyQualifiedName", evidence == null ? path : image.reference() + ":" + path);
        json.writeStringProperty("kind", "resource");
        json.writeEndObject();
        json.writeEndArray();
        json.writeEndObject();
    }

    /** A path as a relative reference of RFC 3986. */
    private static String relative(String path) {
        try {
            // With a scheme in front, so that a colon in the first part is none.
            return new URI("file", null, "/" + path, null).toASCIIString().substring("file:/".length());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a path that is quoted is a URI", e);
        }
    }

    private static String level(Caveat.Kind kind, Caveat.Severity severity) {
        if (kind == Caveat.Kind.INFO) {
            return "note";
        }
        return switch (severity) {
            case LOW -> "note";
            case MEDIUM -> "warning";
            case HIGH, CRITICAL -> "error";
        };
    }

    /** As code scanning pages rank by: from 0.0 to 10.0. */
    private static String score(Caveat.Severity severity) {
        return switch (severity) {
            case LOW -> "2.0";
            case MEDIUM -> "5.5";
            case HIGH -> "8.0";
            case CRITICAL -> "9.5";
        };
    }

    /** The same for the same finding in a later build of the image. */
    private static String fingerprint(Result result) {
        String reference = result.image().reference();
        int name = reference.lastIndexOf('/') + 1;
        int tag = reference.replace('@', ':').indexOf(':', name);
        String repository = tag < 0 ? reference : reference.substring(0, tag);
        String finding = repository + "\n" + result.image().platform() + "\n" + result.rule() + "\n" + result.kind()
                + "\n" + result.severity();
        return Digest.sha256Of(finding.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 32);
    }

    /** Brackets make links in a message, and braces placeholders, SARIF 2.1.0 §3.11. */
    private static void message(JsonGenerator json, String name, String text) {
        String plain = text.lines()
                .map(ReportText::printable)
                .collect(Collectors.joining("\n"))
                .replace("\\", "\\\\")
                .replace("[", "\\[")
                .replace("]", "\\]")
                .replace("{", "{{")
                .replace("}", "}}");
        json.writeObjectPropertyStart(name);
        json.writeStringProperty("text", plain);
        json.writeEndObject();
    }
}
