package io.basewatch.layerfacts;

import java.util.List;

/**
 * One kind of facts that layers are read for. Each is kept apart, with the version of the kind: where that rises, layers are read again for this kind alone,
 * and only those that have something for it.
 */
public final class FactsKind implements Interest {

    private final String name;
    private final int version;
    private final int sameFilesSince;
    private final Interest[] interests;

    /**
     * @param name of letters and dashes, the same for good
     * @param version raised when more is wanted than before, or its encoding changes; from 1
     * @param sameFilesSince the oldest version that kept something of the same files: where facts of that one, or a newer, say that a layer has none, it has
     *     none now. Equal to the version where the choice of files has just changed
     * @param interests asked in this order; the first that wants something of a file has it
     */
    public FactsKind(String name, int version, int sameFilesSince, List<? extends Interest> interests) {
        if (version < 1 || sameFilesSince < 1 || sameFilesSince > version || !name.matches("[a-z][a-z-]{0,30}")) {
            throw new IllegalArgumentException(
                    "no kind of facts: '" + name + "' " + version + " since " + sameFilesSince);
        }
        this.name = name;
        this.version = version;
        this.sameFilesSince = sameFilesSince;
        this.interests = interests.toArray(Interest[]::new);
    }

    public String name() {
        return name;
    }

    public int version() {
        return version;
    }

    int sameFilesSince() {
        return sameFilesSince;
    }

    @Override
    public Want wants(FileEntry file, byte[] head) {
        for (Interest interest : interests) {
            Want want = interest.wants(file, head);
            if (!want.isNothing()) {
                return want;
            }
        }
        return Want.NOTHING;
    }

    @Override
    public Want wantsAsTarget(FileEntry file, byte[] head) {
        for (Interest interest : interests) {
            Want want = interest.wantsAsTarget(file, head);
            if (!want.isNothing()) {
                return want;
            }
        }
        return Want.NOTHING;
    }

    @Override
    public Hints hints() {
        Hints hints = Hints.NONE;
        for (Interest interest : interests) {
            hints = hints.or(interest.hints());
        }
        return hints;
    }

    /** {@code name/version}. */
    @Override
    public String toString() {
        return name + "/" + version;
    }
}
