package io.basewatch.ociregistry;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.ociregistry.RawServer.Reply;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestBudgetTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_780_000_000);

    @Test
    void goodAnswersRaiseItToWhatIsSetAndNoFurther() {
        RequestBudget budget = budget(300);
        assertThat(budget.perSecond()).isEqualTo(RequestBudget.FIRST);
        answers(budget, 100, 5);
        assertThat(budget.perSecond()).isEqualTo(200);
        answers(budget, 1_000, 5);
        assertThat(budget.perSecond()).isEqualTo(300);
    }

    @Test
    void aLimitBelowTheFirstIsKeptFromTheFirst() {
        assertThat(budget(5).perSecond()).isEqualTo(5);
        assertThat(budget(0.5).perSecond()).isEqualTo(0.5);
    }

    @Test
    void aRefusalHalvesItOnceForAllThatAreRefusedTogether() {
        RequestBudget budget = budget(1_000);
        answers(budget, 100, 5);
        for (int i = 0; i < 16; i++) {
            budget.refused();
        }
        assertThat(budget.perSecond()).isEqualTo(100);
        answers(budget, 100, 5);
        assertThat(budget.perSecond()).isBetween(109.0, 111.0);
    }

    @Test
    void answersThatBecomeSlowLowerIt() {
        RequestBudget budget = budget(1_000);
        answers(budget, 100, 20);
        double fast = budget.perSecond();
        answers(budget, 100, 900);
        assertThat(budget.perSecond()).isLessThan(fast);
    }

    @Test
    void aRegistryThatHasAlwaysBeenSlowIsNotAskedLess() {
        RequestBudget budget = budget(1_000);
        answers(budget, 200, 400);
        assertThat(budget.perSecond()).isEqualTo(300);
    }

    @Test
    void whatIsSaidToBeSpentIsLeftAloneUntilItsReset() {
        assertThat(spent("RateLimit-Remaining", "0", "RateLimit-Reset", "30")).isEqualTo(Duration.ofSeconds(30));
        assertThat(spent("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1780000040"))
                .isEqualTo(Duration.ofSeconds(40));
        assertThat(spent("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1779999999"))
                .isZero();
        assertThat(spent("RateLimit-Remaining", "1", "RateLimit-Reset", "30")).isZero();
        assertThat(spent("ratelimit-remaining", "0;w=21600", "ratelimit-limit", "100;w=21600"))
                .isZero();
        assertThat(spent("RateLimit-Remaining", "-1", "RateLimit-Reset", "x")).isZero();
    }

    @Test
    void aRegistryThatSaysThatNothingIsLeftIsWaitedFor() throws Exception {
        try (RawServer server = new RawServer(
                request -> Reply.of(new byte[] {'{', '}'}, "RateLimit-Remaining", "0", "RateLimit-Reset", "1"))) {
            Registry registry = Registry.connect(TestSettings.of(server.url()));
            long start = System.nanoTime();
            registry.check();
            registry.check();
            assertThat(System.nanoTime() - start)
                    .isGreaterThan(Duration.ofMillis(950).toNanos());
        }
    }

    @Test
    void whatIsStillLeftIsKnownOnceTheRegistrySaysSoHoweverItIsCounted() throws Exception {
        try (RawServer server =
                new RawServer(request -> Reply.of(new byte[] {'{', '}'}, "ratelimit-remaining", "76;w=21600"))) {
            Registry registry = Registry.connect(TestSettings.of(server.url()));
            assertThat(registry.remaining()).isEmpty();
            registry.check();
            assertThat(registry.remaining()).hasValue(76);
            assertThat(registry.requests()).isEqualTo(1);
            assertThat(registry.requests(RequestKind.OTHER)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v2/_catalog, LIST",
        "GET, /v2/team/app/tags/list?n=100, LIST",
        "HEAD, /v2/team/app/manifests/1, HEAD",
        "GET, /v2/team/app/manifests/1, MANIFEST",
        "GET, /v2/team/app/blobs/sha256:0, BLOB",
        "GET, /v2/, OTHER",
        "GET, /token?scope=/v2/team/app/manifests/, OTHER"
    })
    void eachRequestIsCountedByWhatItIsFor(String method, String path, RequestKind kind) {
        assertThat(RequestKind.of(method, URI.create("https://r.example.com" + path)))
                .isEqualTo(kind);
    }

    @Test
    void whoSharesABudgetAsksItsPartAndAllOfItAgainWhenTheOthersAreGone() throws Exception {
        RequestBudget budget = new RequestBudget(90, 9, Duration.ofMillis(1));
        budget.shareAmong(3);
        answers(budget, 200, 5);
        assertThat(budget.perSecond()).isEqualTo(30);
        assertThat(acquired(budget)).isEqualTo(3);
        budget.shareAmong(100);
        assertThat(acquired(budget)).as("some are under way").isZero();
        for (int n = 0; n < 3; n++) {
            budget.release();
        }
        assertThat(acquired(budget)).as("one at least").isEqualTo(1);
        budget.release();
        budget.shareAmong(1);
        answers(budget, 200, 5);
        assertThat(budget.perSecond()).isEqualTo(90);
        assertThat(acquired(budget)).isEqualTo(9);
    }

    private static int acquired(RequestBudget budget) throws InterruptedException {
        int got = 0;
        while (got < 50 && budget.acquire()) {
            got++;
        }
        return got;
    }

    private static RequestBudget budget(double most) {
        return new RequestBudget(most, 16, Duration.ofSeconds(1));
    }

    private static void answers(RequestBudget budget, int count, long millis) {
        for (int i = 0; i < count; i++) {
            budget.answered(Duration.ofMillis(millis).toNanos());
        }
    }

    private static Duration spent(String... headers) {
        return RateLimits.spentFor(
                HttpHeaders.of(
                        Map.of(headers[0], List.of(headers[1]), headers[2], List.of(headers[3])),
                        (name, value) -> true),
                NOW);
    }
}
