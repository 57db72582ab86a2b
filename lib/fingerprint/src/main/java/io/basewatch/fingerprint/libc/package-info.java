/** Which C library an image stands on, told from its loaders, libraries and executables before any database or release file is believed. */
@NullMarked
package io.basewatch.fingerprint.libc;

import org.jspecify.annotations.NullMarked;
