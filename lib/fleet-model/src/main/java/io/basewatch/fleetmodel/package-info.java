/** The nouns of a fleet, the image events' codec and the lifecycle dataset: no Spring, Kafka, Mongo or jib. */
@NullMarked
package io.basewatch.fleetmodel;

import org.jspecify.annotations.NullMarked;
