package io.basewatch.reportapi.web;

import org.springframework.http.HttpStatus;

/** What a filter or the server below refused before it became a question, or broke on. */
public final class RefusedException extends RuntimeException {

    /** What is told where something of ours broke. */
    public static final String OURS = "This is a mistake of the report API; its log has more.";

    private final HttpStatus status;

    RefusedException(HttpStatus status) {
        super(detail(status.value()));
        this.status = status;
    }

    /** What is told of an answer with this status, which no question of ours gave. */
    static String detail(int status) {
        return status < 500 ? "The request was refused before it could be read as a question." : OURS;
    }

    public HttpStatus status() {
        return status;
    }
}
