package io.basewatch.fleetmodel;

import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** An image's report as JSON, character by character what {@link ModelJson#write} makes of it, without databind: setting that up takes longer than looking at a small image. */
public final class ReportJson {

    private final JsonGenerator json;

    private ReportJson(JsonGenerator json) {
        this.json = json;
    }

    public static String write(ImageReport report) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            new ReportJson(json).report(report);
        }
        return text.toString();
    }

    /** The same of a release's support alone. */
    public static String write(Support support) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
            new ReportJson(json).support(support);
        }
        return text.toString();
    }

    private void report(ImageReport report) {
        json.writeStartObject();
        json.writeStringProperty("reference", report.reference());
        orNull("digest", report.digest());
        orNull("platform", report.platform());
        text("status", report.status());
        list("reasons", report.reasons(), this::reason);
        Distro distro = report.distro();
        if (distro == null) {
            json.writeNullProperty("distro");
        } else {
            json.writeName("distro");
            distro(distro);
        }
        list("libc", report.libc(), this::libc);
        ImageReport.Packages packages = report.packages();
        if (packages == null) {
            json.writeNullProperty("packages");
        } else {
            json.writeName("packages");
            packages(packages);
        }
        json.writeName("support");
        support(report.support());
        ImageReport.Base base = report.base();
        if (base == null) {
            json.writeNullProperty("base");
        } else {
            json.writeName("base");
            base(base);
        }
        list("runtimes", report.runtimes(), this::runtime);
        text("judged", report.judged());
        list("caveats", report.caveats(), this::caveat);
        list("contradictions", report.contradictions(), this::contradiction);
        json.writeName("bytes");
        json.writeStartObject();
        orNull("compressed", report.bytes().compressed());
        orNull("uncompressed", report.bytes().uncompressed());
        json.writeEndObject();
        json.writeEndObject();
    }

    private void reason(Reason reason) {
        json.writeStartObject();
        text("code", reason.code());
        text("message", reason.message());
        json.writeEndObject();
    }

    private void distro(Distro distro) {
        json.writeStartObject();
        text("id", distro.id());
        text("version", distro.version());
        text("codename", distro.codename());
        text("name", distro.name());
        text("variant", distro.variant());
        list("like", distro.like(), json::writeString);
        evidence(distro.evidence());
        text("supportEnd", distro.supportEnd());
        json.writeEndObject();
    }

    private void libc(Libc libc) {
        json.writeStartObject();
        text("family", libc.family());
        text("version", libc.version());
        text("linkage", libc.linkage());
        text("linkedInto", libc.linkedInto());
        text("vendor", libc.vendor());
        evidence(libc.evidence());
        json.writeEndObject();
    }

    private void packages(ImageReport.Packages packages) {
        json.writeStartObject();
        text("manager", packages.manager());
        orNull("count", packages.count());
        list("databases", packages.databases(), this::database);
        json.writeEndObject();
    }

    private void database(PackageDatabase database) {
        json.writeStartObject();
        text("manager", database.manager());
        Integer count = database.count();
        if (count != null) {
            json.writeNumberProperty("count", count);
        }
        evidence(database.evidence());
        text("sketch", database.sketch());
        json.writeEndObject();
    }

    private void support(Support support) {
        json.writeStartObject();
        text("product", support.product());
        text("cycle", support.cycle());
        text("phase", support.phase());
        text("released", support.released());
        text("standardEnds", support.standardEnds());
        text("ltsEnds", support.ltsEnds());
        text("extendedEnds", support.extendedEnds());
        if (!support.extended().isEmpty()) {
            list("extended", support.extended(), this::extended);
        }
        text("source", support.source());
        text("datasetDate", support.datasetDate());
        text("day", support.day());
        Support.Policy policy = support.policy();
        if (policy != null) {
            json.writeName("policy");
            policy(policy);
        }
        Support.Declared declared = support.declared();
        if (declared != null) {
            json.writeName("declared");
            json.writeStartObject();
            text("ends", declared.ends());
            json.writeBooleanProperty("differs", declared.differs());
            json.writeEndObject();
        }
        if (support.publisherEnds() != null) {
            text("publisherEnds", support.publisherEnds());
        }
        if (support.publisherUnknown() != null) {
            text("publisherUnknown", support.publisherUnknown());
        }
        json.writeEndObject();
    }

    private void extended(Support.Extended extended) {
        json.writeStartObject();
        text("name", extended.name());
        text("ends", extended.ends());
        json.writeEndObject();
    }

    private void policy(Support.Policy policy) {
        json.writeStartObject();
        text("repositories", policy.repositories());
        text("says", policy.says());
        json.writeBooleanProperty("counts", policy.counts());
        text("ends", policy.ends());
        text("reason", policy.reason());
        text("remark", policy.remark());
        json.writeEndObject();
    }

    private void base(ImageReport.Base base) {
        json.writeStartObject();
        text("reference", base.reference());
        text("digest", base.digest());
        text("how", base.how());
        text("confidence", base.confidence());
        json.writeEndObject();
    }

    private void runtime(LanguageRuntime runtime) {
        json.writeStartObject();
        text("name", runtime.name());
        text("version", runtime.version());
        json.writeName("details");
        json.writeStartObject();
        for (Map.Entry<String, String> detail : runtime.details().entrySet()) {
            text(detail.getKey(), detail.getValue());
        }
        json.writeEndObject();
        evidence(runtime.evidence());
        json.writeEndObject();
    }

    private void caveat(Caveat caveat) {
        json.writeStartObject();
        text("id", caveat.id());
        text("kind", caveat.kind());
        text("severity", caveat.severity());
        text("message", caveat.message());
        evidence(caveat.evidence());
        json.writeNumberProperty("found", caveat.found());
        text("mitigation", caveat.mitigation());
        json.writeEndObject();
    }

    private void contradiction(Contradiction contradiction) {
        json.writeStartObject();
        text("about", contradiction.about());
        text("message", contradiction.message());
        evidence(contradiction.evidence());
        json.writeEndObject();
    }

    private void evidence(List<Evidence> evidence) {
        list("evidence", evidence, each -> {
            json.writeStartObject();
            text("path", each.path());
            text("layer", each.layer());
            text("excerpt", each.excerpt());
            text("detector", each.detector());
            json.writeEndObject();
        });
    }

    private interface Writer<T> {
        void write(T value);
    }

    private <T> void list(String name, List<T> values, Writer<T> writer) {
        json.writeName(name);
        json.writeStartArray();
        for (T value : values) {
            writer.write(value);
        }
        json.writeEndArray();
    }

    /** Absent for null. */
    private void text(String name, @Nullable Object value) {
        if (value != null) {
            json.writeStringProperty(name, value.toString());
        }
    }

    private void orNull(String name, @Nullable Object value) {
        if (value == null) {
            json.writeNullProperty(name);
        } else if (value instanceof Number number) {
            json.writeNumberProperty(name, number.longValue());
        } else {
            json.writeStringProperty(name, value.toString());
        }
    }
}
