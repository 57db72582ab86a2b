package io.basewatch.layeranalyzer;

import io.basewatch.fingerprint.Detectors;
import io.basewatch.fingerprint.Fingerprinter;
import io.basewatch.fingerprint.LayerLimits;
import io.basewatch.fingerprint.LayerReader;
import io.basewatch.fingerprint.LazyLayerReader;
import io.basewatch.fleetmodel.EventTopics;
import io.basewatch.fleetstore.FleetHousekeepingConfiguration;
import io.basewatch.fleetstore.FleetStoreConfiguration;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.ociregistry.RegistryEntry;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.NewTopic;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.cloud.stream.config.ListenerContainerCustomizer;
import org.springframework.cloud.stream.function.StreamBridge;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.kafka.config.TopicBuilder;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.core.KafkaAdmin.NewTopics;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.kafka.listener.DefaultErrorHandler;
import org.springframework.messaging.Message;

/**
 * The analyzer, to be put into any Spring context that has Spring Cloud Stream's Kafka binder, Micrometer and MongoDB, and that imports
 * {@code classpath:layer-analyzer-bindings.yml}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties({AnalyzerSettings.class, AnalyzedRegistries.class})
@Import({FleetStoreConfiguration.class, FleetHousekeepingConfiguration.class})
public class LayerAnalyzerConfiguration {

    /** As in {@code layer-analyzer-bindings.yml}. */
    static final String GROUP = "basewatch-analyzer";

    private static final Duration IDLE_INTERVAL = Duration.ofMillis(200);

    /** Both services make all topics with the same number of partitions, whoever comes first: a topic that grows later breaks the order by key. */
    @Bean
    NewTopics analyzerTopics(
            @Value("${basewatch.kafka.partitions}") int partitions,
            @Value("${basewatch.kafka.replication-factor}") int replicas) {
        return new NewTopics(EventTopics.all().stream()
                .map(topic -> TopicBuilder.name(topic)
                        .partitions(partitions)
                        .replicas(replicas)
                        .build())
                .toArray(NewTopic[]::new));
    }

    @Bean
    AnalyzerProgress analyzerProgress() {
        return new AnalyzerProgress();
    }

    @Bean
    AnalyzerMetrics analyzerMetrics(MeterRegistry meters, AnalyzerProgress progress) {
        return new AnalyzerMetrics(meters, progress);
    }

    @Bean
    Registries analyzerRegistries(AnalyzedRegistries analyzed) {
        return new Registries(
                analyzed.registries().stream().map(RegistryEntry::settings).toList());
    }

    @Bean
    LayerWork analyzerLayerWork(AnalyzerSettings settings, LayerFactsStore store, AnalyzerMetrics metrics) {
        LayerLimits limits = settings.limits().toLayerLimits();
        return new LayerWork(
                store,
                new LayerReader(limits, Detectors.all()),
                settings.lazyReads() ? new LazyLayerReader(limits, Detectors.all()) : null,
                Fingerprinter.FACTS_VERSION,
                LayerWork.OWNER,
                settings.lease(),
                settings.claimPatience(),
                settings.layersAtOnce(),
                metrics);
    }

    @Bean
    LiveFirst analyzerLiveFirst(AnalyzerSettings settings) {
        return new LiveFirst(settings.livePatience());
    }

    /**
     * How soon a live consumer without work is known to be idle: backfill waits for that. An idle consumer is told of after a poll that gave nothing, so polls are short;
     * the binder's own poll-timeout is for consumers that are polled by hand.
     */
    @Bean
    ListenerContainerCustomizer<AbstractMessageListenerContainer<?, ?>> analyzerPolling() {
        return (container, destination, group) -> {
            ContainerProperties properties = container.getContainerProperties();
            properties.setPollTimeout(IDLE_INTERVAL.toMillis());
            properties.setIdleEventInterval(IDLE_INTERVAL.toMillis());
            properties.setIdleBeforeDataMultiplier(1.0);
        };
    }

    @Bean
    Announcer analyzerAnnouncer(StreamBridge bridge) {
        return new Announcer(bridge);
    }

    @Bean
    ImageAnalyzer analyzerImageAnalyzer(AnalyzerSettings settings, Registries registries, LayerWork layers) {
        LayerLimits limits = settings.limits().toLayerLimits();
        return new ImageAnalyzer(
                registries::source, layers, settings.imageTime(), 2 * limits.maxFactsBytes(), Clock.systemUTC());
    }

    @Bean
    EventHandler analyzerEventHandler(
            ImageArchive archive,
            ImageAnalyzer analyzer,
            LiveFirst liveFirst,
            Announcer announcer,
            AnalyzerMetrics metrics) {
        return new EventHandler(archive, analyzer, liveFirst, announcer, metrics);
    }

    /** Named in {@code layer-analyzer-bindings.yml}. */
    @Bean
    DefaultErrorHandler analyzerErrorHandler(
            AnalyzerSettings settings, EventHandler events, Announcer announcer, AnalyzerMetrics metrics) {
        return new FailedEvents(settings.retries(), events, announcer, metrics).handler();
    }

    @Bean
    ConsumerLag analyzerConsumerLag(AnalyzerSettings settings, KafkaAdmin admin, AnalyzerMetrics metrics) {
        return new ConsumerLag(admin.getConfigurationProperties(), GROUP, settings.lagInterval(), metrics);
    }

    @Bean
    Rederivation analyzerRederivation(
            AnalyzerSettings settings,
            StaleImages stale,
            ImageAnalyzer analyzer,
            EventHandler events,
            Announcer announcer,
            LiveFirst liveFirst,
            AnalyzerProgress progress,
            AnalyzerMetrics metrics) {
        return new Rederivation(
                stale,
                analyzer,
                events,
                announcer,
                liveFirst,
                progress,
                metrics,
                settings.rederiveInterval(),
                settings.lease(),
                Clock.systemUTC());
    }

    @Bean
    Consumer<Message<byte[]>> liveImageEvents(EventHandler events) {
        return message -> events.handle(Urgency.LIVE, message.getPayload());
    }

    @Bean
    Consumer<Message<byte[]>> backfillImageEvents(EventHandler events) {
        return message -> events.handle(Urgency.BACKFILL, message.getPayload());
    }
}
