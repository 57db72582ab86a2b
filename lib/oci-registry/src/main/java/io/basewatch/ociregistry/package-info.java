/** How registries and image files are talked to. */
@NullMarked
package io.basewatch.ociregistry;

import org.jspecify.annotations.NullMarked;
