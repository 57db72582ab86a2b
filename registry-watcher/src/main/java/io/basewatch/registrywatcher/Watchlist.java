package io.basewatch.registrywatcher;

import io.basewatch.ociregistry.RegistryEntries;
import io.basewatch.ociregistry.RegistryEntry;
import io.basewatch.ociregistry.RegistrySettings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The registries of the configuration, each with who sweeps it. When the list changes, those that are written as before go on as if nothing had been; what left the list is not swept
 * any more, and its tags leave the fleet as {@link DroppedRegistries} has it.
 */
final class Watchlist {

    private record Listed(RegistryEntry entry, SweepSchedule.Entry swept) {}

    private final Consumer<RegistryEntry> check;
    private final Function<RegistryEntry, SweepSchedule.Entry> maker;
    private final SweepSchedule schedule;
    private final Consumer<String> ended;
    private Map<String, Listed> listed = new LinkedHashMap<>();

    /**
     * @param check throws an {@link IllegalArgumentException} where an entry cannot be used
     * @param maker of the sweeper of a registry whose entry can be used
     * @param ended hears of each registry, before it is made anew or when it has left the list
     */
    Watchlist(
            Consumer<RegistryEntry> check,
            Function<RegistryEntry, SweepSchedule.Entry> maker,
            SweepSchedule schedule,
            Consumer<String> ended) {
        this.check = check;
        this.maker = maker;
        this.schedule = schedule;
        this.ended = ended;
    }

    /**
     * Takes over a list that was changed while it was watched.
     *
     * @throws IllegalArgumentException when an entry cannot be used, or nothing is left to watch; then all stays as it was
     */
    void change(RegistryEntries entries) {
        take(entries, entries.changedSettings());
    }

    /**
     * @throws IllegalArgumentException when an entry cannot be used; then all stays as it was
     */
    void take(RegistryEntries entries) {
        take(entries, entries.settings());
    }

    private synchronized void take(RegistryEntries entries, List<RegistrySettings> settings) {
        Map<String, Listed> before = listed;
        Map<String, Listed> kept = new LinkedHashMap<>();
        Map<String, RegistryEntry> begun = new LinkedHashMap<>();
        for (int i = 0; i < settings.size(); i++) {
            RegistryEntry entry = entries.registries().get(i);
            String host = settings.get(i).host();
            Listed known = before.get(host);
            if (known != null && known.entry().equals(entry)) {
                kept.put(host, known);
            } else {
                check.accept(entry);
                begun.put(host, entry);
            }
        }
        // Those before have ended when those that take their places begin.
        schedule.replace(swept(kept));
        before.keySet().stream().filter(host -> !kept.containsKey(host)).forEach(ended);
        begun.forEach((host, entry) -> kept.put(host, new Listed(entry, maker.apply(entry))));
        listed = kept;
        schedule.replace(swept(kept));
    }

    private static List<SweepSchedule.Entry> swept(Map<String, Listed> listed) {
        return listed.values().stream().map(Listed::swept).toList();
    }
}
