/** What can be set under {@code basewatch.}, and what is wrong with what was: names that are none, values that cannot be. */
@NullMarked
package io.basewatch.settings;

import org.jspecify.annotations.NullMarked;
