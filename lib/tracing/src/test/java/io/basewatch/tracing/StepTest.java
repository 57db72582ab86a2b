package io.basewatch.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.tracing.Collector.Told;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StepTest {

    private static final String REMOTE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private Collector collector;

    @BeforeEach
    void startCollector() throws IOException {
        collector = new Collector();
    }

    @AfterEach
    void stopCollector() {
        collector.close();
    }

    private Tracing tracing(double sampled) {
        return Tracing.of(new TracingSettings(URI.create(collector.endpoint()), sampled), "tested");
    }

    private Map<String, Told> told() {
        return collector.told().stream().collect(Collectors.toMap(Told::name, told -> told));
    }

    @Test
    void stepsOfAThreadAreBelowTheOneInHandAndThoseOfOthersBelowTheOneThatIsNamed() throws Exception {
        try (Tracing tracing = tracing(1)) {
            try (Step whole = Step.begin(What.IMAGE_READ)) {
                whole.with(Step.DIGEST, "sha256:1");
                try (Step judged = Step.begin(What.IMAGE_JUDGE)) {
                    assertThat(Step.inHand()).isSameAs(judged);
                }
                Thread other = new Thread(() -> {
                    try (Step layer = whole.below(What.LAYER_READ)) {
                        layer.failed(new IOException("https://me:secret@registry"));
                    }
                });
                other.start();
                other.join();
                assertThat(Step.inHand()).isSameAs(whole);
            }
            assertThat(Step.inHand()).isSameAs(Step.NONE);
        }
        Told whole = told().get("image.read");
        assertThat(whole.service()).isEqualTo("tested");
        assertThat(whole.parent()).isEmpty();
        assertThat(whole.attributes()).containsEntry("basewatch.image.digest", "sha256:1");
        assertThat(told().get("image.judge").parent()).isEqualTo(whole.id());
        Told layer = told().get("layer.read");
        assertThat(layer.parent()).isEqualTo(whole.id());
        assertThat(layer.failed()).isTrue();
        assertThat(layer.attributes()).containsOnly(Map.entry("error.type", "java.io.IOException"));
        assertThat(collector.told()).extracting(Told::trace).containsOnly(whole.trace());
    }

    @Test
    void aTraceGoesOnWhereAnotherProcessNamesItsStepAndBeginsWhereThatIsNone() {
        try (Tracing tracing = tracing(1)) {
            try (Step step = Step.continued(What.EVENT_HANDLE, REMOTE)) {
                assertThat(step.traceparent().orElseThrow()).startsWith("00-0af7651916cd43dd8448eb211c80319c-");
            }
            for (String none : new String[] {null, "", "traceparent", REMOTE.replace('a', 'x'), REMOTE + "\n"}) {
                try (Step step = Step.continued(What.RESULT_STORE, none)) {
                    assertThat(step.traceparent().orElseThrow()).doesNotContain("0af7651916cd43dd8448eb211c80319c");
                }
            }
        }
        assertThat(step("event.handle").parent()).isEqualTo("b7ad6b7169203331");
        assertThat(collector.told()).filteredOn(told -> told.parent().isEmpty()).hasSize(5);
    }

    private Told step(String name) {
        return collector.told().stream()
                .filter(told -> told.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aStepMayHaveBegunAndEndedBeforeItIsTold() {
        Instant from = Instant.parse("2026-01-01T00:00:00Z");
        try (Tracing tracing = tracing(1)) {
            Step.begin(What.TAG_LOOK, from).closeAsOf(from.plusMillis(250));
        }
        assertThat(told().get("tag.look").nanos()).isEqualTo(250_000_000);
    }

    @Test
    void ofWhatIsNotSampledNothingIsToldButAnotherProcessKnowsThatItIsNot() {
        try (Tracing tracing = tracing(0)) {
            try (Step step = Step.begin(What.TAG_CHANGE)) {
                assertThat(step.traceparent().orElseThrow()).matches(".*-0[02]");
            }
            try (Step step = Step.continued(What.EVENT_HANDLE, REMOTE)) {
                assertThat(step.traceparent().orElseThrow()).endsWith("-01");
            }
        }
        assertThat(collector.told()).extracting(Told::name).containsExactly("event.handle");
    }

    @Test
    void withoutAnEndpointNothingIsTracedAndNothingOfOpenTelemetryIsLoaded() throws Exception {
        // Of this module alone, by a loader that refuses everything of OpenTelemetry's.
        ClassLoader refusing = new ClassLoader(getClass().getClassLoader()) {
            @Override
            protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
                if (name.startsWith("io.opentelemetry")) {
                    throw new ClassNotFoundException(name + " was asked for");
                }
                if (!name.startsWith("io.basewatch.tracing")) {
                    return super.loadClass(name, resolve);
                }
                Class<?> there = findLoadedClass(name);
                if (there != null) {
                    return there;
                }
                try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
                    byte[] bytes = in.readAllBytes();
                    return defineClass(name, bytes, 0, bytes.length);
                } catch (IOException e) {
                    throw new ClassNotFoundException(name, e);
                }
            }
        };
        Runnable off = (Runnable)
                refusing.loadClass(Off.class.getName()).getDeclaredConstructor().newInstance();
        off.run();
    }

    /** Run by another loader of classes. */
    public static final class Off implements Runnable {

        public Off() {}

        @Override
        public void run() {
            try (Tracing tracing = Tracing.of(new TracingSettings(null, 1), "tested");
                    Step step = Step.begin(What.TAG_CHANGE);
                    Step remote = Step.continued(What.EVENT_HANDLE, REMOTE);
                    Step below = step.below(What.LAYER_READ)) {
                if (step != Step.NONE || remote != Step.NONE || below != Step.NONE || Step.inHand() != Step.NONE) {
                    throw new AssertionError("something is traced");
                }
                if (step.with(Step.TAG, "1").traceparent().isPresent()) {
                    throw new AssertionError("a step of nothing has a name");
                }
            }
        }
    }

    @Test
    void anEndpointThatIsNoneIsRefusedWithoutRepeatingIt() {
        for (String wrong :
                new String[] {"collector:4318", "http://me:swordfish@c", "grpc://c:4317", "http://c?k=swordfish"}) {
            assertThatThrownBy(() -> new TracingSettings(URI.create(wrong), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("basewatch.tracing.endpoint")
                    .hasMessageNotContaining("swordfish");
        }
        assertThatThrownBy(() -> new TracingSettings(null, 1.5))
                .hasMessageContaining("basewatch.tracing.sampled is 1.5");
        assertThat(new TracingSettings(URI.create("https://c:4318"), 1).endpoint())
                .isEqualTo(URI.create("https://c:4318/v1/traces"));
        assertThat(new TracingSettings(URI.create("https://c/otlp/v1/traces"), 1).endpoint())
                .isEqualTo(URI.create("https://c/otlp/v1/traces"));
    }
}
