/** Until when releases are supported, and where that is known from. */
@NullMarked
package io.basewatch.reportapi.lifecycle;

import org.jspecify.annotations.NullMarked;
