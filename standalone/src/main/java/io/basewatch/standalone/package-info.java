/** All services in one process on embedded engines, and the command line. */
@NullMarked
package io.basewatch.standalone;

import org.jspecify.annotations.NullMarked;
