package io.basewatch.layeranalyzer;

import io.basewatch.eventlog.BrokerHealth;
import io.basewatch.eventlog.EventLog;
import io.basewatch.eventlog.EventLogConfiguration;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetstore.FleetHousekeepingConfiguration;
import io.basewatch.fleetstore.FleetStoreConfiguration;
import io.basewatch.fleetstore.ImageArchive;
import io.basewatch.fleetstore.JudgementArchive;
import io.basewatch.fleetstore.LayerFactsStore;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.Turns;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.settings.LiveSettings;
import io.basewatch.settings.SettingsConfiguration;
import io.basewatch.settings.SettingsWatch;
import io.basewatch.tracing.Step;
import io.basewatch.tracing.What;
import io.basewatch.worker.Worker;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.cloud.stream.config.ListenerContainerCustomizer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.kafka.core.KafkaAdmin;
import org.springframework.kafka.listener.AbstractMessageListenerContainer;
import org.springframework.kafka.listener.ContainerProperties;
import org.springframework.messaging.Message;

/**
 * The analyzer, to be put into any Spring context that has Spring Cloud Stream's Kafka binder, Micrometer and MongoDB, and that imports
 * {@code classpath:layer-analyzer-bindings.yml}.
 */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(AnalyzerSettings.class)
@Import({
    FleetStoreConfiguration.class,
    FleetHousekeepingConfiguration.class,
    EventLogConfiguration.class,
    SettingsConfiguration.class
})
public class LayerAnalyzerConfiguration {

    private static final Duration IDLE_INTERVAL = Duration.ofMillis(200);

    /** Far above any pause between two polls. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(5);

    private static final Duration AUTHORIZATION_RETRY = Duration.ofSeconds(10);

    @Bean
    AnalyzerProgress analyzerProgress() {
        return new AnalyzerProgress();
    }

    @Bean
    AnalyzerMetrics analyzerMetrics(MeterRegistry meters, AnalyzerProgress progress) {
        return new AnalyzerMetrics(meters, progress);
    }

    @Bean
    Registries analyzerRegistries(Environment environment) {
        return new Registries(entries(Binder.get(environment)).settings());
    }

    private static RegistryEntries entries(Binder settings) {
        return settings.bindOrCreate("basewatch", RegistryEntries.class);
    }

    @Bean
    SettingsWatch analyzerSettingsHealthIndicator(
            ConfigurableEnvironment environment, Registries registries, SecondLooks secondLooks, MeterRegistry meters) {
        LiveSettings live = new LiveSettings(
                environment,
                "basewatch.registries",
                settings ->
                        secondLooks.changed(registries.take(entries(settings).changedSettings())));
        return new SettingsWatch(live, meters, "analyzer");
    }

    @Bean
    LayerWork analyzerLayerWork(AnalyzerSettings settings, LayerFactsStore store, AnalyzerMetrics metrics) {
        LayerLimits limits = settings.limits().toLayerLimits();
        return new LayerWork(
                store,
                limits,
                settings.lazyReads(),
                settings.isal() ? Isal.installed() : Isal.none(),
                Kinds.all(),
                LayerWork.OWNER,
                settings.lease(),
                settings.claimPatience(),
                settings.layersAtOnce(),
                metrics);
    }

    @Bean
    LiveGroup analyzerLiveGroup(KafkaAdmin admin) {
        return new LiveGroup(admin.getConfigurationProperties());
    }

    @Bean
    LiveFirst analyzerLiveFirst(AnalyzerSettings settings, LiveGroup group) {
        return new LiveFirst(settings.livePatience(), group);
    }

    /** Longer than the longest image: its last layer is begun at the end of its time, waited for and read, perhaps twice. */
    @Bean
    ConsumerWatch analyzerConsumersHealthIndicator(AnalyzerSettings settings, AnalyzerMetrics metrics) {
        ConsumerWatch watch = new ConsumerWatch(
                settings.imageTime()
                        .plus(settings.claimPatience())
                        .plus(settings.limits().toLayerLimits().maxTime().multipliedBy(2))
                        .plus(settings.livePatience()),
                LONGEST_SILENCE.plus(settings.retries().longestPause()),
                System::nanoTime);
        metrics.watch(watch);
        return watch;
    }

    @Bean
    HealthIndicator analyzerKafkaHealthIndicator(BrokerHealth brokers) {
        return brokers::health;
    }

    /**
     * How the consumers of both topics behave in their groups and while they have no work. An idle one is asked after a poll that gave nothing, so polls are short: backfill
     * waits for idle live consumers. The binder's own poll-timeout is for consumers that are polled by hand.
     *
     * @param protocol of the groups. By that of KIP-848 a consumer gets what is free at once, and only who has to give something up does so after what it has in hand; by the
     *     classic one those who join wait for all others, while all others go on with what they keep
     */
    @Bean
    ListenerContainerCustomizer<AbstractMessageListenerContainer<?, ?>> analyzerConsumers(
            @Value("${basewatch.kafka.group-protocol}") String protocol, KafkaAdmin admin, ConsumerWatch watch) {
        if (!List.of("auto", "consumer", "classic").contains(protocol)) {
            throw new IllegalArgumentException(
                    "basewatch.kafka.group-protocol is '" + protocol + "', not auto, consumer or classic");
        }
        GroupStart start = new GroupStart(admin.getConfigurationProperties());
        return (container, destination, group) -> {
            for (Urgency urgency : Urgency.values()) {
                if (!urgency.group().equals(group)) {
                    continue;
                }
                // Fails while Kafka is away: the binding is then tried again.
                boolean known = start.prepare(urgency);
                ContainerProperties properties = container.getContainerProperties();
                properties.setKafkaConsumerProperties(
                        groupProtocol(protocol.equals("auto") ? known : protocol.equals("consumer")));
                properties.setPollTimeout(IDLE_INTERVAL.toMillis());
                properties.setIdleEventInterval(IDLE_INTERVAL.toMillis());
                properties.setIdleBeforeDataMultiplier(1.0);
                properties.setAuthExceptionRetryInterval(AUTHORIZATION_RETRY);
                watch.watch(urgency, container);
            }
        };
    }

