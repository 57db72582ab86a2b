/**
 * What ELF files say ({@link io.basewatch.elf.ElfFacts}), and the ELF files of an image ({@link io.basewatch.elf.ElfFiles}). How files are read is in {@code reading};
 * what loaders make of the facts (search paths, scopes, which relocations they know) belongs into a package of its own beside it, which asks {@code ElfFiles} and nothing else.
 */
@NullMarked
package io.basewatch.elf;

import org.jspecify.annotations.NullMarked;
