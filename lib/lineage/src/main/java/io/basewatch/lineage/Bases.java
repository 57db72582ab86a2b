package io.basewatch.lineage;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** All bases of the fleet as they were at one moment; never changes. */
public final class Bases {

    private final long version;
    private final List<Base> all;
    private final Map<BaseId, Base> byId;

    Bases(long version, List<Base> all) {
        this.version = version;
        this.all = List.copyOf(all);
        this.byId = all.stream().collect(Collectors.toUnmodifiableMap(Base::id, Function.identity()));
    }

    /** {@link FleetTree#version()} at that moment. */
    public long version() {
        return version;
    }

    /** Those with the most descendants first, then by id. */
    public List<Base> all() {
        return all;
    }

    public Optional<Base> find(BaseId id) {
        return Optional.ofNullable(byId.get(id));
    }
}
