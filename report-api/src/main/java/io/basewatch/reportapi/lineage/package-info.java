/** Which image stands on which: the tree over the fleet that is kept in memory, and what is asked of it. */
@NullMarked
package io.basewatch.reportapi.lineage;

import org.jspecify.annotations.NullMarked;
