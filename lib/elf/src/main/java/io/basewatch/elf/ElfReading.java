package io.basewatch.elf;

import io.basewatch.layerfacts.PackedReader;
import io.basewatch.layerfacts.PackedWriter;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How far the file could be read.
 *
 * @param truncated something the file points to lies outside of what was kept, or of the file: lists may then be too short, and are never wrong
 * @param problem why the rest could not be read, for people; null when all was well
 * @param cuts bounds of ours that were met: the file says more than the facts do, and what a list does not have may be in the file all the same
 */
public record ElfReading(boolean truncated, @Nullable String problem, Set<Cut> cuts) {

    /** A bound of the reading. */
    public enum Cut {
        /** More segments, entries of the dynamic section or notes than are looked at. */
        STRUCTURE(1, "more program headers, entries of the dynamic section or notes than are looked at"),
        NEEDED(2, "more needed libraries than are kept"),
        VERSIONS(3, "more versions of symbols than are kept"),
        /** Also packed in a form that is not unpacked. */
        RELOCATIONS(4, "more relocations than are looked at, or packed ones"),
        REFERENCES(5, "more symbols that it asks for, or longer names, than are kept"),
        EXPORTS(6, "more symbols that it offers, or longer names, than are kept"),
        /** The file's tables lie where nothing is kept of a file of that size. */
        CONTENT(7, "tables outside of the parts of a large file that are kept");

        private final int code;
        private final String text;

        Cut(int code, String text) {
            this.code = code;
            this.text = text;
        }

        /** For people: what the file has. */
        public String text() {
            return text;
        }
    }

    public ElfReading {
        cuts = Collections.unmodifiableSet(cuts.isEmpty() ? EnumSet.noneOf(Cut.class) : EnumSet.copyOf(cuts));
    }

    /** By hand, as what the JVM makes of a record takes a run that has just begun some milliseconds. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ElfReading reading
                && truncated == reading.truncated
                && Objects.equals(problem, reading.problem)
                && cuts.equals(reading.cuts);
    }

    @Override
    public int hashCode() {
        return (31 * Boolean.hashCode(truncated) + Objects.hashCode(problem)) * 31 + cuts.size();
    }

    public boolean isCut() {
        return !cuts.isEmpty();
    }

    /** For people, where {@link #isCut}. */
    public String cutText() {
        return "has " + cuts.stream().map(Cut::text).collect(Collectors.joining(", and "))
                + "; what it needs and offers is known in part";
    }

    void write(PackedWriter out) {
        out.flag(truncated).textOrNull(problem).number(cuts.size());
        cuts.forEach(cut -> out.number(cut.code));
    }

    static ElfReading read(PackedReader in) {
        boolean truncated = in.flag();
        String problem = in.textOrNull();
        Set<Cut> cuts = EnumSet.noneOf(Cut.class);
        for (int left = in.count(); left > 0; left--) {
            long code = in.number();
            boolean isKnown = false;
            for (Cut cut : Cut.values()) {
                if (cut.code == code) {
                    cuts.add(cut);
                    isKnown = true;
                }
            }
            if (!isKnown) {
                throw in.broken("cut " + code);
            }
        }
        return new ElfReading(truncated, problem, cuts);
    }
}
