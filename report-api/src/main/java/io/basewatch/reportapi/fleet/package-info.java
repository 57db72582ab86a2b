/** The fleet in a few numbers. */
@NullMarked
package io.basewatch.reportapi.fleet;

import org.jspecify.annotations.NullMarked;
