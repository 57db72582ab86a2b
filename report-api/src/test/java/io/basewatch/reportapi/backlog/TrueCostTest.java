package io.basewatch.reportapi.backlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetmodel.AnalysisStatus;
import io.basewatch.fleetmodel.Digest;
import io.basewatch.fleetmodel.Fingerprint;
import io.basewatch.fleetmodel.ImageAnalysis;
import io.basewatch.fleetmodel.LanguageRuntime;
import io.basewatch.fleetmodel.Libc;
import io.basewatch.fleetmodel.Platform;
import io.basewatch.fleetmodel.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TrueCostTest {

    private static final long MB = 1_000_000;

    /** @param bytes of compilers and of headers, null where their packages do not say */
    private static ImageAnalysis image(
            AnalysisStatus status, @Nullable Long size, @Nullable Long compilers, @Nullable Long headers) {
        Digest digest = Digest.sha256Of((size + " " + compilers).getBytes(StandardCharsets.UTF_8));
        List<LanguageRuntime> runtimes = new ArrayList<>();
        if (!Objects.equals(compilers, 0L)) {
            runtimes.add(new LanguageRuntime(
                    "compilers", null, Map.of("bytes", "" + (compilers == null ? 0 : compilers)), List.of()));
            runtimes.add(new LanguageRuntime(
                    "dev-packages", null, Map.of("bytes", "" + (headers == null ? 0 : headers)), List.of()));
        }
        return new ImageAnalysis(
                digest,
                Platform.parse("linux/amd64"),
                status,
                status == AnalysisStatus.COMPLETE
                        ? List.of()
                        : List.of(new Reason(Reason.Code.SIZE_MISMATCH, "cut short")),
                new Fingerprint(null, List.of(Libc.unknown()), List.of(), runtimes, List.of()),
                List.of(new ImageAnalysis.Layer(digest, digest, "layer", 1, size)),
                null,
                "1",
                Instant.EPOCH);
    }

    private static ImageAnalysis complete(@Nullable Long size, @Nullable Long compilers, @Nullable Long headers) {
        return image(AnalysisStatus.COMPLETE, size, compilers, headers);
    }

    /** The sizes of the known comparison (851 MB on Alpine, compiled), of which compilers and headers are made up. */
    @Test
    void whatOnlyBuildingNeededIsTakenOffWhereTheLibcChanges() {
        ImageAnalysis compiled = complete(851 * MB, 310 * MB, 95 * MB);
        ImageAnalysis alpine = complete(48 * MB, 0L, 0L);
        ImageAnalysis slim = complete(124 * MB, 0L, 0L);
        Plan.Weight weight = Objects.requireNonNull(TrueCost.weigh(compiled, alpine, slim, false));
        assertThat(weight.image()).isEqualTo(851 * MB);
        assertThat(weight.compilers()).isEqualTo(310 * MB);
        assertThat(weight.headers()).isEqualTo(95 * MB);
        assertThat(Objects.requireNonNull(weight.target()) - Objects.requireNonNull(weight.base()))
                .as("but Alpine is smaller")
                .isEqualTo(76 * MB);
        assertThat(weight.onTarget()).as("851 - 48 - 310 - 95 + 124").isEqualTo(522 * MB);
        assertThat(Objects.requireNonNull(TrueCost.weigh(compiled, alpine, slim, true))
                        .onTarget())
                .as("nothing says that a newer release of the same needs no compilers")
                .isEqualTo((851 - 48 + 124) * MB);
    }

    @Test
    void whatTheBaseBringsIsNotTakenOffTwice() {
        ImageAnalysis compiled = complete(851 * MB, 310 * MB, 95 * MB);
        ImageAnalysis withCompilers = complete(400 * MB, 300 * MB, 50 * MB);
        ImageAnalysis slim = complete(124 * MB, 0L, 0L);
        assertThat(Objects.requireNonNull(TrueCost.weigh(compiled, withCompilers, slim, false))
                        .onTarget())
                .isEqualTo((851 - 400 - 10 - 45 + 124) * MB);
    }

    @Test
    void whatIsNotKnownIsAbsentAndNoNought() {
        ImageAnalysis compiled = complete(851 * MB, 310 * MB, 95 * MB);
        ImageAnalysis alpine = complete(48 * MB, 0L, 0L);
        assertThat(Objects.requireNonNull(TrueCost.weigh(compiled, alpine, null, false))
                        .onTarget())
                .isNull();
        assertThat(Objects.requireNonNull(TrueCost.weigh(compiled, null, alpine, false))
                        .onTarget())
                .isNull();
        ImageAnalysis silent = complete(851 * MB, null, null);
        assertThat(Objects.requireNonNull(TrueCost.weigh(silent, alpine, alpine, false))
                        .compilers())
                .as("packages that do not say how large they are")
                .isNull();
        assertThat(Objects.requireNonNull(TrueCost.weigh(silent, alpine, alpine, false))
                        .onTarget())
                .isNull();
        assertThat(TrueCost.weigh(complete(null, 0L, 0L), alpine, alpine, false))
                .isNull();
        assertThat(TrueCost.weigh(image(AnalysisStatus.PARTIAL, 1L, 0L, 0L), alpine, alpine, false))
                .isNull();
    }
}
