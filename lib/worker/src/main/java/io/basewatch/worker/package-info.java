/** Work in the background, the same way in every room: when it runs, what happens when it fails, and how it ends. */
@NullMarked
package io.basewatch.worker;

import org.jspecify.annotations.NullMarked;
