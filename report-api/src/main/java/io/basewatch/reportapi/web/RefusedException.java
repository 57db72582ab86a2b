package io.basewatch.reportapi.web;

import org.springframework.http.HttpStatus;

/** What a filter or the server below refused before it became a question, or broke on. */
public final class RefusedException extends RuntimeException {

    private final HttpStatus status;

    RefusedException(HttpStatus status) {
        super(
                status.is5xxServerError()
                        ? "This is a mistake of the report API; its log has more."
                        : "The request was refused before it could be read as a question.");
        this.status = status;
    }

    public HttpStatus status() {
        return status;
    }
}
