package io.basewatch.fleetmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.fleetmodel.Owners.Entry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OwnersTest {

    private static final Repository API = Repository.parse("registry.example.com/payments/api");
    private static final Repository TOOL = Repository.parse("other.example/tool");

    private final Owners owners = Owners.of(List.of(
            new Entry(List.of("registry.example.com/payments/**"), "payments", null),
            new Entry(null, null, "org.example.team"),
            new Entry(List.of("**"), "platform", null)));

    @Test
    void theFirstEntryWithAnAnswerNamesTheOwner() {
        assertThat(owners.owner(API, Map.of("org.example.team", "web")))
                .hasValue(new Owners.Owner("payments", "repositories registry.example.com/payments/**"));
        assertThat(owners.owner(TOOL, Map.of("org.example.team", " web ")))
                .hasValue(new Owners.Owner("web", "label org.example.team"));
        assertThat(owners.owner(TOOL, Map.of("org.example.team", "")))
                .hasValueSatisfying(owner -> assertThat(owner.name()).isEqualTo("platform"));
        assertThat(owners.owner(TOOL))
                .hasValueSatisfying(owner -> assertThat(owner.name()).isEqualTo("platform"));
        assertThat(Owners.NONE.owner(API)).isEmpty();
    }

    @Test
    void noLabelCountsThatNobodyHasNamedAndNoValueThatIsNoName() {
        assertThat(Owners.of(List.of()).owner(TOOL, Map.of("org.opencontainers.image.vendor", "Red Hat, Inc.")))
                .isEmpty();
        Owners byLabel = Owners.of(List.of(new Entry(null, null, "team")));
        assertThat(byLabel.owner(TOOL, Map.of("team", "x".repeat(101)))).isEmpty();
        assertThat(byLabel.owner(TOOL, Map.of("team", "a\u001b[31mb"))).isEmpty();
    }

    @Test
    void namesTheEntryThatCannotBeMeant() {
        refused(new Entry(null, "x", null), "neither 'repositories' nor 'label'");
        refused(new Entry(List.of("**"), "x", "team"), "both 'repositories' and 'label'");
        refused(new Entry(List.of("**"), null, null), "basewatch.owners[0].owner is missing");
        refused(new Entry(List.of("a/**", ""), "x", null), "basewatch.owners[0].repositories[1] is empty");
        refused(new Entry(null, "x", "team"), "basewatch.owners[0].owner is 'x' beside a label");
    }

    private static void refused(Entry entry, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Owners.of(List.of(entry)))
                .withMessageContaining(words);
    }
}
