package io.basewatch.ociregistry;

import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the name of a registry of ECR says. Source: AWS, "Amazon ECR endpoints and quotas" and "Making requests over IPv6".
 *
 * @param account whose registry it is
 * @param api where ECR's interface for it is
 */
record EcrHost(String account, String region, URI api) {

    private static final String REGION = "([a-z]{2,4}(?:-[a-z]+)+-\\d{1,2})";
    private static final Pattern CLASSIC =
            Pattern.compile("(\\d{12})\\.dkr\\.ecr(-fips)?\\." + REGION + "\\.(amazonaws\\.com(?:\\.cn)?)");
    private static final Pattern DUAL = Pattern.compile(
            "(\\d{12})\\.dkr-ecr(-fips)?\\." + REGION + "\\.(on\\.aws|on\\.amazonwebservices\\.com\\.cn)");

    /** Empty for a name that none of ECR has. */
    static Optional<EcrHost> of(String host) {
        Matcher classic = CLASSIC.matcher(host);
        if (classic.matches()) {
            String region = classic.group(3);
            String name = classic.group(2) == null ? "api.ecr." : "ecr-fips.";
            return Optional.of(new EcrHost(
                    classic.group(1), region, URI.create("https://" + name + region + "." + classic.group(4))));
        }
        Matcher dual = DUAL.matcher(host);
        if (dual.matches()) {
            String region = dual.group(3);
            String name = dual.group(2) == null ? "ecr." : "ecr-fips.";
            String suffix = dual.group(4).equals("on.aws") ? ".api.aws" : ".api.amazonwebservices.com.cn";
            return Optional.of(new EcrHost(dual.group(1), region, URI.create("https://" + name + region + suffix)));
        }
        return Optional.empty();
    }
}
