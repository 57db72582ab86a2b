/** What is kept of the fleet and asked of it: the only module that sees a document. */
@NullMarked
package io.basewatch.fleetstore;

import org.jspecify.annotations.NullMarked;
