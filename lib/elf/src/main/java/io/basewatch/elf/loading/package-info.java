/**
 * What the loaders of musl and glibc would say of an image's ELF files, told from their facts: nothing is executed. Knows files by a {@link
 * io.basewatch.elf.loading.LoaderView} alone, for which a stored description of a base may stand in.
 */
@NullMarked
package io.basewatch.elf.loading;

import org.jspecify.annotations.NullMarked;
