/** How judgements come to see images that are not read: by the facts that are kept of their layers, and bases by their descriptions. */
@NullMarked
package io.basewatch.caveats.kept;

import org.jspecify.annotations.NullMarked;
