/** How an image's bytes become findings. */
@NullMarked
package io.basewatch.fingerprint;

import org.jspecify.annotations.NullMarked;
