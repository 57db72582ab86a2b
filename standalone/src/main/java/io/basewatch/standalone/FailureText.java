package io.basewatch.standalone;

import io.basewatch.settings.Problem;
import io.basewatch.settings.Schema;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.web.server.PortInUseException;

/** Why a command ended, in one line for people: frameworks wrap what matters into what happened to them because of it. */
final class FailureText {

    /** Deeper than any chain of causes that was not made to never end. */
    private static final int MAX_DEPTH = 50;

    private FailureText() {}

    static String of(Throwable failure) {
        PortInUseException port = find(failure, PortInUseException.class);
        if (port != null) {
            return "--port " + port.getPort() + " is in use: give another one, or 0 for any that is free";
        }
        BindException binding = find(failure, BindException.class);
        ConfigurationProperty property = binding == null ? null : binding.getProperty();
        if (property != null) {
            return "setting " + property.getName() + value(property)
                    + (property.getOrigin() == null ? "" : " (" + property.getOrigin() + ")") + ": "
                    + Schema.bundled()
                            .trouble(property.getName(), String.valueOf(property.getValue()))
                            .orElseGet(() -> message(innermost(failure)));
        }
        return message(binding != null ? innermost(failure) : belowSpring(failure));
    }

    /** What may be secret, or have a password before an @, is not told. */
    private static String value(ConfigurationProperty property) {
        String value = String.valueOf(property.getValue());
        return value.indexOf('@') >= 0 || Schema.bundled().isSecret(property.getName()) ? "" : " is '" + value + "'";
    }

    /** What Spring was told when it could not make a bean: the first that is not its own. */
    private static Throwable belowSpring(Throwable failure) {
        Throwable at = failure;
        for (int depth = 0; at instanceof BeansException && at.getCause() != null && depth < MAX_DEPTH; depth++) {
            at = at.getCause();
        }
        return at;
    }

    private static String message(Throwable failure) {
        return Problem.withoutSecrets(failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    private static <T extends Throwable> @Nullable T find(Throwable failure, Class<T> type) {
        Throwable at = failure;
        for (int depth = 0; at != null && depth < MAX_DEPTH; depth++) {
            if (type.isInstance(at)) {
                return type.cast(at);
            }
            at = at.getCause();
        }
        return null;
    }

    private static Throwable innermost(Throwable failure) {
        Throwable at = failure;
        for (int depth = 0; at.getCause() != null && depth < MAX_DEPTH; depth++) {
            at = at.getCause();
        }
        return at;
    }
}
