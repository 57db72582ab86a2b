/**
 * What follows from what an image stands on and from its files: the traps that it carries ({@link io.basewatch.caveats.Judge}). Knows nothing of layers: a stored
 * description of a base may stand in for an image ({@link io.basewatch.caveats.JudgedImage}). A rule is a class and a line in the catalogue.
 */
@NullMarked
package io.basewatch.caveats;

import org.jspecify.annotations.NullMarked;
