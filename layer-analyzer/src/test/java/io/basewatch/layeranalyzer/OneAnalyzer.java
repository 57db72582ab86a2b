package io.basewatch.layeranalyzer;

import io.basewatch.eventlog.EventLog;
import io.basewatch.fingerprint.Kinds;
import io.basewatch.fleetmodel.ImageEvent;
import io.basewatch.fleetmodel.ImageEventCodec;
import io.basewatch.fleetstore.FleetStore;
import io.basewatch.fleetstore.StaleImages;
import io.basewatch.fleetstore.StoreUnavailableException;
import io.basewatch.layerfacts.Isal;
import io.basewatch.layerfacts.LayerLimits;
import io.basewatch.worker.GrowingPauses;
import io.basewatch.worker.Worker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.springframework.cloud.stream.function.StreamOperations;
import org.springframework.kafka.KafkaException;
import org.springframework.kafka.listener.MessageListenerContainer;
import org.springframework.kafka.support.KafkaHeaders;
import org.springframework.messaging.Message;
import org.springframework.util.MimeType;

/**
 * The real parts of an analyzer between a made-up log of events and a real store, one event at a time in the test's own thread. What the process
 * knows is gone when it crashes; the log, what of it is acknowledged, and the store stay.
 */
final class OneAnalyzer implements AutoCloseable {

    /** A place at which the process may die. */
    enum Point {
        WRITE_NOT_DONE,
        WRITE_NOT_ANSWERED,
        TOLD_NOT_TAKEN,
        TOLD_NOT_ANSWERED,
        HANDLED_NOT_ACKNOWLEDGED,
        ACKNOWLEDGED
    }

    /** Decides at each place, in the order in which they are passed, whether the process dies there. */
    interface Fate {
        boolean diesAt(Point point);
    }

    final MadeUpRegistry registry;
    final List<String> announced = new ArrayList<>();
    final List<Message<?>> dead = new ArrayList<>();
    final List<Duration> pauses = new ArrayList<>();
    int crashes;
    BooleanSupplier kafkaAway = () -> false;
    private final String database;
    private final StoreProxy proxy;
    private final Fate fate;
    private final Duration lease;
    private final Map<Urgency, List<byte[]>> log = new EnumMap<>(Urgency.class);
    private final Map<Urgency, Integer> acknowledged = new EnumMap<>(Urgency.class);
    private final FailedEvents.Pauses time;
    private volatile boolean crashed;
    private volatile boolean opening;
    private Process process;

    /**
     * @param storePort of an embedded store
     * @param lease for layers and turns
     * @param time what happens in pauses; they are noted in any case
     */
    OneAnalyzer(
            MadeUpRegistry registry,
            int storePort,
            String database,
            Fate fate,
            Duration lease,
            FailedEvents.Pauses time) {
        this.registry = registry;
        this.database = database;
        this.fate = fate;
        this.lease = lease;
        this.proxy = new StoreProxy(storePort, () -> dies(Point.WRITE_NOT_DONE), () -> dies(Point.WRITE_NOT_ANSWERED));
        this.time = (pause, wanted) -> {
            pauses.add(pause);
            time.pause(pause, wanted);
        };
        for (Urgency urgency : Urgency.values()) {
            log.put(urgency, new ArrayList<>());
            acknowledged.put(urgency, 0);
        }
        process = start();
    }

    /** Once dead it does not die again before it is restarted; what the store does for itself when it is opened is left out. */
    private synchronized boolean dies(Point point) {
        if (!crashed && !opening && fate.diesAt(point)) {
            crashed = true;
        }
        return crashed;
    }

    StoreProxy store() {
        return proxy;
    }

    private String connectionString() {
        return "mongodb://127.0.0.1:" + proxy.port() + "/" + database
                + "?serverSelectionTimeoutMS=150&connectTimeoutMS=1000&socketTimeoutMS=1000";
    }

    /** All that is gone after a crash. */
    private record Process(FleetStore store, LayerWork layers, EventHandler events, FailedEvents failed, Worker looks)
            implements AutoCloseable {
        @Override
        public void close() {
            looks.stop();
            layers.close();
            store.close();
        }
    }

    /** Also when the machine is slower than the driver is patient. */
    FleetStore open() {
        opening = true;
        try {
            long begun = System.nanoTime();
            while (true) {
                try {
                    return FleetStore.connect(connectionString());
                } catch (StoreUnavailableException e) {
                    if (System.nanoTime() - begun > TimeUnit.MINUTES.toNanos(5)) {
                        throw e;
                    }
                }
            }
        } finally {
            opening = false;
        }
    }

