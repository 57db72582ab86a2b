package io.basewatch.reportapi;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.basewatch.fleetmodel.ImageReport;
import io.basewatch.fleetmodel.Owners;
import io.basewatch.fleetstore.FleetCounts;
import io.basewatch.fleetstore.FleetQueries;
import io.basewatch.fleetstore.FleetStoreConfiguration;
import io.basewatch.lifecycle.LifecycleFeed;
import io.basewatch.lifecycle.SupportPolicy;
import io.basewatch.reportapi.web.ContentTags;
import io.basewatch.settings.SettingsConfiguration;
import io.basewatch.worker.GrowingPauses;
import io.basewatch.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import io.swagger.v3.oas.models.OpenAPI;
import io.swagger.v3.oas.models.Operation;
import io.swagger.v3.oas.models.info.Info;
import io.swagger.v3.oas.models.media.Content;
import io.swagger.v3.oas.models.media.IntegerSchema;
import io.swagger.v3.oas.models.media.JsonSchema;
import io.swagger.v3.oas.models.media.ObjectSchema;
import io.swagger.v3.oas.models.media.Schema;
import io.swagger.v3.oas.models.media.StringSchema;
import io.swagger.v3.oas.models.responses.ApiResponse;
import io.swagger.v3.oas.models.responses.ApiResponses;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.RecordComponent;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springdoc.core.customizers.OpenApiCustomizer;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.jackson.autoconfigure.JsonMapperBuilderCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.http.MediaType;
import org.springframework.scheduling.annotation.EnableScheduling;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.type.LogicalType;

/** Everything of the report API, for its own process or for one that runs several services: the questions, the metrics and the store they are asked of. */
@Configuration(proxyBeanMethods = false)
@Import({FleetStoreConfiguration.class, SettingsConfiguration.class})
@EnableConfigurationProperties({ReportApiProperties.class, LifecycleProperties.class})
@EnableScheduling
@ComponentScan({
    "io.basewatch.reportapi.web",
    "io.basewatch.reportapi.access",
    "io.basewatch.reportapi.fleet",
    "io.basewatch.reportapi.image",
    "io.basewatch.reportapi.tag",
    "io.basewatch.reportapi.repository",
    "io.basewatch.reportapi.backlog",
    "io.basewatch.reportapi.trend",
    "io.basewatch.reportapi.caveat",
    "io.basewatch.reportapi.lineage",
    "io.basewatch.reportapi.whatif",
    "io.basewatch.reportapi.lifecycle",
    "io.basewatch.reportapi.horizon",
    "io.basewatch.reportapi.page"
})
public class ReportApiConfiguration {

    private static final Logger LOG = LoggerFactory.getLogger(ReportApiConfiguration.class);

    /** Support is computed when asked: what day it is, is asked of this one. */
    @Bean
    @ConditionalOnMissingBean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    LifecycleFeed lifecycle(LifecycleProperties properties, Clock clock) {
        return new LifecycleFeed(properties.settings(), clock);
    }

    @Bean
    LifecycleHealth lifecycleHealthIndicator(LifecycleFeed lifecycle) {
        return new LifecycleHealth(lifecycle);
    }

    /** One that names what the dataset does not have is a mistake; but where the dataset may be replaced, it may come with the next one. */
    @Bean
    SupportPolicy supportPolicy(Environment environment, LifecycleFeed lifecycle) {
        SupportPolicy policy = PlaceSettings.policy(Binder.get(environment));
        List<String> problems = policy.problems(lifecycle.get());
        if (!problems.isEmpty() && lifecycle.state().configured() == null) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        problems.forEach(problem -> LOG.warn("{}; the entry decides nothing", problem));
        return policy;
    }

    @Bean
    Owners owners(Environment environment) {
        return PlaceSettings.owners(Binder.get(environment));
    }

    /** What could not be had is asked for again soon, and then ever more seldom; all else about every {@code poll}. */
    @Bean
    Worker lifecycleRefresh(LifecycleFeed lifecycle, LifecycleProperties properties) {
        GrowingPauses usual = new GrowingPauses(properties.poll(), properties.poll());
        GrowingPauses afterRefusal = new GrowingPauses(Duration.ofMinutes(1), properties.poll());
        AtomicInteger refused = new AtomicInteger();
        return Worker.every(
                "lifecycle-refresh",
                () -> refused.get() == 0 ? usual.next(0) : afterRefusal.next(refused.get() - 1),
                () -> refused.set(lifecycle.refresh() ? 0 : refused.get() + 1));
    }

    /** One for all who show the whole fleet: a page and a scrape of the same moment say the same. */
    @Bean
    FleetCounts fleetCounts(FleetQueries fleet, Clock clock) {
        return new FleetCounts(fleet, clock);
    }

