package io.basewatch.fingerprint.packages;

import org.jspecify.annotations.Nullable;

/** Where the pages of a SQLite database are: in its file, or those that a write-ahead log has in its place. Pages are numbered from 1. */
interface SqlitePages {

    int pageBytes();

    /** Without what is reserved at the end of each page. */
    int usableBytes();

    /** How many pages the database has. */
    long count();

    /**
     * @return null when this is not the place where the page is to be found
     */
    byte @Nullable [] page(long number) throws BrokenDatabaseException;
}
