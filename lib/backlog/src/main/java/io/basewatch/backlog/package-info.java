/** Which bases of a fleet to move first, to what, why and at what cost: made of the tree of bases, of judgements and of support, without any service. */
@NullMarked
package io.basewatch.backlog;

import org.jspecify.annotations.NullMarked;
