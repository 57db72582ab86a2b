/** What all questions have in common: pages, parameters and how errors are told. */
@NullMarked
package io.basewatch.reportapi.web;

import org.jspecify.annotations.NullMarked;
