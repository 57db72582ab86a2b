package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class FirstLookTest {

    private static final Duration PATIENCE = Duration.ofSeconds(30);

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

    @Test
    void whoDoesNotAnswerIsWaitedForNoLongerThanWasSaid() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {});
        server.start();
        try {
            long begun = System.nanoTime();
            String url = "http://127.0.0.1:" + server.getAddress().getPort();

            assertThat(new FirstLook(url, "bw_mine", Duration.ofMillis(300)).take())
                    .isZero();
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(20));
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
