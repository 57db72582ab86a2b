/** Package databases: what a distribution's package manager has installed. */
@NullMarked
package io.basewatch.fingerprint.packages;

import org.jspecify.annotations.NullMarked;
