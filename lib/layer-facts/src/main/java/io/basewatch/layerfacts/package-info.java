/** How a layer's bytes become facts, and how the facts of layers, laid over each other, become the view of an image. */
@NullMarked
package io.basewatch.layerfacts;

import org.jspecify.annotations.NullMarked;
