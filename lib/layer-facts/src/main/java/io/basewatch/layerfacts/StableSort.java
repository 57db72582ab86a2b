package io.basewatch.layerfacts;

import java.util.function.IntBinaryOperator;

/** Sorts numbers that stand for something: a million of them must not become a million objects. */
public final class StableSort {

    private StableSort() {}

    /**
     * What is alike stays in its order.
     *
     * @param order negative, zero or positive, as of two things a {@link java.util.Comparator} says it
     */
    public static void sort(int[] numbers, IntBinaryOperator order) {
        int[] from = numbers;
        int[] to = new int[numbers.length];
        // Runs of doubling length are merged.
        for (int run = 1; run > 0 && run < numbers.length; run *= 2) {
            for (int start = 0; start < numbers.length; start += 2 * run) {
                int middle = Math.min(start + run, numbers.length);
                int end = Math.min(start + 2 * run, numbers.length);
                int left = start;
                int right = middle;
                for (int i = start; i < end; i++) {
                    boolean takeLeft =
                            left < middle && (right == end || order.applyAsInt(from[left], from[right]) <= 0);
                    to[i] = takeLeft ? from[left++] : from[right++];
                }
            }
            int[] swap = from;
            from = to;
            to = swap;
        }
        if (from != numbers) {
            System.arraycopy(from, 0, numbers, 0, numbers.length);
        }
    }
}
