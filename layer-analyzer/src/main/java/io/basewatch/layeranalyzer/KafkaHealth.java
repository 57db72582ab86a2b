package io.basewatch.layeranalyzer;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/** Whether Kafka answers, known within a second and a half. In place of the binder's own, which waits for a minute. */
final class KafkaHealth implements HealthIndicator, AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMillis(1_500);

    /** Whoever asks sooner after another one gets the same answer. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Map<String, Object> connection;
    private @Nullable Admin admin;
    private @Nullable Health last;
    private long lastAt;

    /**
     * @param connection as Kafka's admin client takes it
     */
    KafkaHealth(Map<String, Object> connection) {
        this.connection = new HashMap<>(connection);
    }

    @Override
    public synchronized Health health() {
        Health known = last;
        if (known == null || System.nanoTime() - lastAt > FRESH.toNanos()) {
            known = ask();
            last = known;
            lastAt = System.nanoTime();
        }
        return known;
    }

    private Health ask() {
        try {
            Admin asked = admin;
            if (asked == null) {
                asked = Admin.create(connection);
                admin = asked;
            }
            asked.describeCluster(new DescribeClusterOptions().timeoutMs((int) PATIENCE.toMillis()))
                    .nodes()
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            return Health.up().build();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Health.down().withDetail("error", "interrupted").build();
        } catch (ExecutionException | TimeoutException | RuntimeException e) {
            String problem = String.valueOf(Causes.innermost(e).getMessage());
            return Health.down()
                    .withDetail(
                            "error", "Kafka does not answer at " + connection.get("bootstrap.servers") + ": " + problem)
                    .build();
        }
    }

    @Override
    public synchronized void close() {
        if (admin != null) {
            admin.close(Duration.ofSeconds(1));
            admin = null;
        }
    }
}
