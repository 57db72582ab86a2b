/** What an image is set up by: files that a loader, a C library or a runtime listens to, and the scripts that start it. Kept for judgements; no detector reads them. */
@NullMarked
package io.basewatch.fingerprint.settings;

import org.jspecify.annotations.NullMarked;
