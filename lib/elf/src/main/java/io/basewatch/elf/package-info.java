/** What an ELF file says to its loader, read in one pass from program headers; section headers may be stripped and are never asked. */
@NullMarked
package io.basewatch.elf;

import org.jspecify.annotations.NullMarked;
