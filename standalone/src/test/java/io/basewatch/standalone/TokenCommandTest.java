package io.basewatch.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {

    @TempDir
    Path data;

    @Test
    void aTokenOfAFolderThatNobodyRunsIsPrintedAloneListedAndRevoked() {
        String folder = data.toString();
        CapturedOutput made = CapturedOutput.of(
                () -> Basewatch.run("token", "create", "ci", "--role", "reader", "--expires", "90d", "--data", folder));
        assertThat(made.code()).isEqualTo(Basewatch.OK);
        assertThat(made.out()).matches("bw_[A-Za-z0-9_-]{43}\\R");
        assertThat(made.err()).contains("'ci' (reader, for 90 days)", "told only now");
        CapturedOutput again =
                CapturedOutput.of(() -> Basewatch.run("token", "create", "ci", "--role", "operator", "--data", folder));
        assertThat(again.code()).isEqualTo(Basewatch.FAILED);
        assertThat(again.err()).contains("there is a token 'ci' already");
        CapturedOutput list = CapturedOutput.of(() -> Basewatch.run("token", "list", "--data", folder));
        assertThat(list.out())
                .contains("ci", "reader", "1 token")
                .doesNotContain(made.out().strip());
        assertThat(CapturedOutput.of(() -> Basewatch.run("token", "revoke", "ci", "--data", folder))
                        .code())
                .isEqualTo(Basewatch.OK);
        assertThat(CapturedOutput.of(() -> Basewatch.run("token", "revoke", "ci", "--data", folder))
                        .err())
                .contains("there is no token 'ci'");
    }

    @Test
    void aTokenThatExpiresLivesAsLongAsTheApiGrantsOne() {
        CapturedOutput made = CapturedOutput.of(() -> Basewatch.run(
                "token", "create", "ci", "--role", "reader", "--expires", "3660d", "--data", data.toString()));
        assertThat(made.err()).contains("for 3660 days");
        assertThat(made.code()).isEqualTo(Basewatch.OK);
    }

    @Test
    void whatCannotBeMeantIsWrongUsage() {
        for (List<String> wrong : List.of(
                List.of("token"),
                List.of("token", "create", "a b", "--role", "reader", "--data", data.toString()),
                List.of("token", "create", "local", "--role", "reader", "--data", data.toString()),
                List.of("token", "create", "a", "--data", data.toString()),
                List.of("token", "create", "a", "--role", "admin", "--data", data.toString()),
                List.of("token", "create", "a", "--role", "reader", "--expires", "soon", "--data", data.toString()),
                List.of("token", "create", "a", "--role", "reader", "--expires", "3661d", "--data", data.toString()),
                List.of("token", "list", "--data", data.resolve("none").toString()),
                List.of("token", "list", "--server", "http://127.0.0.1:1", "--token-file", data + "/none"))) {
            assertThat(CapturedOutput.of(() -> Basewatch.run(wrong.toArray(String[]::new)))
                            .code())
                    .as(String.join(" ", wrong))
                    .isEqualTo(Basewatch.USAGE);
        }
    }

    @Test
    void aFolderThatIsInUseIsAskedThroughTheServiceThatHoldsIt() throws IOException {
        List<String> asked = new ArrayList<>();
        HttpServer service = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        service.createContext("/api/v1/tokens", exchange -> {
            asked.add(exchange.getRequestMethod() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            byte[] answer = "{\"items\":[]}".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        service.start();
        String url = "http://127.0.0.1:" + service.getAddress().getPort();
        try (DataDirectory held = DataDirectory.open(data)) {
            held.letIn(new DataDirectory.Access(url, "bw_own"));
            assertThat(CapturedOutput.of(() -> Basewatch.run("token", "list", "--data", data.toString()))
                            .out())
                    .contains("0 tokens");
            Path file = Files.writeString(data.resolve("token"), "bw_filed\n");
            assertThat(CapturedOutput.of(() ->
                                    Basewatch.run("token", "list", "--server", url, "--token-file", file.toString()))
                            .code())
                    .isEqualTo(Basewatch.OK);
            held.letNobodyIn();
            assertThat(CapturedOutput.of(() -> Basewatch.run("token", "list", "--data", data.toString()))
                            .err())
                    .contains("is in use by another Basewatch process");
        } finally {
            service.stop(0);
        }
        assertThat(asked).containsExactly("GET Bearer bw_own", "GET Bearer bw_filed");
    }
}
