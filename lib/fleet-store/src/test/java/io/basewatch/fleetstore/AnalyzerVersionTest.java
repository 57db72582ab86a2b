package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnalyzerVersionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "1[apk/1,elf/1]; 1[apk/2,elf/1]; OLDER",
                "1[apk/9,elf/1]; 1[apk/10,elf/1]; OLDER",
                "1[apk/1]; 1[apk/1,elf/1]; OLDER",
                "1[apk/9,elf/9]; 2[apk/1]; OLDER",
                "9[apk/1]; 10[apk/1]; OLDER",
                "1[apk/1,elf/1]; 1[apk/1,elf/1]; UNDECIDED",
                "1[apk/1,elf/2]; 1[apk/2,elf/1]; UNDECIDED",
                "1[apk/1,old/1]; 1[apk/2,renamed/1]; UNDECIDED",
                "1.2026-10-01+aaa; 1.2026-10-01+bbb; UNDECIDED",
                "dev; 1; OLDER",
                "dev; other; UNDECIDED",
                "1[apk/1; 1[apk/2; UNDECIDED",
                "123456789012345678901234567890; 123456789012345678901234567891; OLDER"
            })
    void saysWhatTheTextsLeaveNoDoubtAbout(String one, String other, String expected) {
        AnalyzerVersion left = AnalyzerVersion.parse(one);
        AnalyzerVersion right = AnalyzerVersion.parse(other);
        assertThat(left.isSurelyOlderThan(right)).isEqualTo(expected.equals("OLDER"));
        assertThat(right.isSurelyOlderThan(left)).isFalse();
    }
}
