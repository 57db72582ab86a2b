package io.basewatch.reportapi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.basewatch.embeddedstore.EmbeddedStore;
import io.basewatch.fleetstore.AccessTokens;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.servlet.mvc.method.RequestMappingInfoHandlerMapping;

/** Who may ask what, wherever the service listens. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AccessTest {

    private static final Set<String> FOR_ALL = Set.of(
            "/actuator/health",
            "/actuator/health/**",
            "/sign-in",
            "/sign-in/oidc",
            "/sign-in/oidc/callback",
            "/sign-out",
            "/error");
    private static final Set<String> FOR_OPERATORS = Set.of("/api/v1/tokens", "/api/v1/tokens/{name}", "/api/v1/audit");

    @TempDir
    static Path folder;

    static EmbeddedStore store;

    /** By the address that each listens at, and what is said of access. */
    static final Map<String, RunningApi> APIS = new LinkedHashMap<>();

    /** By role. */
    static final Map<String, String> TOKENS = new TreeMap<>();

    private static final String GIVEN = "bw_" + "0f".repeat(32);

    static final AtIssuer ISSUER = new AtIssuer();

    @BeforeAll
    static void start() {
        store = EmbeddedStore.start(folder.resolve("store"));
        APIS.put("loopback", RunningApi.start(store));
        APIS.put(
                "everywhere",
                RunningApi.start(
                        store,
                        "--server.address=0.0.0.0",
                        "--basewatch.access.requests-per-minute=300",
                        "--basewatch.access.operator-token=" + GIVEN,
                        "--basewatch.access.oidc.issuer-uri=" + ISSUER.uri,
                        "--basewatch.access.oidc.audience=basewatch",
                        "--basewatch.access.oidc.role-claim=realm_access.roles",
                        "--basewatch.access.oidc.client-id=basewatch-page",
                        "--basewatch.access.oidc.client-secret=" + AtIssuer.CLIENT_SECRET,
                        "--basewatch.access.oidc.roles.platform=operator",
                        "--basewatch.access.oidc.roles.staff=reader"));
        AccessTokens tokens = api("everywhere").part(AccessTokens.class);
        for (String role : List.of("reader", "operator", "scraper")) {
            TOKENS.put(role, tokens.create("the-" + role, role, null, "test").orElseThrow());
        }
    }

    @AfterAll
    static void stop() {
        APIS.values().forEach(RunningApi::close);
        ISSUER.close();
    }

    private static RunningApi api(String where) {
        return APIS.get(where);
    }

    private static String[] as(String role) {
        return new String[] {"Authorization", "Bearer " + TOKENS.get(role)};
    }

    private record Question(String method, String pattern) {

        String path() {
            return pattern.replaceAll("\\{[^}]*}", "x").replace("/**", "/x");
        }
    }

    /** All that any part of the service answers to. */
    private static List<Question> questions(RunningApi api) {
        List<Question> questions = new ArrayList<>();
        api.parts(RequestMappingInfoHandlerMapping.class)
                .forEach(mapping -> mapping.getHandlerMethods()
                        .keySet()
                        .forEach(info -> info.getPatternValues().forEach(pattern -> {
                            Stream<String> methods =
                                    info.getMethodsCondition().getMethods().isEmpty()
                                            ? Stream.of("GET", "POST")
                                            : info.getMethodsCondition().getMethods().stream()
                                                    .map(Enum::name);
                            methods.forEach(method -> questions.add(new Question(method, pattern)));
                        })));
        return questions;
    }

    @ParameterizedTest
    @ValueSource(strings = {"loopback", "everywhere"})
    void whoMayAskWhatIsSaidByRoleForEachQuestionThereIs(String where) {
        RunningApi api = api(where);
        List<Question> questions = questions(api);
        assertThat(questions)
                .hasSizeGreaterThan(25)
                .extracting(Question::pattern)
                .contains("/api/v1/waivers");
        for (Question question : questions) {
            boolean isSafe = question.method().equals("GET");
            for (String role : List.of("", "reader", "operator", "scraper", "wrong")) {
                String[] headers = role.isEmpty()
                        ? new String[0]
                        : new String[] {"Authorization", "Bearer " + TOKENS.getOrDefault(role, "bw_nobody")};
                HttpResponse<String> answer = isSafe
                        ? api.get(question.path(), headers)
                        : api.send(question.method(), question.path(), "", headers);
                String as = where + ": " + question + " as '" + role + "' gave " + answer.statusCode();
                if (role.equals("wrong")) {
                    assertThat(answer.statusCode()).as(as).isIn(401, 429);
                } else if (mayAsk(where, role, question, isSafe)) {
                    if (!question.pattern().equals("/sign-in")) {
                        assertThat(answer.statusCode()).as(as).isNotIn(401, 403, 429);
                    }
                } else {
                    assertThat(answer.statusCode()).as(as).isEqualTo(role.isEmpty() ? 401 : 403);
                    assertThat(answer.headers().firstValue("Content-Type")).contains("application/problem+json");
                    assertThat(answer.body()).doesNotContain("bw_" + "nobody");
                }
            }
        }
    }

    private static boolean mayAsk(String where, String role, Question question, boolean isSafe) {
        if (FOR_ALL.contains(question.pattern()) && !(question.pattern().startsWith("/error"))) {
            return isSafe || question.pattern().startsWith("/sign-");
        }
        return switch (role) {
            case "" -> where.equals("loopback");
            case "reader" -> isSafe && !FOR_OPERATORS.contains(question.pattern());
            case "scraper" -> question.pattern().equals("/actuator/prometheus");
            default -> true;
        };
    }

    @Test
    void whatIsNotThereIsNotToldToWhoMayNotAsk() {
        assertThat(api("everywhere").get("/api/v1/nothing").statusCode()).isIn(401, 429);
        assertThat(api("everywhere").get("/api/v1/nothing", as("reader")).statusCode())
                .isEqualTo(404);
        for (String path : List.of(
                "/actuator/health/../prometheus",
                "/sign-in/../api/v1/fleet",
                "//api/v1/fleet",
                "/assets/..%2Fapi/v1/fleet",
                "/sign-in;/../api/v1/fleet",
                "/actuator/health/..;/prometheus")) {
            assertThat(raw(api("everywhere"), path)).as(path).doesNotContain("HTTP/1.1 200");
        }
    }

    @Test
    void whoSendsSomethingFromABrowserIsToldOnAPageToSignIn() {
        HttpResponse<String> sent = api("everywhere").form("/images", "a=b", "Accept", "text/html,*/*");

        assertThat(sent.statusCode()).isIn(401, 429);
        assertThat(sent.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(sent.body()).contains("<h1>", "href=\"/\"");
    }

    private static String raw(RunningApi api, String path) {
        try {
            return api.raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Nobody answers to it here; in one process with the watcher its own secret decides. */
    @Test
    void aRegistrysMessageIsLeftToWhomItIsSentTo() {
        for (RunningApi api : APIS.values()) {
            HttpResponse<String> answer = api.send("POST", "/webhooks/harbor", "{}");
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(404);
        }
        assertThat(api("everywhere").send("POST", "/webhooks/harbor/x", "{}").statusCode())
                .isEqualTo(401);
        assertThat(api("everywhere").get("/webhooks/harbor").statusCode()).isEqualTo(401);
    }

    @Test
    void peopleAreSentToThePageToSignInAndBackToWhatTheyAskedFor() {
        RunningApi api = api("everywhere");
        HttpResponse<String> sent = api.get("/images?libc=musl", "Accept", "text/html,*/*;q=0.8");
        assertThat(sent.statusCode()).isEqualTo(302);
        assertThat(sent.headers().firstValue("Location")).contains("/sign-in?next=%2Fimages%3Flibc%3Dmusl");
        HttpResponse<String> page = api.get("/sign-in?next=%2Fimages%3Flibc%3Dmusl", "Accept", "text/html");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("value=\"/images?libc=musl\"");

        HttpResponse<String> signedIn =
                form(api, "/sign-in", "token=" + TOKENS.get("operator") + "&next=%2Fimages%3Flibc%3Dmusl");
        assertThat(signedIn.statusCode()).isEqualTo(303);
        assertThat(signedIn.headers().firstValue("Location")).contains("/images?libc=musl");
        String cookie = signedIn.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie)
                .contains("HttpOnly", "SameSite=Strict", "Path=/")
                .doesNotContain("Secure", TOKENS.get("operator"));
        String session = cookie.substring(0, cookie.indexOf(';'));
        assertThat(RunningApi.read(api.get("/api/v1/caller", "Cookie", session).body())
                        .toString())
                .isEqualTo("{\"name\":\"the-operator\",\"role\":\"operator\"}");

        // A form of another site has the cookie with it only where a browser is old; it does not help there either.
        for (String[] from : new String[][] {
            {"Origin", "https://evil.example"},
            {"Origin", "null"},
            {"Sec-Fetch-Site", "cross-site"},
            {"Sec-Fetch-Site", "same-site"}
        }) {
            assertThat(api.send("DELETE", "/api/v1/tokens/none", "", "Cookie", session, from[0], from[1])
                            .statusCode())
                    .as(String.join(" ", from))
                    .isEqualTo(403);
        }
        assertThat(api.send("DELETE", "/api/v1/tokens/none", "", "Cookie", session, "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.get("/", "Cookie", session).body())
                .contains("action=\"/sign-out\"")
                .contains("Sign out <span>the-operator</span>");
        HttpResponse<String> out = api.send("POST", "/sign-out", "", "Cookie", session);
        assertThat(out.headers().firstValue("Set-Cookie")).get().asString().contains("Max-Age=0");
        assertThat(out.headers().firstValue("Clear-Site-Data")).contains("\"cache\"");
        assertThat(api.get("/api/v1/caller", "Cookie", session).statusCode()).isIn(401, 429);
        assertThat(form(api, "/sign-in", "token=" + TOKENS.get("scraper")).statusCode())
                .isEqualTo(403);
        assertThat(form(api, "/sign-in", "token=bw_none").statusCode()).isIn(401, 429);
    }

    private static HttpResponse<String> form(RunningApi api, String path, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("X-Form", "1"));
        return api.form(path, body, all.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({
        "//evil.example/x",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "images",
        "'/a\"><script>'",
        "/%0d%0aSet-Cookie:x"
    })
    void whoSignsInIsNeverSentElsewhere(String next) {
        HttpResponse<String> signedIn = form(
                api("everywhere"),
                "/sign-in",
                "token=" + TOKENS.get("reader") + "&next=" + URLEncoder.encode(next, StandardCharsets.UTF_8),
                "X-Forwarded-Proto",
                "https");
        assertThat(signedIn.statusCode()).isEqualTo(303);
        assertThat(signedIn.headers().firstValue("Location")).get().isIn("/", next.startsWith("/%") ? next : "/");
        assertThat(signedIn.headers().firstValue("Set-Cookie")).get().asString().contains("Secure");
    }

    @Test
    void whatIsDoneWithAWatchedRegistryIsForOperatorsAndInTheAuditLog() {
        RunningApi api = api("everywhere");
        String pause = "/api/v1/registries/r.example.com/pause";
        assertThat(api.send("POST", pause, "").statusCode()).isEqualTo(401);
        assertThat(api.send("POST", pause, "", as("reader")).statusCode()).isEqualTo(403);
        assertThat(api.send("POST", pause, "", as("operator")).statusCode())
                .as("there is no watcher in this process")
                .isEqualTo(404);
        assertThat(api.get("/api/v1/audit?limit=20", as("operator")).body())
                .contains("\"who\":\"the-reader\"", "POST " + pause, "status 403", "status 404");
    }

    @Test
    void aTokenIsMadeToldOnceAuditedAndRevoked() {
        RunningApi api = api("everywhere");
        HttpResponse<String> made = api.send(
                "POST", "/api/v1/tokens", "{\"name\":\"ci\",\"role\":\"reader\",\"expires\":\"90d\"}", as("operator"));
        assertThat(made.statusCode()).isEqualTo(201);
        String token = RunningApi.read(made.body()).path("token").asString();
        assertThat(api.get("/api/v1/fleet", "Authorization", "Bearer " + token).statusCode())
                .isEqualTo(200);
        assertThat(api.get("/api/v1/tokens", as("operator")).body())
                .contains("\"ci\"")
                .doesNotContain(token);
        assertThat(api.send("POST", "/api/v1/tokens", "{\"name\":\"ci\",\"role\":\"reader\"}", as("operator"))
                        .statusCode())
                .isEqualTo(409);
        assertThat(api.send(
                                "POST",
                                "/api/v1/tokens",
                                "{\"name\":\"ever\",\"role\":\"reader\",\"expires\":null}",
                                as("operator"))
                        .statusCode())
                .as("what has no value is left out, as the description says")
                .isEqualTo(201);
        assertThat(RunningApi.read(api.get("/v3/api-docs", as("operator")).body())
                        .at("/components/schemas/TokenRequest/properties/expires/type")
                        .toString())
                .contains("\"string\"", "\"null\"");
        assertThat(api.send(
                                "POST",
                                "/api/v1/tokens",
                                "{\"name\":\"long\",\"role\":\"reader\",\"expires\":\"3660d\"}",
                                as("operator"))
                        .statusCode())
                .isEqualTo(201);
        for (String wrong : List.of(
                "{\"name\":\"a\",\"role\":\"reader\",\"expires\":\"3661d\"}",
                "{\"name\":\"local\",\"role\":\"reader\"}",
                "{\"name\":\"a b\",\"role\":\"reader\"}",
                "{\"name\":\"a\",\"role\":\"READER\"}",
                "{\"name\":\"a\",\"role\":\"reader\",\"expires\":\"0d\"}",
                "{\"name\":false,\"role\":\"reader\"}",
                "{\"name\":17,\"role\":\"reader\"}",
                "{\"name\":1.5,\"role\":\"reader\"}",
                "{\"name\":",
                "[]",
                "")) {
            assertThat(api.send("POST", "/api/v1/tokens", wrong, as("operator")).statusCode())
                    .as(wrong)
                    .isEqualTo(400);
        }
        assertThat(api.send("DELETE", "/api/v1/tokens/ci", "", as("operator")).statusCode())
                .isEqualTo(200);
        assertThat(api.get("/api/v1/fleet", "Authorization", "Bearer " + token).statusCode())
                .isIn(401, 429);
        assertThat(api.get("/api/v1/tokens", "Authorization", "Bearer " + GIVEN).statusCode())
                .isEqualTo(200);
        HttpResponse<String> audit = api.get("/api/v1/audit?limit=2", as("operator"));
        assertThat(audit.body())
                .contains("token created", "token revoked", "the-operator")
                .doesNotContain(token);
    }

    @Test
    void onLoopbackNoPageOfOthersChangesAnything() throws IOException {
        RunningApi api = api("loopback");
        for (String[] from : new String[][] {
            {"Origin", "http://evil.example"}, {"Sec-Fetch-Site", "cross-site"}, {"Origin", "http://127.0.0.1:1"}
        }) {
            assertThat(api.send("DELETE", "/api/v1/tokens/none", "", from).statusCode())
                    .isEqualTo(403);
        }
        String rebound = api.raw("DELETE /api/v1/tokens/none HTTP/1.1\r\nHost: rebound.evil.example\r\n"
                + "Origin: http://rebound.evil.example\r\nConnection: close\r\n\r\n");
        assertThat(rebound).startsWith("HTTP/1.1 403").contains("other-origin");
        assertThat(api.send("DELETE", "/api/v1/tokens/none", "", "Origin", "null")
                        .statusCode())
                .isEqualTo(403);
        assertThat(api.send("DELETE", "/api/v1/tokens/none", "", "Origin", "null", "Sec-Fetch-Site", "cross-site")
                        .statusCode())
                .isEqualTo(403);
        assertThat(api.send("DELETE", "/api/v1/tokens/none", "", "Origin", "null", "Sec-Fetch-Site", "same-origin")
                        .statusCode())
                .as("a page of ours that tells nobody where it leads from")
                .isEqualTo(404);
        HttpResponse<String> shown =
                api.form("/sign-out", "", "Accept", "text/html,*/*", "Sec-Fetch-Site", "cross-site");
        assertThat(shown.statusCode()).isEqualTo(403);
        assertThat(shown.headers().firstValue("Content-Type")).hasValue("text/html;charset=UTF-8");
        assertThat(shown.body())
                .contains("<h1>Forbidden</h1>", "A page of another origin may not change anything here.");
        assertThat(api.send("DELETE", "/api/v1/tokens/none", "").statusCode()).isEqualTo(404);
        assertThat(RunningApi.read(api.get("/api/v1/caller").body())
                        .path("name")
                        .asString())
                .isEqualTo("local");
    }

    @Test
    void whoAsksTooOftenIsToldWhenToAskAgainAndKeepsNobodyElseWaiting() {
        RunningApi api = api("everywhere");
        AccessTokens tokens = api.part(AccessTokens.class);
        String[] busy = {
            "Authorization",
            "Bearer " + tokens.create("busy", "reader", null, "test").orElseThrow()
        };
        HttpResponse<String> answer = api.get("/api/v1/caller", busy);
        for (int n = 0; n < 600 && answer.statusCode() == 200; n++) {
            answer = api.get("/api/v1/caller", busy);
        }
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(answer.headers().firstValueAsLong("Retry-After")).hasValue(1);
        assertThat(answer.body()).contains("urn:basewatch:problem:too-many-requests");
        for (int n = 0; n < 40; n++) {
            answer = api.get("/api/v1/caller", "Authorization", "Bearer bw_" + n);
        }
        assertThat(answer.statusCode()).isEqualTo(429);
        assertThat(api.get("/api/v1/caller", as("operator")).statusCode()).isEqualTo(200);
        assertThat(api.get("/actuator/health").statusCode()).isEqualTo(200);
    }

    /** The first, as it begins with an issuer that is down. */
    @Order(1)
    @Test
    void tokensOfAnIssuerAreBelievedByItsKeysAloneAndOnlyThoseForThisService() {
        RunningApi api = api("everywhere");
        assertThat(api.get("/api/v1/caller", "Authorization", "Bearer " + ISSUER.token("ann", "basewatch", "staff", 60))
                        .statusCode())
                .as("as long as the issuer is down")
                .isEqualTo(503);
        assertThat(api.get("/sign-in/oidc").statusCode()).isEqualTo(503);
        ISSUER.start();
        HttpResponse<String> ann = await().atMost(RunningApi.PATIENCE)
                .until(
                        () -> api.get(
                                "/api/v1/caller",
                                "Authorization",
                                "Bearer " + ISSUER.token("ann", "basewatch", "staff", 60)),
                        answer -> answer.statusCode() != 503);
        assertThat(ann.body()).isEqualTo("{\"name\":\"ann\",\"role\":\"reader\"}");
        HttpResponse<String> bob = api.get(
                "/api/v1/tokens", "Authorization", "Bearer " + ISSUER.token("bob", "basewatch", "platform", 60));
        assertThat(bob.statusCode()).isEqualTo(200);
        for (String wrong : List.of(
                ISSUER.token("ann", "other", "staff", 60),
                ISSUER.token("ann", "basewatch", "guests", 60),
                ISSUER.token("ann", "basewatch", "staff", -3600),
                AtIssuer.token(new AtIssuer().keys, ISSUER.uri, "ann", "basewatch", "platform", 60),
                AtIssuer.token(ISSUER.keys, "http://other.example", "ann", "basewatch", "platform", 60),
                ISSUER.token("ann", "basewatch", "staff", 60).replaceFirst("\\.[^.]*$", "."),
                "eyJhbGciOiJub25lIn0.e30.")) {
            assertThat(api.get("/api/v1/caller", "Authorization", "Bearer " + wrong)
                            .statusCode())
                    .isIn(401, 429);
        }
        KeyPair curve = AtIssuer.curve();
        String byNewKey = ISSUER.curveToken(curve, "ann", "basewatch", "staff", 60);
        assertThat(api.get("/api/v1/caller", "Authorization", "Bearer " + byNewKey)
                        .statusCode())
                .as("a key that is not published")
                .isIn(401, 429);
        ISSUER.rotate(curve);
        assertThat(api.get("/api/v1/caller", "Authorization", "Bearer " + byNewKey)
                        .body())
                .as("a key that came later, of another kind")
                .isEqualTo("{\"name\":\"ann\",\"role\":\"reader\"}");
        assertThat(api.get("/api/v1/caller", "Authorization", "Bearer " + ISSUER.token("ann", "basewatch", "staff", 60))
                        .statusCode())
                .as("the first key is still there")
                .isEqualTo(200);
        HttpResponse<String> signedIn = form(api, "/sign-in", "token=" + ISSUER.token("ann", "basewatch", "staff", 60));
        assertThat(signedIn.statusCode()).isEqualTo(303);
    }

    @Test
    void peopleSignInOnTheIssuersPageAndComeBackToWhatTheyAskedFor() {
        ISSUER.start();
        RunningApi api = api("everywhere");
        assertThat(api.get("/sign-in?next=%2Fimages%3Flibc%3Dmusl").body())
                .contains("<a href=\"/sign-in/oidc?next=%2Fimages%3Flibc%3Dmusl\">Sign in with 127.0.0.1</a>");
        HttpResponse<String> sent = api.get("/sign-in/oidc?next=%2Fimages%3Flibc%3Dmusl");
        assertThat(sent.statusCode()).as(sent.body()).isEqualTo(302);
        Map<String, String> asked = AtIssuer.asked(sent);
        assertThat(sent.headers().firstValue("Location")).get().asString().startsWith(ISSUER.uri + "/authorize?");
        assertThat(asked)
                .containsEntry("response_type", "code")
                .containsEntry("client_id", "basewatch-page")
                .containsEntry("code_challenge_method", "S256")
                .containsEntry("scope", "openid profile")
                .containsEntry("redirect_uri", api.url() + "/sign-in/oidc/callback");
        assertThat(List.of(asked.get("state"), asked.get("nonce"), asked.get("code_challenge")))
                .doesNotHaveDuplicates()
                .allMatch(text -> text.length() >= 43);
        String begun = sent.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(begun).contains("HttpOnly", "SameSite=Lax", "Path=/sign-in/oidc", "Max-Age=900");
        String cookie = begun.substring(0, begun.indexOf(';'));

        String code = ISSUER.authorize(asked, "Ann", "staff");
        String callback = "/sign-in/oidc/callback?code=" + code + "&state=" + asked.get("state");
        HttpResponse<String> back = api.get(callback, "Cookie", cookie);
        assertThat(back.statusCode()).as(back.body()).isEqualTo(200);
        assertThat(back.body()).contains("content=\"0; url=/images?libc=musl\"");
        List<String> cookies = back.headers().allValues("Set-Cookie");
        assertThat(cookies).hasSize(3);
        assertThat(cookies.get(0)).startsWith("basewatch_session=").contains("HttpOnly", "SameSite=Strict", "Path=/;");
        assertThat(cookies.get(1)).startsWith("basewatch_signing_in=;").contains("Max-Age=0");
        assertThat(cookies.get(2))
                .startsWith("basewatch_issuer=ey")
                .contains("HttpOnly", "SameSite=Strict", "Path=/sign-out;");
        String session = cookies.get(0).substring(0, cookies.get(0).indexOf(';'));
        assertThat(api.get("/api/v1/caller", "Cookie", session).body())
                .isEqualTo("{\"name\":\"ann\",\"role\":\"reader\"}");
        assertThat(api.send("POST", "/sign-out", "", "Cookie", session).statusCode())
                .isEqualTo(303);
        assertThat(api.get("/api/v1/caller", "Cookie", session).statusCode()).isIn(401, 429);
        assertThat(api.get(callback, "Cookie", cookie).statusCode())
                .as("a code is good once")
                .isEqualTo(400);
    }

    @Test
    void whoSignedInAtTheIssuerIsSignedOutThereTooByAPageThatLeadsOn() {
        ISSUER.start();
        RunningApi api = api("everywhere");
        HttpResponse<String> sent = api.get("/sign-in/oidc");
        Map<String, String> asked = AtIssuer.asked(sent);
        String begun = sent.headers().firstValue("Set-Cookie").orElseThrow();
        List<String> cookies = api
                .get(
                        "/sign-in/oidc/callback?code=" + ISSUER.authorize(asked, "Ann", "staff") + "&state="
                                + asked.get("state"),
                        "Cookie",
                        begun.substring(0, begun.indexOf(';')))
                .headers()
                .allValues("Set-Cookie")
                .stream()
                .map(each -> each.substring(0, each.indexOf(';')))
                .toList();
        String session = cookies.get(0);
        String hint = cookies.get(2);

        HttpResponse<String> out = api.send("POST", "/sign-out", "", "Cookie", session + "; " + hint);
        assertThat(out.statusCode()).isEqualTo(200);
        assertThat(out.body())
                .contains("content=\"0; url=" + ISSUER.uri + "/end?ui=1&amp;client_id=basewatch-page"
                        + "&amp;post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A")
                .contains("%2Fsign-in&amp;id_token_hint=" + hint.substring(hint.indexOf('=') + 1) + "\"");
        assertThat(out.headers().firstValue("Cache-Control")).contains("no-store");
        assertThat(out.headers().firstValue("Referrer-Policy")).contains("no-referrer");
        assertThat(out.headers().firstValue("Clear-Site-Data")).contains("\"cache\"");
        assertThat(out.headers().allValues("Set-Cookie"))
                .anyMatch(each -> each.startsWith("basewatch_session=;") && each.contains("Max-Age=0"))
                .anyMatch(each -> each.startsWith("basewatch_issuer=;") && each.contains("Max-Age=0"));
        assertThat(api.get("/api/v1/caller", "Cookie", session).statusCode()).isIn(401, 429);
        assertThat(api.send("POST", "/sign-out", "", "Cookie", "basewatch_issuer=-")
                        .body())
                .as("what the browser could not keep")
                .contains("/end?ui=1&amp;client_id=basewatch-page")
                .doesNotContain("id_token_hint");
        for (String none : List.of("basewatch_issuer=", "basewatch_issuer=a\"b<c", "other=ey")) {
            assertThat(api.send("POST", "/sign-out", "", "Cookie", none).statusCode())
                    .as(none)
                    .isEqualTo(303);
        }
    }

    @Test
    void whoDidNotBeginASignInOrIsNotVouchedForIsNotSignedIn() {
        ISSUER.start();
        RunningApi api = api("everywhere");
        HttpResponse<String> mine = api.get("/sign-in/oidc?next=https%3A%2F%2Fevil.example");
        Map<String, String> asked = AtIssuer.asked(mine);
        String cookie = cookie(mine);
        HttpResponse<String> others = api.get("/sign-in/oidc");
        String state = "&state=" + asked.get("state");

        assertRefused(api, ISSUER.authorize(asked, "Ann", "staff") + state, "", "not begun here");
        assertRefused(api, ISSUER.authorize(asked, "Ann", "staff") + state, cookie(others), "not begun here");
        assertRefused(api, ISSUER.authorize(asked, "Ann", "staff") + "&state=x", cookie, "not begun here");
        assertRefused(
                api,
                ISSUER.authorize(asked, "Ann", "staff") + state + "&iss=http://evil.example",
                cookie,
                "Another issuer");
        assertRefused(api, "&error=access_denied" + state, cookie, "did not sign you in: access denied");
        assertRefused(api, "&error=%3Cscript%3E" + state, cookie, "did not sign you in.");
        assertRefused(api, "made-up" + state, cookie, "does not know this sign-in any more");
        assertRefused(api, ISSUER.authorize(asked, "Ann", "guests") + state, cookie, "none of your roles");
        // The code of somebody else's sign-in, put in the middle of mine: its challenge is another one.
        assertRefused(
                api,
                ISSUER.authorize(AtIssuer.asked(others), "Eve", "platform") + state,
                cookie,
                "does not know this sign-in any more");
        assertRefused(
                api,
                ISSUER.authorize(with(asked, "nonce", "another"), "Ann", "staff") + state,
                cookie,
                "for another sign-in");
        assertRefused(
                api,
                ISSUER.authorize(with(asked, "client_id", "another"), "Ann", "staff") + state,
                cookie,
                "cannot vouch for");

        HttpResponse<String> back = api.get(
                "/sign-in/oidc/callback?code=" + ISSUER.authorize(asked, "Ann", "staff") + state, "Cookie", cookie);
        assertThat(back.body()).as("nobody is sent elsewhere").contains("content=\"0; url=/\"");
    }

    @Test
    void whoWasRefusedOnceStillComesToWhatWasAskedFor() {
        ISSUER.start();
        RunningApi api = api("everywhere");
        HttpResponse<String> begun = api.get("/sign-in/oidc?next=%2Fimages%3Fdistro%3Dalpine");
        String denied = "/sign-in/oidc/callback?error=access_denied&state="
                + AtIssuer.asked(begun).get("state");

        assertThat(api.get(denied, "Cookie", cookie(begun)).body())
                .contains("did not sign you in: access denied")
                .contains("href=\"/sign-in/oidc?next=%2Fimages%3Fdistro%3Dalpine\"")
                .contains("name=\"next\" value=\"/images?distro=alpine\"");
        HttpResponse<String> elsewhere = api.get("/sign-in/oidc?next=https%3A%2F%2Fevil.example");
        assertThat(api.get(denied, "Cookie", cookie(elsewhere)).body()).doesNotContain("evil", "name=\"next\"");
        String madeUp = "x".repeat(43) + "."
                + Base64.getUrlEncoder().encodeToString("//evil.example".getBytes(StandardCharsets.UTF_8));
        String name = cookie(begun).substring(0, cookie(begun).indexOf('='));
        for (String value : List.of(madeUp, madeUp + "%", "x.!", "x.=")) {
            assertThat(api.get(denied, "Cookie", name + "=" + value).body())
                    .as(value)
                    .contains("not begun here")
                    .doesNotContain("evil", "name=\"next\"");
        }
    }

    private static void assertRefused(RunningApi api, String code, String cookie, String why) {
        HttpResponse<String> answer = api.get("/sign-in/oidc/callback?code=" + code, "Cookie", cookie);
        assertThat(answer.statusCode()).as(why + ": " + answer.body()).isEqualTo(400);
        assertThat(answer.body()).contains(why).doesNotContain("<script>");
        assertThat(answer.headers().allValues("Set-Cookie")).isEmpty();
    }

    private static Map<String, String> with(Map<String, String> asked, String name, String value) {
        Map<String, String> changed = new TreeMap<>(asked);
        changed.put(name, value);
        return changed;
    }

    private static String cookie(HttpResponse<String> answer) {
        return answer.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
    }
}
