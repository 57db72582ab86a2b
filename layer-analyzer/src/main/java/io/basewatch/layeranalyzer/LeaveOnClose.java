package io.basewatch.layeranalyzer;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.apache.kafka.clients.consumer.Consumer;
import org.springframework.cloud.stream.binder.kafka.config.ClientFactoryCustomizer;
import org.springframework.kafka.core.ConsumerFactory;

/**
 * Consumers leave their group when they are closed, and not by unsubscribing right before that, as their containers have them do. Who unsubscribes is still told of partitions that
 * were assigned to him meanwhile. Containers then ask where each of them goes on, which the brokers do not tell somebody who is leaving: by Kafka's client 4.2 that is asked
 * for a minute per partition, at the full speed of two threads, while this analyzer keeps its partitions from all others. Closing tells of nothing that is new, gives up the
 * partitions and leaves.
 */
final class LeaveOnClose implements ClientFactoryCustomizer {

    @Override
    public void configure(ConsumerFactory<?, ?> consumers) {
        leaveOnClose(consumers);
    }

    private static <K, V> void leaveOnClose(ConsumerFactory<K, V> consumers) {
        consumers.addPostProcessor(LeaveOnClose::leavingOnClose);
    }

    @SuppressWarnings("unchecked")
    static <K, V> Consumer<K, V> leavingOnClose(Consumer<K, V> consumer) {
        return (Consumer<K, V>) Proxy.newProxyInstance(
                Consumer.class.getClassLoader(), new Class<?>[] {Consumer.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("unsubscribe")) {
                        return null;
                    }
                    try {
                        return method.invoke(consumer, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
