package io.basewatch.reportapi.web;

import java.io.IOException;
import java.io.Writer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.http11.Constants;
import org.apache.tomcat.util.buf.EncodedSolidusHandling;
import org.apache.tomcat.util.res.StringManager;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;

/**
 * What the server refuses before any application sees it (a malformed request line) is told as well: to people by a page, to programs as a problem document. What it
 * would refuse though a browser sends it, or a name may hold it, is left to who answers to the address.
 */
@Component
class ServerProblems implements WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

    /** As they are typed: of these a browser encodes none. RFC 3986 does not have them. */
    private static final String RELAXED_PATH = "[]|^";

    private static final String RELAXED_QUERY = "[]|^`{}\\";

    /** In bytes, so that also a very long address is refused by who knows what it is about. */
    private static final int MAX_HEADERS = 32 * 1024;

    @Override
    public void customize(TomcatServletWebServerFactory factory) {
        factory.addConnectorCustomizers(connector -> {
            // Within one part of a path they are no ends of it, neither here nor for who decides what may be asked.
            connector.setEncodedSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setEncodedReverseSolidusHandling(EncodedSolidusHandling.PASS_THROUGH.getValue());
            connector.setProperty("maxHttpRequestHeaderSize", Integer.toString(MAX_HEADERS));
            connector.setProperty("relaxedPathChars", RELAXED_PATH);
            connector.setProperty("relaxedQueryChars", RELAXED_QUERY);
        });
        factory.addContextCustomizers(context -> {
            if (context.getParent() instanceof StandardHost host) {
                host.setErrorReportValveClass(ProblemValve.class.getName());
            }
        });
    }

    /** Public because the server makes it, by its name. */
    public static final class ProblemValve extends ErrorReportValve {

        /** What the server says of a request that is longer than it may be; it has neither a status nor a type of its own for that. */
        private static final String TOO_LONG =
                StringManager.getManager(Constants.class).getString("iib.requestheadertoolarge.error");

        @Override
        protected void report(Request request, Response response, @Nullable Throwable throwable) {
            boolean isTooLong = throwable != null && TOO_LONG.equals(throwable.getMessage());
            // An address that does not end within it is not known; headers come behind it.
            boolean isAddress = isTooLong
                    && request.getCoyoteRequest().requestURI().getByteChunk().isNull();
            if (isTooLong && !response.isCommitted()) {
                response.setStatus(
                        isAddress
                                ? HttpStatus.URI_TOO_LONG.value()
                                : HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE.value());
            }
            int code = response.getStatus();
            if (code < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
                return;
            }
            HttpStatus status = HttpStatus.resolve(code);
            String title = status == null ? "Error" : status.getReasonPhrase();
            // Of a line that could not be read nothing is known, neither who asks.
            String path = request.getRequestURI();
            boolean isPage =
                    path != null && People.isPage(path) && People.isBrowser(request.getHeader(HttpHeaders.ACCEPT));
            if (isPage) {
                response.setHeader("Content-Security-Policy", PlainPage.POLICY);
                response.setHeader("X-Content-Type-Options", "nosniff");
                response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
            }
            response.setContentType(isPage ? MediaType.TEXT_HTML_VALUE : MediaType.APPLICATION_PROBLEM_JSON_VALUE);
            response.setCharacterEncoding("utf-8");
            try {
                Writer writer = response.getReporter();
                if (writer != null) {
                    writer.write(
                            isPage
                                    ? page(code, title)
                                    : problem(
                                            code,
                                            title,
                                            isTooLong ? tooLong(isAddress) : RefusedException.detail(code)));
                    response.finishResponse();
                }
            } catch (IOException e) {
                // The client is gone: there is nobody to tell.
            }
        }

        private static String tooLong(boolean isAddress) {
            return (isAddress ? "The address is too long" : "The headers are too long, cookies among them")
                    + (isAddress ? ": it and all headers" : ": they and the address") + " may have " + MAX_HEADERS
                    + " bytes together.";
        }

        private static String problem(int code, String title, String detail) {
            return "{\"type\":\"urn:basewatch:problem:http-" + code + "\",\"title\":\"" + title + "\",\"status\":"
                    + code + ",\"detail\":\"" + detail + "\"}";
        }

        private static String page(int code, String title) {
            return code < 500
                    ? PlainPage.of(
                            code,
                            "This address cannot be read",
                            code == 400
                                    ? "Something in it cannot stand in an address: a '%' that is followed by no character's code, for example."
                                    : "It is no address of a page: " + title + ".",
                            "Correct it, or begin again from the overview.")
                    : PlainPage.of(
                            code,
                            "This page broke",
                            RefusedException.OURS,
                            "Load it again. If it stays so, report what the log says.");
        }
    }
}
