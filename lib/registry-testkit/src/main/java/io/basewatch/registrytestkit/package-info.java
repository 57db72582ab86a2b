/** A registry inside the process, for the demo and for tests. */
@NullMarked
package io.basewatch.registrytestkit;

import org.jspecify.annotations.NullMarked;
