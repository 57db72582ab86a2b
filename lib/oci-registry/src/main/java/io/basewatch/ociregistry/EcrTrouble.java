package io.basewatch.ociregistry;

import io.basewatch.fleetmodel.Reason;
import io.basewatch.ociregistry.LenientJson.MalformedException;
import io.basewatch.ociregistry.RegistryHttp.Call;
import java.util.Set;
import java.util.regex.Pattern;

/** What ECR's interface means by an answer 400: the kind of trouble stands in its body, where others say it by the status. Source: AWS, "Amazon ECR API reference, Common Errors". */
final class EcrTrouble {

    private static final Pattern KIND = Pattern.compile("[A-Za-z]{1,60}");
    private static final Set<String> BUSY = Set.of(
            "ThrottlingException",
            "Throttling",
            "TooManyRequestsException",
            "RequestLimitExceeded",
            "LimitExceededException");
    private static final Set<String> REFUSED = Set.of(
            "AccessDenied",
            "AccessDeniedException",
            "ExpiredToken",
            "ExpiredTokenException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "NotAuthorized",
            "OptInRequired",
            "RequestExpired",
            "UnrecognizedClientException");

    private EcrTrouble() {}

    /** Empty where the answer names none. Only this is passed on: the message of a refused signature has what was signed. */
    static String kind(byte[] answer) {
        try {
            String kind = LenientJson.object(answer).path("__type").asString("").replaceFirst("^.*#", "");
            return KIND.matcher(kind).matches() ? kind : "";
        } catch (MalformedException e) {
            return "";
        }
    }

    static boolean isBusy(String kind) {
        return BUSY.contains(kind);
    }

    /**
     * @param prefix of the message
     */
    static RegistryException told(String kind, Call call, String prefix) {
        String message = prefix + "status 400" + (kind.isEmpty() ? "" : " (" + kind + ")");
        if (isBusy(kind)) {
            return RegistryException.busy(
                    message + ": too many requests, lower the registry's requests per second", null);
        }
        if (REFUSED.contains(kind)) {
            return RegistryException.permanent(
                    Reason.Code.UNAUTHORIZED,
                    message
                            + ": check the access key under the registry's api-token, its right to ecr:DescribeRepositories and"
                            + " ecr:DescribeImages, and that this machine's clock is right");
        }
        if (kind.equals("RepositoryNotFoundException")) {
            return RegistryException.permanent(call.missing(), message + ": not in the registry");
        }
        return RegistryException.permanent(
                Reason.Code.REGISTRY_UNAVAILABLE,
                message + ": not an answer to what was asked; check the registry's url");
    }
}
