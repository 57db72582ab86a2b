/** The way of one change through all services, step by step, told to OpenTelemetry where that is wished; else nothing at all. */
@NullMarked
package io.basewatch.tracing;

import org.jspecify.annotations.NullMarked;
