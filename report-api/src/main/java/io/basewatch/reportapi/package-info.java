/** Answers questions about the fleet over HTTP. */
@NullMarked
package io.basewatch.reportapi;

import org.jspecify.annotations.NullMarked;
