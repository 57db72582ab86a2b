package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FirstLookTest {

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Test
    void thePageAndWhatItsScriptAsksForAreAskedForOnceByWhoMayAsk() throws Exception {
        List<String> asked = new CopyOnWriteArrayList<>();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            boolean may = "Bearer bw_mine".equals(exchange.getRequestHeaders().getFirst("Authorization"));
            asked.add(exchange.getRequestURI().toString());
            exchange.sendResponseHeaders(may ? 200 : 401, -1);
            exchange.close();
        });
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort();

            assertThat(new FirstLook(url, "bw_mine", PATIENCE).take()).isEqualTo(asked.size());
            assertThat(asked)
                    .doesNotHaveDuplicates()
                    .startsWith("/")
                    .contains("/assets/basewatch.css", "/api/v1/trends?series=phase");
            assertThat(new FirstLook(url, "another", PATIENCE).take()).isZero();
        } finally {
            server.stop(0);
        }
    }

    /** Who waited for an answer would wait for ever, and who waited as long again for each of them would have asked for more than one. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whoDoesNotAnswerIsWaitedForNoLongerThanWasSaid() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        List<String> asked = new CopyOnWriteArrayList<>();
        server.createContext("/", exchange -> asked.add(exchange.getRequestURI().toString()));
        server.start();
        try {
            String url = "http://127.0.0.1:" + server.getAddress().getPort();

            assertThat(new FirstLook(url, "bw_mine", Duration.ofMillis(300)).take())
                    .isZero();
            assertThat(asked).hasSizeLessThanOrEqualTo(1);
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anApiThatIsNotThereIsNoFailure() throws Exception {
        assertThat(new FirstLook("http://127.0.0.1:1", "bw_mine", PATIENCE).take())
                .isZero();
    }
}
