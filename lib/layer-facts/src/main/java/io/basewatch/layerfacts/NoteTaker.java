package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Notes what must be known beside the facts; beyond a few of a sort they are only counted. */
final class NoteTaker {

    private static final int NOTES_PER_CODE = 5;

    private final List<Reason> notes = new ArrayList<>();
    private final Map<Reason.Code, Integer> byCode = new LinkedHashMap<>();

    void note(Reason.Code code, String message) {
        if (byCode.merge(code, 1, Integer::sum) <= NOTES_PER_CODE) {
            notes.add(new Reason(code, message));
        }
    }

    List<Reason> all() {
        List<Reason> all = new ArrayList<>(notes);
        byCode.forEach((code, count) -> {
            if (count > NOTES_PER_CODE) {
                all.add(new Reason(code, "and " + (count - NOTES_PER_CODE) + " more like it in this layer"));
            }
        });
        return all;
    }
}
