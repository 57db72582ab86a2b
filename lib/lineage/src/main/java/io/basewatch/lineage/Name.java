package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.Digest;
import java.util.Comparator;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a base is called.
 *
 * @param reference {@code registry/repository:tag}; for a claim as the image writes it
 * @param digest of the image that it is, or was; null where only a name is known
 */
public record Name(String reference, From from, @Nullable Digest digest) {

    /** What leads to a base now before what once did, and by name. */
    static final Comparator<Name> ORDER = Comparator.comparing(Name::from)
            .thenComparing(Name::reference)
            .thenComparing(name -> String.valueOf(name.digest()));

    /** Who calls it so; the best first. */
    public enum From {
        /** A tag of the fleet leads to it. */
        TAG,
        /** It is a well-known public image. */
        KNOWN,
        /** A tag of the fleet once led to it, and leads elsewhere now, or is gone. */
        FORMER,
        /** Images say that they stand on it. */
        CLAIM;

        @JsonCreator
        public static From parse(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT));
        }

        @JsonValue
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
