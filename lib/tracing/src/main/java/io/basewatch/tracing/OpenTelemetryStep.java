package io.basewatch.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A span. */
final class OpenTelemetryStep extends Step {

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int MAX_VALUE = 300;

    /** W3C, Trace Context, §3.2; of a later version as much as of the first. */
    private static final Pattern TRACEPARENT =
            Pattern.compile("(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    private static final int LONGEST_TRACEPARENT = 200;

    private final Tracer tracer;
    private final Span span;

    private OpenTelemetryStep(Tracer tracer, Span span) {
        this.tracer = tracer;
        this.span = span;
    }

    /** To the endpoint, in the background. What it does not take is lost after some tries. */
    static Tracing.Beginning to(TracingSettings settings, String service) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(String.valueOf(settings.endpoint()))
                .setTimeout(PATIENCE)
                .build();
        return to(BatchSpanProcessor.builder(exporter).build(), settings.sampled(), service);
    }

    static Tracing.Beginning to(SpanProcessor spans, double sampled, String service) {
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault()
                        .merge(Resource.create(Attributes.of(AttributeKey.stringKey("service.name"), service))))
                .setSampler(Sampler.parentBased(Sampler.traceIdRatioBased(sampled)))
                .addSpanProcessor(spans)
                .build();
        Tracer tracer = provider.get("io.basewatch");
        return new Tracing.Beginning() {
            @Override
            public Step first(What what, @Nullable Instant since, @Nullable String traceparent) {
                return begin(tracer, remote(traceparent), what, since);
            }

            @Override
            public void close() {
                provider.shutdown().join(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            }
        };
    }

    private static Context remote(@Nullable String traceparent) {
        if (traceparent == null || traceparent.length() > LONGEST_TRACEPARENT) {
            return Context.root();
        }
        Matcher parts = TRACEPARENT.matcher(traceparent);
        if (!parts.matches()) {
            return Context.root();
        }
        SpanContext above = SpanContext.createFromRemoteParent(
                parts.group(1), parts.group(2), TraceFlags.fromHex(parts.group(3), 0), TraceState.getDefault());
        return above.isValid() ? Context.root().with(Span.wrap(above)) : Context.root();
    }

    private static Step begin(Tracer tracer, Context above, What what, @Nullable Instant since) {
        SpanBuilder builder =
                tracer.spanBuilder(what.toString()).setParent(above).setSpanKind(kind(what));
        if (since != null) {
            builder.setStartTimestamp(since);
        }
        return new OpenTelemetryStep(tracer, builder.startSpan());
    }

    private static SpanKind kind(What what) {
        return switch (what) {
            case EVENT_TELL, RESULT_TELL -> SpanKind.PRODUCER;
            case EVENT_HANDLE -> SpanKind.CONSUMER;
            default -> SpanKind.INTERNAL;
        };
    }

    @Override
    Step child(What what, @Nullable Instant since) {
        return begin(tracer, Context.root().with(span), what, since);
    }

    @Override
    public Step with(String name, String value) {
        span.setAttribute(name, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE));
        return this;
    }

    @Override
    public void failed(Throwable thrown) {
        span.setStatus(StatusCode.ERROR);
        span.setAttribute("error.type", thrown.getClass().getName());
    }

    @Override
    public Optional<String> traceparent() {
        SpanContext own = span.getSpanContext();
        return Optional.of("00-" + own.getTraceId() + "-" + own.getSpanId() + "-"
                + own.getTraceFlags().asHex());
    }

    @Override
    void end(@Nullable Instant at) {
        if (at == null) {
            span.end();
        } else {
            span.end(at);
        }
    }
}
