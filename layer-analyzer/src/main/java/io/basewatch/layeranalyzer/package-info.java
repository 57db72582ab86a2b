/** Consumes image events, reads each layer once and stores what it says. */
@NullMarked
package io.basewatch.layeranalyzer;

import org.jspecify.annotations.NullMarked;
