package io.basewatch.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.basewatch.fleetmodel.Repository;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.SupportPolicy.Entry;
import java.time.LocalDate;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SupportPolicyTest {

    private static final Repository PAYMENTS = Repository.parse("registry.example.com/payments/core/api");
    private static final Repository OTHER = Repository.parse("registry.example.com/web/shop");

    private final SupportPolicy policy = SupportPolicy.of(List.of(
            bought("payments/**", "ubuntu", null, "Ubuntu Pro", null, "contract 4711"),
            bought("payments/**", "debian", List.of("10", "11"), "ELTS", "2027-01-31", null),
            bought("registry.example.com/**", "centos", List.of("7"), "TuxCare", "2027-06-30", null),
            new Entry(List.of("**/shop"), "debian", null, null, "standard", null, "our rule")));

    @Test
    void whatWasBoughtCountsWhereItWasBoughtAndIsNamed() {
        Support focal = policy.apply(support("ubuntu", "20.04", "2026-11-21"), PAYMENTS);

        assertThat(focal.phase()).isEqualTo(SupportPhase.EXTENDED);
        assertThat(focal.pastSupport()).isFalse();
        assertThat(focal.policy().counts()).isTrue();
        assertThat(focal.policy().says()).isEqualTo("Ubuntu Pro (ESM) is bought, until 2030-04-23");
        assertThat(focal.policy().repositories()).isEqualTo("payments/**");
        assertThat(focal.policy().reason()).isEqualTo("contract 4711");
        assertThat(focal.supportedUntil()).isEqualTo("2030-04-23");
        Support elsewhere = policy.apply(support("ubuntu", "20.04", "2026-11-21"), OTHER);
        assertThat(elsewhere.policy()).isNull();
        assertThat(elsewhere.pastSupport()).isTrue();
    }

    @Test
    void whatWasBoughtEndsWithItsLastDay() {
        assertThat(policy.apply(support("debian", "11", "2027-01-31"), PAYMENTS).pastSupport())
                .isFalse();
        Support after = policy.apply(support("debian", "11", "2027-02-01"), PAYMENTS);
        assertThat(after.pastSupport()).isTrue();
        assertThat(after.phase()).isEqualTo(SupportPhase.EXTENDED);
        assertThat(after.policy().remark()).contains("ended on 2027-01-31");
        // Not bought for this one.
        assertThat(policy.apply(support("debian", "9", "2026-11-21"), PAYMENTS).policy())
                .isNull();
        // As long as fixes are free, what was bought is only told.
        Support free = policy.apply(support("debian", "11", "2026-08-31"), PAYMENTS);
        assertThat(free.phase()).isEqualTo(SupportPhase.LTS);
        assertThat(free.policy().counts()).isFalse();
    }

    @Test
    void supportThatTheDatasetDoesNotKnowCountsUntilTheDayThatIsGiven() {
        Support seven = policy.apply(support("centos", "7", "2027-06-30"), OTHER);
        assertThat(seven.phase()).isEqualTo(SupportPhase.EXTENDED);
        assertThat(seven.pastSupport()).isFalse();
        assertThat(seven.extendedEnds()).isEqualTo("2027-06-30");
        assertThat(seven.policy().remark()).contains("does not know");
        assertThat(policy.apply(support("centos", "7", "2027-07-01"), OTHER).phase())
                .isEqualTo(SupportPhase.ENDED);
        assertThat(policy.apply(support("centos", "8", "2026-11-21"), OTHER).policy())
                .isNull();
    }

    @Test
    void fullSupportAloneCanBeAskedFor() {
        Support shop = policy.apply(support("debian", "12", "2026-11-21"), OTHER);
        assertThat(shop.phase()).isEqualTo(SupportPhase.ENDED);
        assertThat(shop.pastSupport()).isTrue();
        assertThat(shop.policy().says()).isEqualTo("only full support counts");
        assertThat(shop.policy().remark()).contains("without it the phase is lts");
        assertThat(shop.supportedUntil()).isEqualTo("2026-07-11");
        assertThat(policy.apply(support("debian", "13", "2026-11-21"), OTHER).phase())
                .isEqualTo(SupportPhase.STANDARD);
    }

    @Test
    void ofSeveralPlacesTheWorstCountsAndThatIsSaid() {
        Support plain = support("ubuntu", "20.04", "2026-11-21");

        Support both = policy.apply(plain, List.of(PAYMENTS, OTHER), true);
        assertThat(both.pastSupport()).isTrue();
        assertThat(both.policy().counts()).isFalse();
        assertThat(both.policy().remark()).contains("lies in registry.example.com/web/shop too");
        assertThat(policy.apply(plain, List.of(PAYMENTS), true).pastSupport()).isFalse();
        Support unseen = policy.apply(plain, List.of(PAYMENTS), false);
        assertThat(unseen.pastSupport()).isTrue();
        assertThat(unseen.policy().remark()).contains("more places");
        assertThat(policy.apply(plain, List.of(), true)).isEqualTo(plain);
        assertThat(policy.apply(support("debian", "12", "2026-11-21"), List.of(PAYMENTS, OTHER), true)
                        .phase())
                .isEqualTo(SupportPhase.ENDED);
    }

    @Test
    void whatIsUnknownStaysUnknown() {
        Support unknown = Lifecycle.bundled().support("ubuntu", "30.04", null, null, LocalDate.parse("2026-11-21"));

        assertThat(policy.apply(unknown, PAYMENTS)).isEqualTo(unknown);
        Support rolling = Lifecycle.bundled().support("arch", null, null, null, LocalDate.parse("2026-11-21"));
        assertThat(policy.apply(rolling, PAYMENTS)).isEqualTo(rolling);
    }

    @Test
    void namesTheEntryThatCannotBeMeant() {
        refused(
                new Entry(null, "ubuntu", null, "Ubuntu Pro", null, null, null),
                "basewatch.policy[0].repositories is missing");
        refused(
                new Entry(List.of(" "), "ubuntu", null, "Ubuntu Pro", null, null, null),
                "basewatch.policy[0].repositories[0] is empty");
        refused(
                new Entry(List.of("**"), null, null, "Ubuntu Pro", null, null, null),
                "basewatch.policy[0].product is missing");
        refused(new Entry(List.of("**"), "ubuntu", null, null, null, null, null), "neither 'bought' nor 'counts'");
        refused(new Entry(List.of("**"), "ubuntu", null, "x", "standard", null, null), "both 'bought' and 'counts'");
        refused(new Entry(List.of("**"), null, null, null, "lts", null, null), "basewatch.policy[0].counts is 'lts'");
        refused(bought("**", "debian", null, "ELTS", "31.01.2027", null), "basewatch.policy[0].until is '31.01.2027'");
        refused(
                new Entry(List.of("**"), null, List.of("7"), null, "standard", null, null),
                "basewatch.policy[0].cycles");
    }

    @Test
    void saysWhatTheDatasetDoesNotHave() {
        assertThat(policy.problems(Lifecycle.bundled())).isEmpty();
        assertThat(problem(bought("**", "ubunto", null, "Pro", null, null))).contains("product is 'ubunto'");
        assertThat(problem(bought("**", "ubuntu", List.of("20.1"), "Pro", null, null)))
                .contains("'20.1'")
                .contains("in quotes");
        assertThat(problem(bought("**", "ubuntu", List.of("20.04"), "TuxCare", null, null)))
                .contains("bought is 'TuxCare'")
                .contains("Ubuntu Pro (ESM)")
                .contains("until");
    }

    private static String problem(Entry entry) {
        return String.join("; ", SupportPolicy.of(List.of(entry)).problems(Lifecycle.bundled()));
    }

    private static void refused(Entry entry, String words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SupportPolicy.of(List.of(entry)))
                .withMessageContaining(words);
    }

    private static Entry bought(
            String repositories,
            String product,
            @Nullable List<String> cycles,
            String bought,
            @Nullable String until,
            @Nullable String reason) {
        return new Entry(List.of(repositories), product, cycles, bought, null, until, reason);
    }

    private static Support support(String product, String cycle, String day) {
        return Lifecycle.bundled().release(product, cycle, LocalDate.parse(day)).orElseThrow();
    }
}
