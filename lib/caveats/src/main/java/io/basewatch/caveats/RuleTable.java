package io.basewatch.caveats;

import io.basewatch.fleetmodel.Caveat;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.stream.Collectors;

/**
 * Entries of one field, a row each: for which libc it is asked at all, and what is then seen of it. Releases are the catalogue's: a row is not asked where its
 * entry does not concern the image's.
 */
class RuleTable implements Rule {

    /** What a row sees; empty for nothing. */
    interface Look extends BiFunction<Traits, String, List<Sighting>> {}

    /** Which images a row is about. */
    enum On {
        MUSL,
        ANY
    }

    record Row(String caveat, On on, Look look) {
        static Row musl(String caveat, Look look) {
            return new Row(caveat, On.MUSL, look);
        }

        static Row any(String caveat, Look look) {
            return new Row(caveat, On.ANY, look);
        }
    }

    private final String id;
    private final List<Row> rows;

    /** @param id {@code name/version} */
    RuleTable(String id, List<Row> rows) {
        this.id = id;
        this.rows = List.copyOf(rows);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public List<Caveat> judge(Case seen) {
        Traits traits = seen.traits();
        List<Caveat> caveats = new ArrayList<>();
        for (Row row : rows) {
            if ((row.on == On.MUSL && !traits.isMusl())
                    || !Catalogue.known(row.caveat).concerns(traits.musl(), traits.alpine())) {
                continue;
            }
            for (Sighting sighting : row.look.apply(traits, id)) {
                caveats.add(sighting.toCaveat(row.caveat, seen.image().isWhole()));
            }
        }
        return caveats;
    }

    @Override
    public Set<String> tells() {
        return rows.stream().map(Row::caveat).collect(Collectors.toUnmodifiableSet());
    }
}