    @Bean
    FleetMetrics fleetMetrics(
            FleetCounts fleet,
            LifecycleFeed lifecycle,
            Clock clock,
            MeterRegistry meters,
            ReportApiProperties properties) {
        return new FleetMetrics(fleet, lifecycle, clock, meters, properties.metricsDistros());
    }

    @Bean
    FilterRegistrationBean<ContentTags> reportEtags() {
        FilterRegistrationBean<ContentTags> filter = new FilterRegistrationBean<>(new ContentTags());
        filter.setUrlPatterns(List.of("/api/*"));
        return filter;
    }

    /**
     * The nouns look the same from here as from the command line: see {@link io.basewatch.fleetmodel.ModelJson}. Where a text is asked for, a number or {@code false} is none: a token
     * that somebody has called so by mistake would be there.
     */
    @Bean
    JsonMapperBuilderCustomizer reportJson() {
        return json -> json.changeDefaultPropertyInclusion(
                        inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
                .withCoercionConfig(
                        LogicalType.Textual,
                        texts -> texts.setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail));
    }

    @Bean
    OpenAPI reportDescription() {
        return new OpenAPI()
                .info(new Info()
                        .title("Basewatch report API")
                        .version("v1")
                        .description("What every image of the fleet stands on, how long that is supported, and what to"
                                + " move first. Lists are paged by key: follow 'next' until it is absent. Errors are"
                                + " problem documents (RFC 9457). Every GET has an ETag."));
    }

    /** Every question can also be answered by a problem. */
    @Bean
    OpenApiCustomizer reportProblems() {
        Content problem = new Content()
                .addMediaType(
                        MediaType.APPLICATION_PROBLEM_JSON_VALUE,
                        new io.swagger.v3.oas.models.media.MediaType()
                                .schema(new Schema<>().$ref("#/components/schemas/Problem")));
        return description -> {
            description.schema("Problem", problem());
            var schemas = description.getComponents().getSchemas();
            sayWhereNullIs(schemas.get("ImageAnswer"), ImageReport.class);
            sayWhereNullIs(schemas.get("Packages"), ImageReport.Packages.class);
            sayWhereNullIs(schemas.get("Bytes"), ImageReport.Bytes.class);
            description.getPaths().values().stream()
                    .flatMap(path -> path.readOperations().stream())
                    .forEach(question -> question.getResponses()
                            .addApiResponse(
                                    ApiResponses.DEFAULT,
                                    new ApiResponse()
                                            .description("Not answered: a problem document (RFC 9457)")
                                            .content(problem)));
        };
    }

    /** What questions were once answered: {@code openapi-examples.json}, by the operation's id. */
    @Bean
    OpenApiCustomizer reportExamples() {
        Map<String, Object> examples = examples();
        return description -> description.getPaths().values().stream()
                .flatMap(path -> path.readOperations().stream())
                .filter(question -> examples.containsKey(question.getOperationId()))
                .forEach(question -> answer(question).setExample(examples.get(question.getOperationId())));
    }

    private static io.swagger.v3.oas.models.media.MediaType answer(Operation question) {
        ApiResponse well = Objects.requireNonNull(question.getResponses().get("200"), question::getOperationId);
        return Objects.requireNonNull(
                well.getContent().get(MediaType.APPLICATION_JSON_VALUE), question::getOperationId);
    }

    private static Map<String, Object> examples() {
        try (InputStream in = Objects.requireNonNull(
                ReportApiConfiguration.class.getResourceAsStream("/openapi-examples.json"),
                "openapi-examples.json is no resource")) {
            return JsonMapper.shared().readValue(in, new TypeReference<Map<String, Object>>() {});
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The report of an image has null where another answer leaves the field out. */
    private static void sayWhereNullIs(@Nullable Schema<?> schema, Class<? extends Record> report) {
        if (schema == null) {
            return;
        }
        for (RecordComponent field : report.getRecordComponents()) {
            Schema<?> value = schema.getProperties().get(field.getName());
            if (value != null && field.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
                schema.addProperty(
                        field.getName(),
                        new JsonSchema().oneOf(List.of(value, new JsonSchema().types(Set.of("null")))));
            }
        }
    }

    private static Schema<?> problem() {
        Schema<?> problem = new ObjectSchema();
        problem.addProperty("type", new StringSchema().example("urn:basewatch:problem:bad-parameter"));
        problem.addProperty("title", new StringSchema());
        problem.addProperty("status", new IntegerSchema());
        problem.addProperty("detail", new StringSchema().description("for people"));
        problem.addProperty("instance", new StringSchema());
        problem.addProperty("parameter", new StringSchema().description("the one that is bad"));
        problem.addProperty("value", new StringSchema().description("its value"));
        problem.addProperty("allowed", new StringSchema().description("what would do"));
        return problem;
    }
}
