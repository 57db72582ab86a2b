/** Which image stands on which, over the whole fleet, by what their layers are: in memory, without any service. */
@NullMarked
package io.basewatch.lineage;

import org.jspecify.annotations.NullMarked;
