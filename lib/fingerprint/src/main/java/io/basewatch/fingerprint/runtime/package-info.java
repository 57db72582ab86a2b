/** Language runtimes, servers and tools in an image, and what they imply for its C library. One detector for each thing. */
@NullMarked
package io.basewatch.fingerprint.runtime;

import org.jspecify.annotations.NullMarked;
