package io.basewatch.ociregistry;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * An access key of AWS, and how a request is signed by it, which is never sent itself. Source: AWS, "Signature Version 4 signing process"; for requests without a query, whose paths need no
 * escaping.
 *
 * @param id tells whose it is; no secret
 * @param secret never printed
 * @param session of a key for some hours; empty for one that lasts
 */
record AwsKey(String id, String secret, String session) {

    /** How it is written down. */
    static final String FORM = "ACCESS-KEY-ID:SECRET-ACCESS-KEY, with :SESSION-TOKEN behind it for a key that runs out";

    private static final Pattern TEXT = Pattern.compile("(\\w{1,128}):([\\w/+=]{1,128})(?::([\\w/+=.-]{1,32768}))?");
    private static final DateTimeFormatter MOMENT =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String ALGORITHM = "AWS4-HMAC-SHA256";

    /**
     * @throws IllegalArgumentException when it is not of that {@link #FORM}; does not tell it
     */
    static AwsKey parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not an access key of AWS: " + FORM);
        }
        return new AwsKey(parts.group(1), parts.group(2), parts.group(3) == null ? "" : parts.group(3));
    }

    /**
     * What proves, beside these headers, that a request is ours: the headers that are to be sent with it.
     *
     * @param headers that are sent, and part of what is signed
     * @param region {@code eu-west-1}
     * @param service {@code ecr}
     * @param now by which the request is good for some minutes
     */
    Map<String, String> proof(
            String method,
            URI uri,
            Map<String, String> headers,
            String body,
            String region,
            String service,
            Instant now) {
        String moment = MOMENT.format(now);
        TreeMap<String, String> signed = new TreeMap<>();
        headers.forEach((name, value) -> signed.put(name.toLowerCase(Locale.ROOT), value.strip()));
        signed.put("host", uri.getHost() + (uri.getPort() < 0 ? "" : ":" + uri.getPort()));
        signed.put("x-amz-date", moment);
        if (!session.isEmpty()) {
            signed.put("x-amz-security-token", session);
        }
        StringBuilder lines = new StringBuilder();
        signed.forEach(
                (name, value) -> lines.append(name).append(':').append(value).append('\n'));
        String names = String.join(";", signed.keySet());
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String canonical = method + "\n" + path + "\n\n" + lines + "\n" + names + "\n" + hash(body);
        String day = moment.substring(0, 8);
        String scope = day + "/" + region + "/" + service + "/aws4_request";
        byte[] key = bytes("AWS4" + secret);
        for (String part : scope.split("/")) {
            key = mac(key, part);
        }
        String signature =
                HexFormat.of().formatHex(mac(key, ALGORITHM + "\n" + moment + "\n" + scope + "\n" + hash(canonical)));
        Map<String, String> proof = new TreeMap<>(Map.of(
                "X-Amz-Date",
                moment,
                "Authorization",
                ALGORITHM + " Credential=" + id + "/" + scope + ", SignedHeaders=" + names + ", Signature="
                        + signature));
        if (!session.isEmpty()) {
            proof.put("X-Amz-Security-Token", session);
        }
        return proof;
    }

    private static String hash(String text) {
        return Hashing.digest(bytes(text), "sha256").hex();
    }

    private static byte[] mac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(bytes(text));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String toString() {
        return "AwsKey[id=" + id + ", secret=***]";
    }
}
