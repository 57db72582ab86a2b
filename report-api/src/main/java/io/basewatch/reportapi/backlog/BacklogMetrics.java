package io.basewatch.reportapi.backlog;

import io.basewatch.backlog.Entry;
import io.basewatch.fleetmodel.SupportPhase;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/** The backlog in few numbers. */
final class BacklogMetrics {

    /** Those with the most images; the others are one, {@value #OTHER}. */
    private static final int MAX_OWNERS = 25;

    private static final String OTHER = "other";
    private static final String NOBODY = "nobody";

    private final MultiGauge entries;
    private final MultiGauge images;
    private final MultiGauge owners;
    private final AtomicLong closed = new AtomicLong();
    private final AtomicLong waived = new AtomicLong();

    BacklogMetrics(MeterRegistry meters) {
        this.entries = MultiGauge.builder("basewatch.backlog.entries")
                .description("Entries of the backlog, by the support phase of what their images stand on")
                .register(meters);
        this.images = MultiGauge.builder("basewatch.backlog.images")
                .description("Images behind the entries of the backlog, likewise")
                .register(meters);
        this.owners = MultiGauge.builder("basewatch.backlog.owner.images")
                .description("Images behind the entries of the backlog, by owner")
                .register(meters);
        Gauge.builder("basewatch.backlog.closed", closed, AtomicLong::doubleValue)
                .description("Entries that once stood in the backlog and do not any more")
                .register(meters);
        Gauge.builder("basewatch.backlog.waived", waived, AtomicLong::doubleValue)
                .description("Entries of the backlog that somebody decided to leave for a while")
                .register(meters);
    }

    /**
     * @param gone entries that stood once
     * @param left entries that stand, but are waived
     */
    void show(List<Entry> standing, long gone, long left) {
        Map<SupportPhase, Long> entriesByPhase = new TreeMap<>();
        Map<SupportPhase, Long> imagesByPhase = new TreeMap<>();
        for (SupportPhase phase : SupportPhase.values()) {
            entriesByPhase.put(phase, 0L);
            imagesByPhase.put(phase, 0L);
        }
        Map<String, Long> imagesByOwner = new TreeMap<>();
        long nobodys = 0;
        for (Entry entry : standing) {
            entriesByPhase.merge(entry.support().phase(), 1L, Long::sum);
            imagesByPhase.merge(entry.support().phase(), entry.images(), Long::sum);
            entry.owners().forEach((owner, number) -> imagesByOwner.merge(owner, number, Long::sum));
            nobodys += entry.images()
                    - entry.owners().values().stream()
                            .mapToLong(Long::longValue)
                            .sum();
        }
        entries.register(rows("phase", entriesByPhase), true);
        images.register(rows("phase", imagesByPhase), true);
        owners.register(rows("owner", few(imagesByOwner, nobodys)), true);
        closed.set(gone);
        waived.set(left);
    }

    private static Map<String, Long> few(Map<String, Long> byOwner, long nobodys) {
        Map<String, Long> few = new TreeMap<>();
        few.put(NOBODY, nobodys);
        List<Map.Entry<String, Long>> ordered = byOwner.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder()))
                .toList();
        for (int n = 0; n < ordered.size(); n++) {
            few.merge(
                    n < MAX_OWNERS ? ordered.get(n).getKey() : OTHER,
                    ordered.get(n).getValue(),
                    Long::sum);
        }
        return few;
    }

    private static List<Row<?>> rows(String label, Map<?, Long> numbers) {
        return numbers.entrySet().stream()
                .<Row<?>>map(each -> Row.of(Tags.of(label, each.getKey().toString()), each.getValue()))
                .toList();
    }
}
