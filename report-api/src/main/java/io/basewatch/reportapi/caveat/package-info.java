/** Caveats: what there is to know of each, and how many of the fleet's images have it. */
@NullMarked
package io.basewatch.reportapi.caveat;

import org.jspecify.annotations.NullMarked;
