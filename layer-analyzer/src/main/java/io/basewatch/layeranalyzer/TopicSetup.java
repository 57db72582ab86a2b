package io.basewatch.layeranalyzer;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.kafka.core.KafkaAdmin;

/** Makes the topics, and corrects how long the dead one is kept, as soon as Kafka can be reached; without anybody waiting for it. */
final class TopicSetup implements SmartLifecycle {

    private static final long RETRY_SECONDS = 5;

    private final KafkaAdmin admin;
    private @Nullable Thread thread;

    TopicSetup(KafkaAdmin admin) {
        this.admin = admin;
    }

    @Override
    public synchronized void start() {
        Thread worker = new Thread(this::run, "topic-setup");
        worker.setDaemon(true);
        thread = worker;
        worker.start();
    }

    private void run() {
        try {
            while (!admin.initialize()) {
                TimeUnit.SECONDS.sleep(RETRY_SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void stop() {
        Thread worker = thread;
        thread = null;
        if (worker != null) {
            worker.interrupt();
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return thread != null;
    }
}
