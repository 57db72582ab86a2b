package io.basewatch.reportapi;

import io.basewatch.fleetmodel.Owners;
import io.basewatch.lifecycle.SupportPolicy;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.UnboundConfigurationPropertiesException;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;

/** What is configured for places: {@code basewatch.policy} and {@code basewatch.owners}. A misspelt key is refused, as an entry would mean something else without it. */
public final class PlaceSettings {

    private PlaceSettings() {}

    /**
     * @throws RuntimeException naming key, value and what would do
     */
    public static SupportPolicy policy(Binder settings) {
        return SupportPolicy.of(list(settings, "basewatch.policy", SupportPolicy.Entry.class));
    }

    /**
     * @throws RuntimeException naming key, value and what would do
     */
    public static Owners owners(Binder settings) {
        return Owners.of(list(settings, "basewatch.owners", Owners.Entry.class));
    }

    private static <T extends Record> List<T> list(Binder settings, String key, Class<T> entry) {
        try {
            return settings.bind(key, Bindable.listOf(entry), new NoUnboundElementsBindHandler(BindHandler.DEFAULT))
                    .orElse(List.of());
        } catch (BindException e) {
            if (e.getCause() instanceof UnboundConfigurationPropertiesException unbound) {
                throw new IllegalArgumentException(
                        unbound.getUnboundProperties().stream()
                                        .map(property -> property.getName().toString())
                                        .collect(Collectors.joining(", "))
                                + " is no setting: an entry has "
                                + Arrays.stream(entry.getRecordComponents())
                                        .map(RecordComponent::getName)
                                        .collect(Collectors.joining(", ")),
                        unbound);
            }
            throw e;
        }
    }
}
