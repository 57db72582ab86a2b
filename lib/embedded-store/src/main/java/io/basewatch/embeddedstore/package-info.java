/** A store for one machine: MongoDB's protocol on a file of this process, with nothing to install. */
@NullMarked
package io.basewatch.embeddedstore;

import org.jspecify.annotations.NullMarked;
