/** Which distribution and release an image's root file system is, and what says so. The order of trust, names and patterns are tables in the resources. */
@NullMarked
package io.basewatch.fingerprint.distro;

import org.jspecify.annotations.NullMarked;
