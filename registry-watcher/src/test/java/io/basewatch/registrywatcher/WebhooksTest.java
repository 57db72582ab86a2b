package io.basewatch.registrywatcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.registrywatcher.WatcherSettings.Webhook;
import io.basewatch.registrywatcher.WebhookMessage.Kind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.http.HttpHeaders;

/** Messages of registries in the shapes that they document. */
class WebhooksTest {

    private static final String SECRET = "0123456789abcdef-secret";
    private static final String PUSH =
            "{\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"team/app\",\"tag\":\"1\"}}]}";

    private final List<String> looked = new ArrayList<>();
    private final List<String> swept = new ArrayList<>();
    private final DueRepositories due = new DueRepositories(
            (registry, repository, said) -> looked.add(registry + "/" + repository), swept::add, Clock.systemUTC());
    private final WebhookController controller =
            new WebhookController(List.of(new Webhook(Kind.DISTRIBUTION, "r.example", SECRET)), due);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "DISTRIBUTION | {\"events\":[{\"action\":\"push\",\"target\":{\"repository\":\"team/app\"}}]}",
                "GITLAB | {\"events\":[{\"action\":\"delete\",\"target\":{\"repository\":\"team/app\"}}]}",
                "HARBOR | {\"type\":\"PUSH_ARTIFACT\",\"event_data\":{\"repository\":{\"name\":\"app\",\"repo_full_name\":\"team/app\"}}}",
                "HARBOR | {\"specversion\":\"1.0\",\"type\":\"harbor.artifact.pushed\",\"data\":{\"repository\":{\"repo_full_name\":\"team/app\"}}}",
                "QUAY | {\"repository\":\"team/app\",\"namespace\":\"team\",\"updated_tags\":[\"1\"]}",
                "DOCKER_HUB | {\"push_data\":{\"tag\":\"1\"},\"repository\":{\"repo_name\":\"team/app\"}}",
                "GITHUB | {\"action\":\"published\",\"package\":{\"name\":\"app\",\"namespace\":\"Team\",\"owner\":{\"login\":\"Team\"}}}",
                "GITHUB | {\"registry_package\":{\"name\":\"app\",\"namespace\":\"team\"}}",
                "ACR | {\"action\":\"push\",\"target\":{\"repository\":\"team/app\",\"tag\":\"1\"}}",
                "ECR | {\"source\":\"aws.ecr\",\"detail\":{\"action-type\":\"PUSH\",\"repository-name\":\"team/app\"}}"
            })
    void theRepositoryOfAMessageOfEachKindIsFound(Kind kind, String body) {
        assertThat(WebhookMessage.repositories(kind, body.getBytes(StandardCharsets.UTF_8)))
                .containsExactly("team/app");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "DISTRIBUTION | {\"events\":[{\"action\":\"pull\",\"target\":{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"repository\":\"team/app\",\"tag\":\"1\"},\"request\":{\"method\":\"HEAD\"}}]}",
                "DISTRIBUTION | {\"events\":[{\"action\":\"push\",\"target\":{\"mediaType\":\"application/octet-stream\",\"repository\":\"team/app\"}}]}",
                "GITLAB | {\"events\":[{\"action\":\"mount\",\"target\":{\"repository\":\"team/app\",\"fromRepository\":\"team/base\"}}]}",
                "HARBOR | {\"type\":\"PULL_ARTIFACT\",\"event_data\":{\"repository\":{\"repo_full_name\":\"team/app\"}}}",
                "HARBOR | {\"specversion\":\"1.0\",\"type\":\"harbor.artifact.pulled\",\"data\":{\"repository\":{\"repo_full_name\":\"team/app\"}}}"
            })
    void whatChangesNoTagHasNothingLookedAtAsOurOwnLooksAreToldOfToo(Kind kind, String body) {
        assertThat(WebhookMessage.repositories(kind, body.getBytes(StandardCharsets.UTF_8)))
                .isEmpty();
    }

    @Test
    void ofAMessageOfManyThingsWhatMayChangeATagIsLookedAt() {
        String body = "{\"events\":[{\"action\":\"pull\",\"target\":{\"repository\":\"team/pulled\"}},"
                + "{\"action\":\"delete\",\"target\":{\"repository\":\"team/deleted\",\"digest\":\"sha256:aa\"}},"
                + "{\"action\":\"some day\",\"target\":{\"repository\":\"team/unknown\"}}]}";
        assertThat(WebhookMessage.repositories(Kind.DISTRIBUTION, body.getBytes(StandardCharsets.UTF_8)))
                .containsExactly("team/deleted", "team/unknown");
    }

    @Test
    void aMessageAboutSomethingElseNamesNoRepository() {
        for (Kind kind : Kind.values()) {
            for (String body : List.of("{}", "[]", "7", "{\"repository\":7,\"events\":{},\"detail\":[]}")) {
                assertThat(WebhookMessage.repositories(kind, body.getBytes(StandardCharsets.UTF_8)))
                        .as("%s: %s", kind, body)
                        .isEmpty();
            }
        }
    }

    @Test
    void whoKnowsTheSecretHasARepositoryLookedAtOnceHoweverOftenItIsSaid() throws Exception {
        String basic = Base64.getEncoder().encodeToString(("any:" + SECRET).getBytes(StandardCharsets.UTF_8));
        assertThat(post("Authorization", "Bearer " + SECRET, PUSH)).isEqualTo(202);
        assertThat(post("Authorization", SECRET, PUSH)).isEqualTo(202);
        assertThat(post("Authorization", "Basic " + basic, PUSH)).isEqualTo(202);
        assertThat(post("X-Gitlab-Token", SECRET, PUSH)).isEqualTo(202);
        assertThat(post("X-Basewatch-Secret", SECRET, PUSH)).isEqualTo(202);
        assertThat(due.size()).isEqualTo(1);
        due.lookAtNext();
        assertThat(looked).containsExactly("r.example/team/app");
        assertThat(due.size()).isZero();
    }

    @Test
    void aSignatureIsOfTheSecretAndOfThisBody() throws Exception {
        // printf '{}' | openssl dgst -sha256 -hmac 0123456789abcdef-secret
        String signature = "sha256=8e14e0652d1b7abe71c5bbfe249e35b73636b9a2fc91928f6f9381c920805ab1";
        assertThat(post("X-Hub-Signature-256", signature, "{}")).isEqualTo(202);
        assertThat(post("X-Hub-Signature-256", signature, PUSH)).isEqualTo(401);
    }

    @Test
    void whoDoesNotKnowTheSecretChangesNothing() throws Exception {
        assertThat(post("Authorization", "Bearer wrong", PUSH)).isEqualTo(401);
        assertThat(post("Authorization", "Basic !!", PUSH)).isEqualTo(401);
        assertThat(post("X-Other", SECRET, PUSH)).isEqualTo(401);
        assertThat(post("X-Hub-Signature-256", SECRET, PUSH)).isEqualTo(401);
        assertThat(due.size()).isZero();
    }

    @Test
    void whatIsTooLongIsNoJsonOrOfAnotherKindIsRefused() throws Exception {
        assertThat(post("Authorization", SECRET, " ".repeat(1024 * 1024 + 1))).isEqualTo(413);
        assertThat(post("Authorization", SECRET, "{")).isEqualTo(400);
        HttpHeaders headers = new HttpHeaders();
        headers.set("Authorization", SECRET);
        assertThat(controller
                        .receive("quay", headers, new ByteArrayInputStream(new byte[0]))
                        .getStatusCode()
                        .value())
                .isEqualTo(404);
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aRegistryThatHangsKeepsNoOtherWaitingAndIsLookedAtOneByOne() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch hangs = new CountDownLatch(1);
        List<String> seen = Collections.synchronizedList(new ArrayList<>());
        DueRepositories said = new DueRepositories(
                (registry, repository, when) -> {
                    seen.add(registry + "/" + repository);
                    if (seen.size() == 1) {
                        begun.countDown();
                        await(hangs);
                    }
                },
                swept::add,
                Clock.systemUTC());
        said.add("slow.example", "a");
        said.add("slow.example", "b");
        said.add("r.example", "c");
        Thread hanging = new Thread(() -> look(said));
        hanging.start();
        await(begun);
        look(said);
        assertThat(seen).containsExactly("slow.example/a", "r.example/c");
        assertThat(said.size()).isEqualTo(1);

        Thread waiting = new Thread(() -> look(said));
        waiting.start();
        hangs.countDown();
        hanging.join();
        waiting.join();
        assertThat(seen).containsExactly("slow.example/a", "r.example/c", "slow.example/b");
        assertThat(said.size()).isZero();
    }

    private static void look(DueRepositories due) {
        try {
            due.lookAtNext();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void ofMoreThanCanBeHeldTheRegistryIsSwept() {
        for (int i = 0; i <= DueRepositories.HELD; i++) {
            due.add("r.example", "team/app" + i);
        }
        assertThat(due.size()).isEqualTo(DueRepositories.HELD);
        assertThat(swept).containsExactly("r.example");
    }

    @Test
    void aShortSecretIsRefusedWithItsKeyAndNotTold() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Webhook(Kind.HARBOR, "r.example", "hunter2"))
                .withMessageContaining("basewatch.watcher.webhooks")
                .withMessageNotContaining("hunter2");
        assertThat(new Webhook(Kind.HARBOR, "r.example", SECRET).toString()).doesNotContain(SECRET);
    }

    private int post(String header, String value, String body) throws IOException {
        HttpHeaders headers = new HttpHeaders();
        headers.set(header, value);
        return controller
                .receive("distribution", headers, new ByteArrayInputStream(body.getBytes(StandardCharsets.UTF_8)))
                .getStatusCode()
                .value();
    }
}
