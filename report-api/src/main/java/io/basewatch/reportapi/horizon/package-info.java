/** What reaches the end of its support, and when. */
@NullMarked
package io.basewatch.reportapi.horizon;

import org.jspecify.annotations.NullMarked;
