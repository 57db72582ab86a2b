package io.basewatch.lifecycle;

import io.basewatch.fleetmodel.JsonTree;
import io.basewatch.fleetmodel.Support;
import io.basewatch.fleetmodel.SupportPhase;
import io.basewatch.lifecycle.DatasetRefused.Why;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Whether another dataset is to be believed. Beside its form that is: canaries, releases of which it is known for certain when they ended or until when they do
 * not end ({@code canaries.json}), stand where they stood; nothing of any size is gone; and it is not from the future.
 */
public final class DatasetCheck {

    /** Far above what all releases of all distributions take. */
    public static final int MAX_BYTES = 8 << 20;

    /** A product loses this part of its releases, or more, only by mistake. */
    private static final int PART = 3;

    private static final int SHOWN = 5;

    private DatasetCheck() {}

    /**
     * @param before what is in force now
     * @throws DatasetRefused naming product, release and what is wrong
     */
    public static Lifecycle check(byte[] dataset, Lifecycle before, LocalDate today) throws DatasetRefused {
        if (dataset.length > MAX_BYTES) {
            throw new DatasetRefused(
                    Why.TOO_LARGE, "the dataset has " + dataset.length + " bytes, more than " + MAX_BYTES);
        }
        Lifecycle read;
        try {
            List<String> lost = new ArrayList<>(before.products());
            lost.removeAll(LifecycleDataset.read(dataset).products().keySet());
            refuse(
                    Why.SHRUNK,
                    lost.stream()
                            .map(product -> "product '" + product + "' is gone")
                            .toList());
            read = Lifecycle.read(dataset);
        } catch (IllegalArgumentException e) {
            throw new DatasetRefused(Why.FORM, String.valueOf(e.getMessage()));
        }
        check(read, before, today);
        return read;
    }

    private static void check(Lifecycle read, Lifecycle before, LocalDate today) throws DatasetRefused {
        if (read.generated().isAfter(today.plusDays(1))) {
            throw new DatasetRefused(
                    Why.AGE, "the dataset says that it was put together on " + read.generated() + ", which is to come");
        }
        refuse(Why.CANARY, turned(read, today));
        List<String> gone = new ArrayList<>(gone(read, before, today));
        if (gone.isEmpty()) {
            gone.addAll(gone(read, Lifecycle.bundled(), today));
        }
        refuse(Why.SHRUNK, gone);
    }

    private static void refuse(Why why, List<String> problems) throws DatasetRefused {
        if (!problems.isEmpty()) {
            int more = problems.size() - SHOWN;
            throw new DatasetRefused(
                    why,
                    String.join("; ", problems.subList(0, Math.min(SHOWN, problems.size())))
                            + (more > 0 ? "; and " + more + " more" : ""));
        }
    }

    /** Canaries that stand where they cannot, for people. */
    private static List<String> turned(Lifecycle read, LocalDate today) {
        List<String> turned = new ArrayList<>();
        JsonNode canaries = new JsonTree(Lifecycle.MAX_DEPTH).read(Lifecycle.Bundled.resource("canaries.json"));
        for (JsonNode row : canaries.path("ended")) {
            LocalDate last = LocalDate.parse(row.path("last").asString());
            if (isPast(phase(read, row, last)) || !isPast(phase(read, row, last.plusDays(1)))) {
                turned.add(name(row) + " ended on " + last + ", and would be "
                        + phase(read, row, last) + " on that day and " + phase(read, row, last.plusDays(1))
                        + " on the next");
            } else if (today.isAfter(last) && !isPast(phase(read, row, today))) {
                turned.add(name(row) + " ended on " + last + ", and would be " + phase(read, row, today) + " today");
            }
        }
        for (JsonNode row : canaries.path("supported")) {
            LocalDate until = LocalDate.parse(row.path("until").asString());
            for (LocalDate day : List.of(today, until)) {
                SupportPhase phase = phase(read, row, day);
                if (!today.isAfter(until) && (isPast(phase) || phase == SupportPhase.UNKNOWN)) {
                    turned.add(name(row) + " is supported until " + until + ", and would be " + phase + " on " + day);
                    break;
                }
            }
        }
        return turned;
    }

    private static String name(JsonNode row) {
        return row.path("product").asString() + " " + row.path("cycle").asString();
    }

    private static SupportPhase phase(Lifecycle read, JsonNode row, LocalDate day) {
        return read.release(row.path("product").asString(), row.path("cycle").asString(), day)
                .map(Support::phase)
                .orElse(SupportPhase.UNKNOWN);
    }

    private static boolean isPast(SupportPhase phase) {
        return phase.isPastSupport();
    }

    private static List<String> gone(Lifecycle read, Lifecycle before, LocalDate today) {
        List<String> gone = new ArrayList<>();
        for (String product : before.products()) {
            List<Support> known = before.releases(product, today);
            List<String> missing = known.stream()
                    .map(Support::cycle)
                    .flatMap(cycle -> Optional.ofNullable(cycle).stream())
                    .filter(cycle -> read.release(product, cycle, today).isEmpty())
                    .toList();
            if (missing.size() == known.size()) {
                gone.add("product '" + product + "' is gone");
            } else if (missing.size() * PART >= known.size()) {
                gone.add("product '" + product + "' has lost " + missing.size() + " of its " + known.size()
                        + " releases: "
                        + String.join(", ", missing.subList(0, Math.min(SHOWN, missing.size())))
                        + (missing.size() > SHOWN ? ", …" : ""));
            }
        }
        return gone;
    }
}
