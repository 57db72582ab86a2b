/** Measures the layer engine against the machine's own tools, in one run on the same files. */
@NullMarked
package io.basewatch.benchmarks;

import org.jspecify.annotations.NullMarked;