    private static Properties groupProtocol(boolean newer) {
        Properties properties = new Properties();
        properties.put(ConsumerConfig.GROUP_PROTOCOL_CONFIG, newer ? "consumer" : "classic");
        if (!newer) {
            properties.put(
                    ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG, CooperativeStickyAssignor.class.getName());
        }
        return properties;
    }

    @Bean
    LeaveOnClose analyzerLeaveOnClose() {
        return new LeaveOnClose();
    }

    @Bean
    Announcer analyzerAnnouncer(EventLog log) {
        return new Announcer(log);
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
            JudgementArchive judgements,
            ImageAnalyzer analyzer,
            LiveFirst liveFirst,
            Announcer announcer,
            AnalyzerMetrics metrics,
            SecondLooks secondLooks,
            ConsumerWatch consumers) {
        return new EventHandler(archive, judgements, analyzer, liveFirst, announcer, metrics, secondLooks, consumers);
    }

    /** Named in {@code layer-analyzer-bindings.yml}. */
    @Bean
    FailedEvents analyzerErrorHandler(
            AnalyzerSettings settings, EventHandler events, Announcer announcer, AnalyzerMetrics metrics) {
        return new FailedEvents(settings.retries(), events, announcer, metrics, FailedEvents.Pauses.REAL);
    }

    @Bean
    ConsumerLag analyzerConsumerLag(KafkaAdmin admin, AnalyzerMetrics metrics) {
        return new ConsumerLag(admin.getConfigurationProperties(), metrics);
    }

    @Bean
    Worker analyzerLooksAtLag(AnalyzerSettings settings, ConsumerLag lag) {
        return Worker.every("consumer-lag", settings.lagInterval(), lag::look);
    }

    @Bean
    Retelling analyzerRetelling(Announcer announcer, AnalyzerProgress progress) {
        return new Retelling(announcer, progress);
    }

    @Bean
    SecondLooks analyzerSecondLooks(
            AnalyzerSettings settings,
            StaleImages stale,
            Turns turns,
            Retelling retelling,
            AnalyzerMetrics metrics,
            Registries registries) {
        return new SecondLooks(
                stale,
                turns.of(StaleImages.UNREAD, settings.lease()),
                retelling,
                metrics,
                registries::hosts,
                settings.lookAgain().pauses(),
                Clock.systemUTC());
    }

    @Bean
    Worker analyzerLooksAgain(SecondLooks secondLooks) {
        return Worker.every("second-looks", secondLooks.glance(), secondLooks::look);
    }

    @Bean
    Renewal analyzerRenewal(
            AnalyzerSettings settings,
            Turns turns,
            StaleImages stale,
            JudgementArchive judgements,
            ImageAnalyzer analyzer,
            EventHandler events,
            LiveFirst liveFirst,
            AnalyzerMetrics metrics) {
        return new Renewal(
                turns,
                List.of(new Rederivation(stale, analyzer, events), new Rejudgement(judgements, analyzer)),
                liveFirst,
                metrics,
                settings.lease(),
                settings.rederiveInterval());
    }

    @Bean
    Worker analyzerRenews(Renewal renewal) {
        return Worker.every("renewal", renewal.glance(), renewal::round);
    }

    /** After all was derived that can be. */
    @Bean
    Worker analyzerRequeues(
            AnalyzerSettings settings,
            Turns turns,
            StaleImages stale,
            ImageAnalyzer analyzer,
            Retelling retelling,
            AnalyzerProgress progress,
            AnalyzerMetrics metrics,
            Renewal renewal) {
        Requeue requeue = new Requeue(
                stale, analyzer, retelling, progress, metrics, settings.rederiveInterval(), Clock.systemUTC());
        Worker.Task pass = requeue.turns(turns, settings.lease()).whenFree(requeue::pass);
        return Worker.every("requeue", renewal.glance(), () -> {
            if (renewal.wentThrough()) {
                pass.run();
            }
        });
    }

    @Bean
    Consumer<Message<byte[]>> liveImageEvents(EventHandler events) {
        return message -> handle(events, Urgency.LIVE, message);
    }

    @Bean
    Consumer<Message<byte[]>> backfillImageEvents(EventHandler events) {
        return message -> handle(events, Urgency.BACKFILL, message);
    }

    /** As a step of the trace that the event came from. */
    private static void handle(EventHandler events, Urgency urgency, Message<byte[]> message) {
        Object header = message.getHeaders().get(EventLog.TRACEPARENT);
        String traceparent = null;
        if (header instanceof String text) {
            traceparent = text;
        } else if (header instanceof byte[] bytes) {
            traceparent = new String(bytes, StandardCharsets.US_ASCII);
        }
        try (Step step = Step.continued(What.EVENT_HANDLE, traceparent)) {
            step.with(Step.URGENCY, urgency.toString());
            try {
                events.handle(urgency, message.getPayload());
            } catch (RuntimeException e) {
                step.failed(e);
                throw e;
            }
        }
    }
}
