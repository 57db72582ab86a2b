/** What would become of images on other bases. */
@NullMarked
package io.basewatch.reportapi.whatif;

import org.jspecify.annotations.NullMarked;
