package io.basewatch.lineage;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Platform;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The name of a base that stays the same however often its images are pushed again, recompressed or renamed: what its layers are, and for which platform. One that no layers are known of, only a
 * name that images claim, is told by that name.
 *
 * @param key ChainID of the base's layers; for one that is only claimed, SHA-256 of what is claimed
 * @param isClaim whether there is only a claim
 * @param platform {@linkplain #normal normalised}; null for images that do not say theirs
 */
public record BaseId(Digest key, boolean isClaim, @Nullable Platform platform) implements Comparable<BaseId> {

    private static final String CLAIM = "claim-";
    private static final char SEPARATOR = '~';

    static BaseId ofChain(Digest chain, @Nullable Platform platform) {
        return new BaseId(chain, false, normal(platform));
    }

    static BaseId ofClaim(BaseClaim claim, @Nullable Platform platform) {
        String said = claim.reference() != null ? claimedName(claim.reference()) : String.valueOf(claim.digest());
        return new BaseId(Digest.sha256Of(said.getBytes(StandardCharsets.UTF_8)), true, normal(platform));
    }

    /** One base has one name, however much of it is left out. */
    static String claimedName(String reference) {
        return Reference.parse(reference).map(Reference::toString).orElse(reference);
    }

    /**
     * @throws IllegalArgumentException when the text is no base's id
     */
    @JsonCreator
    public static BaseId parse(String text) {
        boolean claim = text.startsWith(CLAIM);
        String[] parts = text.substring(claim ? CLAIM.length() : 0).split("~", -1);
        if (parts.length == 2 || parts.length > 4) {
            throw new IllegalArgumentException("base '" + text + "' is not <digest>~<os>~<architecture>[~<variant>]");
        }
        Platform platform = parts.length == 1
                ? null
                : Platform.parse(text.substring(text.indexOf(SEPARATOR) + 1).replace(SEPARATOR, '/'));
        return new BaseId(Digest.parse(parts[0]), claim, platform);
    }

    /**
     * As container engines compare platforms: {@code linux/arm64/v8} is {@code linux/arm64}, {@code linux/x86_64} is {@code linux/amd64}, {@code linux/arm} is {@code linux/arm/v7}.
     */
    public static @Nullable Platform normal(@Nullable Platform platform) {
        return platform == null ? null : Platforms.normal(platform);
    }

    @Override
    public int compareTo(BaseId other) {
        return toString().compareTo(other.toString());
    }

    @JsonValue
    @Override
    public String toString() {
        return (isClaim ? CLAIM : "")
                + key
                + (platform == null ? "" : SEPARATOR + platform.toString().replace('/', SEPARATOR));
    }
}
