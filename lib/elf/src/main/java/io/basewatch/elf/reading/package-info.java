/**
 * How ELF files become {@link io.basewatch.elf.ElfFacts}: in one pass over their bytes, from program headers; section headers may be stripped and are never asked. Knows
 * of no loader's rules.
 */
@NullMarked
package io.basewatch.elf.reading;

import org.jspecify.annotations.NullMarked;
