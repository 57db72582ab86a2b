package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Registries whose clocks are not ours name points in time that are meant by theirs. */
class ClockSkewTest {

    private static final Instant OURS = Instant.parse("1994-11-06T08:49:00Z");

    /** The JDK's server says our time whatever it is told: here the answer is written as it is. */
    private static final class Server implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        private final AtomicInteger asked = new AtomicInteger();
        private final Duration ahead;
        private final String busy;

        /**
         * @param busy further headers of the first answer, with the time when it is over in place of AT
         */
        Server(Duration ahead, String busy) throws IOException {
            this.ahead = ahead;
            this.busy = busy;
            Thread thread = new Thread(this::serve, "skewed");
            thread.setDaemon(true);
            thread.start();
        }

        private void serve() {
            while (!socket.isClosed()) {
                try (Socket client = socket.accept()) {
                    BufferedReader in = new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
                    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
                        continue;
                    }
                    client.getOutputStream().write(answer().getBytes(StandardCharsets.US_ASCII));
                } catch (IOException e) {
                    // The next one, or the end.
                }
            }
        }

        private String answer() {
            Instant now = Instant.now().plus(ahead);
            String date = "Date: " + http(now) + "\r\nConnection: close\r\n";
            if (asked.incrementAndGet() == 1) {
                String headers = busy.replace("SECONDS", String.valueOf(now.getEpochSecond() + 1))
                        .replace("DATE", http(now.plusSeconds(1)))
                        .replace(" ~ ", "\r\n");
                return "HTTP/1.1 429 Busy\r\n" + date + headers + "\r\nContent-Length: 0\r\n\r\n";
            }
            return "HTTP/1.1 200 OK\r\n" + date + "Content-Length: 15\r\n\r\n{\"tags\":[\"1\"]}\n";
        }

        private static String http(Instant at) {
            return DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.ofInstant(at, ZoneOffset.UTC));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3600, Retry-After: DATE",
        "-3600, Retry-After: DATE",
        "3600, X-RateLimit-Remaining: 0 ~ X-RateLimit-Reset: SECONDS"
    })
    void whatIsToBeWaitedForIsReckonedByTheRegistrysClock(long ahead, String busy) throws Exception {
        try (Server server = new Server(Duration.ofSeconds(ahead), busy);
                Registry registry = Registry.connect(
                        RegistrySettings.of(URI.create("http://127.0.0.1:" + server.socket.getLocalPort()))
                                .withRetries(2, Duration.ofMillis(1), Duration.ofSeconds(5)))) {
            long began = System.nanoTime();
            assertThat(registry.tags("a").next()).isEqualTo(Optional.of(List.of("1")));
            // To the whole second that a date has: the second after the one that runs there. By our clock it would not
            // be waited for, or for longer than
            // any pause, and then not at all.
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(900));
            assertThat(server.asked).hasValue(2);
        }
    }

    @Test
    void whatIsLongerThanAnyPauseIsNotWaitedFor() throws Exception {
        try (Server server = new Server(Duration.ofHours(-2), "Retry-After: 7200");
                Registry registry = Registry.connect(
                        RegistrySettings.of(URI.create("http://127.0.0.1:" + server.socket.getLocalPort()))
                                .withRetries(2, Duration.ofMillis(1), Duration.ofSeconds(5)))) {
            assertThatThrownBy(() -> registry.tags("a").next()).isInstanceOf(RegistryException.class);
            assertThat(server.asked).hasValue(1);
        }
    }

    @Test
    void theAnswersDateIsItsClock() {
        assertThat(RetryAfter.clock("Sun, 06 Nov 1994 09:49:37 GMT", OURS))
                .isEqualTo(Instant.parse("1994-11-06T09:49:37Z"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ",", "soon", "7", "Sun, 36 Nov 1994 08:49:37 GMT"})
    void whatIsNoDateLeavesOurs(String date) {
        assertThat(RetryAfter.clock(date, OURS)).isEqualTo(OURS);
    }
}
