package io.basewatch.fleetstore;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The order of analyzer versions. A version is ordered by the pair of its first two numbers, where a date ({@code 2026-11-01}) counts as
 * one number: the generation of the facts and detectors first, then that of the data. All else in it is only ever compared for equality;
 * versions that differ in nothing but that (a hash) are of equal rank, and the later analysis counts as the newer.
 */
final class AnalyzerVersion {

    private static final Pattern NUMBER = Pattern.compile("(\\d{4})-(\\d{2})-(\\d{2})|\\d+");

    private AnalyzerVersion() {}

    static int compare(String one, String other) {
        List<BigInteger> left = pair(one);
        List<BigInteger> right = pair(other);
        int byFirst = left.get(0).compareTo(right.get(0));
        return byFirst != 0 ? byFirst : left.get(1).compareTo(right.get(1));
    }

    private static List<BigInteger> pair(String version) {
        List<BigInteger> pair = new ArrayList<>();
        Matcher numbers = NUMBER.matcher(version);
        while (pair.size() < 2 && numbers.find()) {
            pair.add(new BigInteger(numbers.group().replace("-", "")));
        }
        while (pair.size() < 2) {
            pair.add(BigInteger.ZERO);
        }
        return pair;
    }
}
