/**
 * What people see: the answers of the API as pages. A page asks the same questions as any other client, by calling who answers them, and adds only how it looks.
 */
@NullMarked
package io.basewatch.reportapi.page;

import org.jspecify.annotations.NullMarked;