    private Process start() {
        FleetStore store = open();
        AnalyzerProgress progress = new AnalyzerProgress();
        AnalyzerMetrics metrics = new AnalyzerMetrics(new SimpleMeterRegistry(), progress);
        LayerWork layers = new LayerWork(
                store.layerFacts(),
                LayerLimits.defaults(),
                false,
                Isal.none(),
                Kinds.all(),
                "one",
                lease,
                Duration.ofMinutes(1),
                2,
                metrics);
        ImageAnalyzer analyzer =
                new ImageAnalyzer(registry::source, layers, Duration.ofMinutes(5), Long.MAX_VALUE, Clock.systemUTC());
        Announcer announcer = new Announcer(new EventLog(new Bridge()));
        progress.looked(System.nanoTime(), 0);
        SecondLooks looks = new SecondLooks(
                store.staleImages(),
                store.turns().of(StaleImages.UNREAD, lease),
                new Retelling(announcer, progress),
                metrics,
                () -> Set.of(MadeUpRegistry.HOST),
                new GrowingPauses(Duration.ofMillis(20), Duration.ofMillis(300)),
                Clock.systemUTC());
        EventHandler events = new EventHandler(
                store.imageArchive(),
                store.judgements(),
                analyzer,
                new LiveFirst(Duration.ofMillis(1), member -> false),
                announcer,
                metrics,
                looks,
                new ConsumerWatch(Duration.ofHours(1), Duration.ofHours(1), System::nanoTime));
        AnalyzerSettings.Retries retries =
                new AnalyzerSettings.Retries(3, Duration.ofSeconds(2), Duration.ofSeconds(30));
        return new Process(
                store,
                layers,
                events,
                new FailedEvents(retries, events, announcer, metrics, time),
                Worker.every("second-looks", looks.glance(), looks::look));
    }

    void tell(Urgency urgency, ImageEvent event) {
        tell(urgency, ImageEventCodec.encode(event));
    }

    void tell(Urgency urgency, byte[] record) {
        synchronized (log) {
            log.get(urgency).add(record);
        }
    }

    boolean isCaughtUp(Urgency urgency) {
        synchronized (log) {
            return acknowledged.get(urgency) == log.get(urgency).size();
        }
    }

    boolean isCaughtUp() {
        return isCaughtUp(Urgency.LIVE) && isCaughtUp(Urgency.BACKFILL);
    }

    /** One delivery of the next record, whatever comes of it. */
    void deliver(Urgency urgency) {
        int offset = acknowledged.get(urgency);
        byte[] record;
        synchronized (log) {
            record = log.get(urgency).get(offset);
        }
        boolean handled = handle(urgency, offset, record);
        if (handled && !dies(Point.HANDLED_NOT_ACKNOWLEDGED)) {
            acknowledged.put(urgency, offset + 1);
            dies(Point.ACKNOWLEDGED);
        }
        if (crashed) {
            restart();
        }
    }

    private boolean handle(Urgency urgency, int offset, byte[] record) {
        try {
            process.events().handle(urgency, record);
            return true;
        } catch (RuntimeException thrown) {
            TopicPartition partition = new TopicPartition(urgency.topic(), 0);
            MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
            consumer.assign(List.of(partition));
            try {
                process.failed()
                        .handleRemaining(
                                thrown,
                                List.of(new ConsumerRecord<>(
                                        urgency.topic(), 0, offset, "key".getBytes(StandardCharsets.UTF_8), record)),
                                consumer,
                                new RunningContainer());
                return true;
            } catch (KafkaException again) {
                return false;
            }
        }
    }

    private void restart() {
        crashes++;
        proxy.cutOff();
        process.close();
        proxy.restore();
        crashed = false;
        process = start();
    }

    void deliverAll() {
        while (!isCaughtUp()) {
            for (Urgency urgency : Urgency.values()) {
                if (!isCaughtUp(urgency)) {
                    deliver(urgency);
                }
            }
        }
    }

    Worker secondLooks() {
        return process.looks();
    }

    @Override
    public void close() {
        process.close();
        proxy.close();
    }

    /** Kafka, as far as the analyzer writes there. */
    private final class Bridge implements StreamOperations {

        @Override
        public boolean send(String binding, Object data) {
            if (kafkaAway.getAsBoolean() || dies(Point.TOLD_NOT_TAKEN)) {
                throw new IllegalStateException("no broker answers");
            }
            Message<?> message = (Message<?>) data;
            switch (binding) {
                case Announcer.ANALYZED_BINDING ->
                    announced.add(
                            new String((byte[]) message.getHeaders().get(KafkaHeaders.KEY), StandardCharsets.UTF_8));
                case Announcer.DEAD_BINDING -> dead.add(message);
                default -> tell(Urgency.BACKFILL, (byte[]) message.getPayload());
            }
            if (dies(Point.TOLD_NOT_ANSWERED)) {
                throw new IllegalStateException("the answer did not come");
            }
            return true;
        }

        @Override
        public boolean send(String binding, Object data, MimeType type) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean send(String binding, String binder, Object data) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean send(String binding, String binder, Object data, MimeType type) {
            throw new UnsupportedOperationException();
        }
    }

    private static final class RunningContainer implements MessageListenerContainer {
        @Override
        public void setupMessageListener(Object listener) {}

        @Override
        public Map<String, Map<MetricName, ? extends Metric>> metrics() {
            return Map.of();
        }

        @Override
        public boolean isRunning() {
            return true;
        }

        @Override
        public void start() {}

        @Override
        public void stop() {}
    }
}
