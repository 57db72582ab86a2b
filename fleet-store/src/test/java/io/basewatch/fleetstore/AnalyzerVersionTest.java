package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnalyzerVersionTest {

    @ParameterizedTest
    @CsvSource({
        "1.2026-10-01+abc, 2.2025-01-01+abc, -1",
        "9.1, 10.1, -1",
        "1.2026-10-01, 1.2026-11-01, -1",
        "1.2026-10-01+abc, 1.2026-10-01+xyz, 0",
        "facts 3 data 7, 3/7, 0",
        "1, 1.0, 0",
        "dev, 0, 0",
        "dev, 1, -1",
        "123456789012345678901234567890, 123456789012345678901234567891, -1"
    })
    void ordersByTheFirstTwoNumbersAndADateIsOne(String one, String other, int order) {
        assertThat(Integer.signum(AnalyzerVersion.compare(one, other))).isEqualTo(order);
        assertThat(Integer.signum(AnalyzerVersion.compare(other, one))).isEqualTo(-order);
    }
}
