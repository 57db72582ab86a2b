/** Until when releases are supported. No Spring, Kafka, Mongo or jib. */
@NullMarked
package io.basewatch.lifecycle;

import org.jspecify.annotations.NullMarked;
