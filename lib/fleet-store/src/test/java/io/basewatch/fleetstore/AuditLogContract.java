package io.basewatch.fleetstore;

import static org.assertj.core.api.Assertions.assertThat;

import io.basewatch.fleetstore.AuditLog.Line;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

abstract class AuditLogContract extends StoreUnderTest {

    @Test
    void whatWasDoneLastIsToldFirstPageByPage() {
        try (FleetStore store = open()) {
            AuditLog log = store.auditLog();
            for (int n = 0; n < 5; n++) {
                log.add("ann", "operator", "waiver created", "base-" + n, "until 2027" + "x".repeat(n * 900), "done");
                clock.pass(Duration.ofMillis(1));
            }
            List<Line> first = log.page(null, 3);
            assertThat(first).extracting(Line::subject).containsExactly("base-4", "base-3", "base-2");
            assertThat(first.get(0).detail()).hasSize(2000);
            assertThat(first).allSatisfy(line -> assertThat(line.id()).matches(AuditLog.ID));
            assertThat(log.page(first.get(2).id(), 3)).extracting(Line::subject).containsExactly("base-1", "base-0");
        }
    }
}
