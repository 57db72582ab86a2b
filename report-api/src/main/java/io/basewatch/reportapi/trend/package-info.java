/** How the fleet was on each day of the years, and what changed between two of them. */
@NullMarked
package io.basewatch.reportapi.trend;

import org.jspecify.annotations.NullMarked;
