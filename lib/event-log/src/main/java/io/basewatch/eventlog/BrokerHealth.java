package io.basewatch.eventlog;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;

/**
 * Whether Kafka answers, said in less than two seconds whatever Kafka does: in place of the binder's own indicator, which waits a minute. Asks by a
 * thread of its own, since a broker's name may take long to be found. Thread-safe.
 */
public final class BrokerHealth implements AutoCloseable {

    private static final int ANSWER_MILLIS = 1500;

    /** Whoever asks sooner after another one gets the same answer. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Map<String, Object> connection;
    private final ExecutorService asking = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "broker-health");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Admin admin;
    private @Nullable Future<Integer> question;
    private @Nullable Health last;
    private long lastAt;

    /**
     * @param connection as Kafka's admin client takes it
     */
    public BrokerHealth(Map<String, Object> connection) {
        this.connection = new HashMap<>(connection);
        this.connection.put("client.id", "broker-health");
        this.connection.put("request.timeout.ms", ANSWER_MILLIS);
        this.connection.put("default.api.timeout.ms", ANSWER_MILLIS);
        this.connection.put("reconnect.backoff.max.ms", ANSWER_MILLIS);
    }

    /** Up with the number of nodes, or down with the brokers' addresses and what is wrong. */
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
        // One that did not answer in time is waited for again, not asked beside.
        Future<Integer> asked = question == null ? asking.submit(this::nodes) : question;
        question = asked;
        try {
            int nodes = asked.get(ANSWER_MILLIS, TimeUnit.MILLISECONDS);
            question = null;
            return Health.up().withDetail("nodes", nodes).build();
        } catch (TimeoutException e) {
            return down("no answer within " + ANSWER_MILLIS + " ms");
        } catch (ExecutionException e) {
            question = null;
            Throwable cause = e.getCause() instanceof ExecutionException nested ? nested.getCause() : e.getCause();
            return down(String.valueOf(cause == null ? null : cause.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return down("interrupted");
        }
    }

    private int nodes() throws ExecutionException, InterruptedException {
        Admin client = admin;
        if (client == null) {
            client = Admin.create(connection);
            admin = client;
        }
        return client.describeCluster(new DescribeClusterOptions().timeoutMs(ANSWER_MILLIS))
                .nodes()
                .get()
                .size();
    }

    private Health down(String problem) {
        return Health.down()
                .withDetail("error", "Kafka does not answer at " + connection.get("bootstrap.servers") + ": " + problem)
                .build();
    }

    @Override
    public void close() {
        asking.execute(() -> {
            Admin client = admin;
            if (client != null) {
                client.close(Duration.ZERO);
            }
        });
        asking.shutdown();
    }
}
