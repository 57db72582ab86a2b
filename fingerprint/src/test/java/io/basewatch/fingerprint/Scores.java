package io.basewatch.fingerprint;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** How much of the corpus was found right: each test tells its part, the sum is printed when the last test is over. */
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

    @Override
    public void beforeAll(ExtensionContext context) {
        context.getRoot().getStore(ExtensionContext.Namespace.GLOBAL).computeIfAbsent(Scores.class, key ->
                (AutoCloseable) Scores::print);
    }

    private static synchronized void print() {
        if (RIGHT_OF_ALL.isEmpty()) {
            return;
        }
        StringBuilder table = new StringBuilder("right in the corpus:\n");
        RIGHT_OF_ALL.forEach((kind, sum) -> table.append(
                String.format("  %-28s %4d of %4d%s%n", kind, sum[0], sum[1], sum[0] == sum[1] ? "" : "  <--")));
        System.out.print(table);
    }
}
