package io.basewatch.layeranalyzer;

/** Kafka did not take a record, or nobody knows whether it did: nothing is wrong with the record, and telling it again may be done for as long as it takes. */
final class KafkaUnavailableException extends RuntimeException {

    KafkaUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
