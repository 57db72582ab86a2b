/** Polls registries and publishes image events. */
@NullMarked
package io.basewatch.registrywatcher;

import org.jspecify.annotations.NullMarked;
