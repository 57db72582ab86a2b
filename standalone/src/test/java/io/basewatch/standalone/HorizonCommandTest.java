package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HorizonCommandTest {

    private final AtomicReference<String> asked = new AtomicReference<>("");
    private volatile int status = 200;
    private volatile String answer = "";
    private HttpServer server;
    private String out = "";
    private String err = "";

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            try (exchange) {
                asked.set(exchange.getRequestURI().toString());
                byte[] body = answer.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void showsWhatARunningServiceSeesAhead() {
        answer = """
                {"day":"2026-11-21","lifecycleGenerated":"2026-11-21","past":4,"withoutEnd":2,"pending":1,
                 "within":[{"days":30,"until":"2026-12-21","images":8,"toExtended":5,"toEnded":3,"repositories":200,"bases":7,
                   "repositoriesAreExact":false,"owners":[{"owner":"payments","repositories":2},{"repositories":1}]}],
                 "months":[{"month":"2026-12","images":5,"entries":[{"product":"debian\\u001b[31m","cycle":"12","enters":"extended",
                   "on":"2026-12-01","images":5,"bases":[{"id":"x","name":"library/debian:12","images":4}],"baseCount":3,"repositoryCount":2,"repositoriesAreExact":true,"owners":[],
                   "policy":{"says":"ELTS is bought, until 2027-01-01"}}]}]}
                """;

        assertThat(run("--days", "30", "--as-of", "2026-11-21")).isEqualTo(Basewatch.OK);

        assertThat(asked).hasValue("/api/v1/horizon?days=30&asOf=2026-11-21");
        assertThat(out)
                .contains("seen from 2026-11-21")
                .containsPattern("30 days +2026-12-21 +8 +5 +3 +7 +>= 200 +payments 2, nobody 1")
                .containsPattern(
                        "2026-12-01 +debian.* 12 +extended +5 +library/debian:12 [+]2 +2 +ELTS is bought, until 2027-01-01")
                .contains("4 images are past support already, of 2 no end is known, 1 wait for their analysis")
                .doesNotContain("\u001b");
        assertThat(run("-o", "json")).isEqualTo(Basewatch.OK);
        assertThat(out).startsWith("{\"day\":\"2026-11-21\"").doesNotContain("\u001b");
    }

    @Test
    void saysInTheServicesWordsWhyThereIsNoAnswer() {
        status = 400;
        answer = "{\"detail\":\"parameter 'days' is 'x': give 1 to 12 numbers\"}";
        assertThat(run("--days", "x")).isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("parameter 'days' is 'x'");
        answer = "<html>";
        assertThat(run()).isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("status 400").contains("is this a Basewatch service?");
        server.stop(0);
        assertThat(run()).isEqualTo(Basewatch.FAILED);
        assertThat(err).contains("does not answer");
    }

    @Test
    void refusesWhatIsNoServicesUrl() {
        for (String url : new String[] {"ftp://x", "x", "http://", "http://me:secret@x", "http://x/?token=secret"}) {
            assertThat(Basewatch.run("horizon", "--server", url)).as(url).isEqualTo(Basewatch.USAGE);
        }
    }

    private int run(String... more) {
        PrintStream realOut = System.out;
        PrintStream realErr = System.err;
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        System.setOut(new PrintStream(told, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
        try {
            String[] arguments = new String[more.length + 3];
            arguments[0] = "horizon";
            arguments[1] = "--server";
            arguments[2] = "http://127.0.0.1:" + server.getAddress().getPort();
            System.arraycopy(more, 0, arguments, 3, more.length);
            return Basewatch.run(arguments);
        } finally {
            System.setOut(realOut);
            System.setErr(realErr);
            out = told.toString(StandardCharsets.UTF_8);
            err = complained.toString(StandardCharsets.UTF_8);
        }
    }
}
