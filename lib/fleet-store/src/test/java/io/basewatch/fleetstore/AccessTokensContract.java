package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.basewatch.fleetstore.AccessTokens.Token;
import java.time.Duration;
import org.bson.Document;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

abstract class AccessTokensContract extends StoreUnderTest {

    private FleetStore store;
    private AccessTokens tokens;

    @BeforeEach
    void openStore() {
        store = open();
        tokens = store.accessTokens();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Test
    void aTokenIsKnownUntilItExpiresOrIsRevokedAndIsNotInTheStore() {
        String secret =
                tokens.create("ci", "reader", Duration.ofDays(90), "local").orElseThrow();
        String other = tokens.create("prometheus", "scraper", null, "local").orElseThrow();
        assertThat(secret).matches("bw_[A-Za-z0-9_-]{43}").isNotEqualTo(other);
        assertThat(tokens.create("ci", "operator", null, "local")).isEmpty();
        assertThat(tokens.find(secret))
                .get()
                .extracting(Token::name, Token::role)
                .containsExactly("ci", "reader");
        assertThat(tokens.find(secret + "x")).isEmpty();
        assertThat(tokens.find("bw_" + "x".repeat(10_000))).isEmpty();
        for (Document kept : store.mongo().getCollection(AccessTokens.TOKENS).find()) {
            assertThat(kept.toJson()).doesNotContain(secret.substring(3)).doesNotContain(other.substring(3));
        }
        assertThat(tokens.list()).extracting(Token::name).containsExactly("ci", "prometheus");

        clock.pass(Duration.ofDays(90));
        assertThat(tokens.find(secret)).isEmpty();
        assertThat(tokens.find(other)).isPresent();
        assertThat(tokens.revoke("prometheus")).isTrue();
        assertThat(tokens.revoke("prometheus")).isFalse();
        assertThat(tokens.find(other)).isEmpty();
        assertThatThrownBy(() -> tokens.create("a b", "reader", null, "local"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'a b'");
    }

    @Test
    void whoIsSignedInIsSoForHalfADayAtMostAndNoLongerThanTheToken() {
        String secret =
                tokens.create("ann", "operator", Duration.ofHours(30), "local").orElseThrow();
        String session = tokens.signIn(tokens.find(secret).orElseThrow(), true);
        assertThat(tokens.signedIn(session))
                .get()
                .extracting(Token::name, Token::role)
                .containsExactly("ann", "operator");
        // A token is no session, and a session no token.
        assertThat(tokens.find(session)).isEmpty();
        assertThat(tokens.signedIn(secret)).isEmpty();
        clock.pass(Duration.ofHours(12));
        assertThat(tokens.signedIn(session)).isEmpty();
        clock.pass(Duration.ofHours(12));
        String last = tokens.signIn(tokens.find(secret).orElseThrow(), true);
        clock.pass(Duration.ofHours(6));
        assertThat(tokens.signedIn(last)).isEmpty();
    }

    @Test
    void whoSignsOutOrWhoseTokenIsRevokedIsNotSignedInAnyMore() {
        String secret = tokens.create("ann", "operator", null, "local").orElseThrow();
        Token ann = tokens.find(secret).orElseThrow();
        String one = tokens.signIn(ann, true);
        String two = tokens.signIn(ann, true);
        tokens.signOut(one);
        assertThat(tokens.signedIn(one)).isEmpty();
        assertThat(tokens.signedIn(two)).isPresent();
        tokens.revoke("ann");
        assertThat(tokens.signedIn(two)).isEmpty();
    }

    @Test
    void whoSignedInByAClockThatWasAheadSignsInAgain() {
        String secret = tokens.create("ann", "operator", null, "local").orElseThrow();
        clock.pass(Duration.ofDays(4 * 365));
        String ahead = tokens.signIn(tokens.find(secret).orElseThrow(), true);
        assertThat(tokens.signedIn(ahead)).isPresent();
        clock.pass(Duration.ofDays(-4 * 365));
        assertThat(tokens.signedIn(ahead)).isEmpty();
        assertThat(tokens.signedIn(tokens.signIn(tokens.find(secret).orElseThrow(), true)))
                .isPresent();
    }
}
