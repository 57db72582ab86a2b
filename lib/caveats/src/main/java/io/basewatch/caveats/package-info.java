/**
 * What follows from what an image stands on and from its files: the traps that it carries ({@link io.basewatch.caveats.Judge}). Knows nothing of layers: a stored
 * description of a base may stand in for an image ({@link io.basewatch.caveats.JudgedImage}). What is known of each is an entry of {@code catalogue.json}
 * ({@link io.basewatch.caveats.Catalogue}); a rule is a row of a {@code RuleTable}, or a class and a line of the judge.
 */
@NullMarked
package io.basewatch.caveats;

import org.jspecify.annotations.NullMarked;
