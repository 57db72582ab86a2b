/** The nouns of a fleet and the image events' codec: no Spring, Kafka, Mongo or jib. */
@NullMarked
package io.basewatch.fleetmodel;

import org.jspecify.annotations.NullMarked;
