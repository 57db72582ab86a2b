/** Images: lists of them, and all that is known of one. */
@NullMarked
package io.basewatch.reportapi.image;

import org.jspecify.annotations.NullMarked;
