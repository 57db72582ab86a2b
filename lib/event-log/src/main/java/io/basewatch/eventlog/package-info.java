/** How services talk through Kafka, beside what they say: topics, health, acknowledgement, the settings of all clients. */
@NullMarked
package io.basewatch.eventlog;

import org.jspecify.annotations.NullMarked;
