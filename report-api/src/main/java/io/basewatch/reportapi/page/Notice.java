package io.basewatch.reportapi.page;

/**
 * What every page says first, where there is one.
 *
 * @param text for people
 */
public record Notice(String text) {}
