package io.basewatch.registrywatcher;

import org.jspecify.annotations.Nullable;

/** Ends a {@link Look}: store or Kafka are away, the registry does not answer any more, or the watcher stops. It is logged and counted already. */
final class LookEndedException extends RuntimeException {

    LookEndedException(@Nullable Throwable cause) {
        super("look ended early", cause);
    }
}
