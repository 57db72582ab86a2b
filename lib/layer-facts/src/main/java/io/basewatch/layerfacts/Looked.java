package io.basewatch.layerfacts;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that somebody looked at in a view of layers, and what was looked for and is not there. Not more is needed to tell whether another view, which differs in some
 * {@link Changes}, would have shown anything else. One thread until it is done.
 */
final class Looked {

    /** On the way to what was asked for, the end too: whether it is there and what kind of thing it is. */
    private final PathSet passed = new PathSet();

    /** Themselves: mode and layer of directories count. */
    private final PathSet reached = new PathSet();

    private final PathSet listed = new PathSet();
    private final List<FileNames> names = new ArrayList<>();
    private final Set<String> probes = new HashSet<>();
    private boolean all;

    void passed(long path) {
        passed.add(path);
    }

    void reached(long path) {
        passed.add(path);
        reached.add(path);
    }

    void listed(long directory) {
        listed.add(directory);
    }

    void names(FileNames wanted) {
        if (!names.contains(wanted)) {
            names.add(wanted);
        }
    }

    void probe(String kind) {
        probes.add(kind);
    }

    void all() {
        all = true;
    }

    /** @param changes that are not {@link Changes#isBeyondTelling beyond telling} */
    boolean isTouchedBy(Changes changes) {
        if ((all && !changes.all().isEmpty()) || changes.probes().stream().anyMatch(probes::contains)) {
            return true;
        }
        for (Changes.Change change : changes.all()) {
            if (listed.has(change.directory())
                    || (change.name() == null ? reached : passed).has(change.path())
                    || isNamed(change.name())) {
                return true;
            }
        }
        return false;
    }

    private boolean isNamed(byte @Nullable [] name) {
        if (name != null) {
            for (FileNames wanted : names) {
                if (wanted.hold(name, 0, name.length)) {
                    return true;
                }
            }
        }
        return false;
    }

    int bytes() {
        return passed.bytes() + reached.bytes() + listed.bytes() + 200;
    }
}
