package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;

/** @param rank from 1, among all entries of the day */
record Ranked(Entry entry, int rank) {}
