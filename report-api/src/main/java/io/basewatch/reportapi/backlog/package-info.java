/** What to move first, and how. */
@NullMarked
package io.basewatch.reportapi.backlog;

import org.jspecify.annotations.NullMarked;
