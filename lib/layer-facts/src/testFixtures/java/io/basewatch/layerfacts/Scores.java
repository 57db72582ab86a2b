package io.basewatch.layerfacts;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * How much of the corpus and of the fixtures was found right, and how often each parser was given hostile bytes: each test tells its part, the sums are
 * printed when the last test is over.
 */
public final class Scores implements BeforeAllCallback {

    private static final Map<String, int[]> RIGHT_OF_ALL = new TreeMap<>();

    /**
     * @param kind counts told for the same kind are added
     */
    public static synchronized void tell(String kind, int right, int all) {
        int[] sum = RIGHT_OF_ALL.computeIfAbsent(kind, key -> new int[2]);
        sum[0] += right;
        sum[1] += all;
    }

    private static final Map<String, long[]> RAN = new TreeMap<>();

    /** So many executions of a parser ended as they should. */
    public static synchronized void ran(String parser, int cuts, int changes) {
        long[] sums = RAN.computeIfAbsent(parser, key -> new long[2]);
        sums[0] += cuts;
        sums[1] += changes;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).computeIfAbsent(Scores.class, key ->
                (AutoCloseable) Scores::print);
    }

    private static synchronized void print() {
        StringBuilder table = new StringBuilder();
        if (!RIGHT_OF_ALL.isEmpty()) {
            table.append("found right:\n");
            RIGHT_OF_ALL.forEach((kind, sum) -> table.append(
                    String.format("  %-28s %4d of %4d%s%n", kind, sum[0], sum[1], sum[0] == sum[1] ? "" : "  <--")));
        }
        if (!RAN.isEmpty()) {
            table.append(String.format(
                    "executions with hostile bytes, in a heap of %d MB:%n  %-28s %8s %8s%n",
                    Runtime.getRuntime().maxMemory() >> 20, "", "cut", "changed"));
            RAN.forEach((parser, sums) -> table.append(String.format("  %-28s %8d %8d%n", parser, sums[0], sums[1])));
        }
        System.out.print(table);
    }
}
