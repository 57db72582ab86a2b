package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ForecastTest {

    private final Forecast forecast = new Forecast();

    private static long second(int n) {
        return Duration.ofSeconds(n).toNanos();
    }

    @Test
    void saysHowLongTheRestTakesAtTheSpeedOfLately() {
        assertThat(forecast.rest(second(0), 0, 1000)).isEmpty();
        assertThat(forecast.rest(second(4), 8, 1000)).as("too soon to say").isEmpty();
        assertThat(forecast.rest(second(10), 20, 1000)).contains(Duration.ofSeconds(500));
        for (int n = 11; n <= 100; n++) {
            forecast.rest(second(n), 20 + (n - 10) * 10L, 1000);
        }
        assertThat(forecast.rest(second(101), 930, 100)).contains(Duration.ofSeconds(10));
    }

    @Test
    void saysNothingWhenNothingIsDoneOrNothingIsLeft() {
        forecast.rest(second(0), -500, 500);
        assertThat(forecast.rest(second(20), -500, 500)).isEmpty();
        assertThat(forecast.rest(second(21), -400, 400)).contains(Duration.ofSeconds(84));
        assertThat(forecast.rest(second(22), 0, 0)).isEmpty();
    }

    @Test
    void isNoMoreExactThanAForecastIs() {
        assertThat(Forecast.text(Duration.ofSeconds(40))).isEqualTo("40 s");
        assertThat(Forecast.text(Duration.ofSeconds(100))).isEqualTo("2 min");
        assertThat(Forecast.text(Duration.ofMinutes(89))).isEqualTo("89 min");
        assertThat(Forecast.text(Duration.ofMinutes(200))).isEqualTo("3 h");
    }
}
