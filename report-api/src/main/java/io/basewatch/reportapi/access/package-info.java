/** Who asks, whether they may, and what operators did. */
@NullMarked
package io.basewatch.reportapi.access;

import org.jspecify.annotations.NullMarked;
