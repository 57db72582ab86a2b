/** Repositories. */
@NullMarked
package io.basewatch.reportapi.repository;

import org.jspecify.annotations.NullMarked;
