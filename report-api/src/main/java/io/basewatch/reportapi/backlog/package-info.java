/** What to move first. */
@NullMarked
package io.basewatch.reportapi.backlog;

import org.jspecify.annotations.NullMarked;
