package io.basewatch.fleetstore;

import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a version's text says by itself: {@code FACTS[name/number,…]}, the number of the facts' generation and each detector with its own.
 * Whatever else is in a text (a hash, a date) has no order.
 *
 * @param facts generation; 0 when the text has no number
 * @param detectors by name; empty when the text has none
 */
record AnalyzerVersion(BigInteger facts, Map<String, BigInteger> detectors) {

    private static final Pattern GENERATION = Pattern.compile("^\\D{0,100}(\\d{1,100})");
    private static final Pattern DETECTOR = Pattern.compile("[\\[,]([^\\[\\],/]{1,200})/(\\d{1,100})(?=[,\\]])");

    static AnalyzerVersion parse(String text) {
        int list = text.indexOf('[');
        Matcher generation = GENERATION.matcher(list < 0 ? text : text.substring(0, list));
        Map<String, BigInteger> detectors = new TreeMap<>();
        Matcher detector = DETECTOR.matcher(text);
        while (detector.find()) {
            detectors.put(detector.group(1), new BigInteger(detector.group(2)));
        }
        return new AnalyzerVersion(
                generation.find() ? new BigInteger(generation.group(1)) : BigInteger.ZERO, detectors);
    }

    /**
     * Whether the texts alone leave no doubt: older facts; or, with the same, all that this one has is in the other one too, nothing of it
     * newer and something there newer or added. A strict partial order: of two versions with neither older, nothing is said.
     */
    boolean isSurelyOlderThan(AnalyzerVersion other) {
        int byFacts = facts.compareTo(other.facts);
        if (byFacts != 0) {
            return byFacts < 0;
        }
        return !detectors.equals(other.detectors)
                && detectors.entrySet().stream().allMatch(mine -> {
                    BigInteger theirs = other.detectors.get(mine.getKey());
                    return theirs != null && mine.getValue().compareTo(theirs) <= 0;
                });
    }
}
