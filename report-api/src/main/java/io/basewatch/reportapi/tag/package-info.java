/** Tags and what they lead to. */
@NullMarked
package io.basewatch.reportapi.tag;

import org.jspecify.annotations.NullMarked;
