package io.basewatch.reportapi.web;

import java.net.URI;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.ServletWebRequest;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;
import org.springframework.web.servlet.resource.NoResourceFoundException;

/** Every error as a problem document (RFC 9457). Its {@code type} is one of few, for programs; {@code detail} is for people and names nothing from inside. */
@RestControllerAdvice
class Problems extends ResponseEntityExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private static final String RETRY_SECONDS = "5";

    static ProblemDetail problem(HttpStatusCode status, String kind, String title, String detail) {
        ProblemDetail problem = ProblemDetail.forStatusAndDetail(status, detail);
        problem.setType(URI.create("urn:basewatch:problem:" + kind));
        problem.setTitle(title);
        return problem;
    }

    @ExceptionHandler
    ResponseEntity<Object> badParameter(BadParameterException e, WebRequest request) {
        ProblemDetail problem =
                problem(HttpStatus.BAD_REQUEST, "bad-parameter", "Bad parameter", String.valueOf(e.getMessage()));
        problem.setProperty("parameter", e.parameter());
        problem.setProperty("value", e.value());
        problem.setProperty("allowed", e.allowed());
        return answer(e, problem, new HttpHeaders(), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> notFound(NotFoundException e, WebRequest request) {
        return answer(
                e,
                problem(HttpStatus.NOT_FOUND, e.kind(), "Not found", String.valueOf(e.getMessage())),
                new HttpHeaders(),
                request);
    }

    @ExceptionHandler
    ResponseEntity<Object> conflict(ConflictException e, WebRequest request) {
        return answer(
                e,
                problem(HttpStatus.CONFLICT, e.kind(), "Conflict", String.valueOf(e.getMessage())),
                new HttpHeaders(),
                request);
    }

    /** A query that is no text once its percent-encoding is undone, or has too many parts. */
    @ExceptionHandler
    ResponseEntity<Object> unreadableQuery(InvalidParameterException e, WebRequest request) {
        ProblemDetail problem = problem(
                HttpStatus.BAD_REQUEST,
                "http-400",
                "Bad Request",
                "The query cannot be read: give name=value, percent-encoded UTF-8, joined by '&'.");
        return answer(e, problem, new HttpHeaders(), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> storeUnavailable(DataAccessException e, WebRequest request) {
        LOG.warn("Question not answered: the store does not answer ({})", e.getMessage());
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        ProblemDetail problem = problem(
                HttpStatus.SERVICE_UNAVAILABLE,
                "store-unavailable",
                "Store unavailable",
                "The store does not answer; ask again in a few seconds.");
        return answer(e, problem, headers, request);
    }

    @ExceptionHandler
    ResponseEntity<Object> busy(BusyException e, WebRequest request) {
        HttpHeaders headers = new HttpHeaders();
        headers.set(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        return answer(
                e,
                problem(HttpStatus.SERVICE_UNAVAILABLE, "busy", "Busy", String.valueOf(e.getMessage())),
                headers,
                request);
    }

    @ExceptionHandler
    ResponseEntity<Object> refused(RefusedException e, WebRequest request) {
        HttpStatus status = e.status();
        ProblemDetail problem =
                problem(status, "http-" + status.value(), status.getReasonPhrase(), String.valueOf(e.getMessage()));
        return answer(e, problem, new HttpHeaders(), request);
    }

    @ExceptionHandler
    ResponseEntity<Object> bug(Exception e, WebRequest request) {
        LOG.error("Question not answered: a mistake of ours", e);
        ProblemDetail problem =
                problem(HttpStatus.INTERNAL_SERVER_ERROR, "internal-error", "Internal error", RefusedException.OURS);
        return answer(e, problem, new HttpHeaders(), request);
    }

    private ResponseEntity<Object> answer(Exception e, ProblemDetail problem, HttpHeaders headers, WebRequest request) {
        ResponseEntity<Object> answer =
                handleExceptionInternal(e, problem, headers, HttpStatusCode.valueOf(problem.getStatus()), request);
        return answer != null
                ? answer
                : ResponseEntity.status(problem.getStatus()).body(problem);
    }

    /** Where Spring itself refuses a request (no such path, wrong method, nothing acceptable), its own words with a type of ours. */
    @Override
    protected ResponseEntity<Object> createResponseEntity(
            @Nullable Object body, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        if (body instanceof ProblemDetail problem && isBlank(problem.getType())) {
            problem.setType(URI.create("urn:basewatch:problem:http-" + status.value()));
        }
        if (body instanceof ProblemDetail problem
                && problem.getInstance() == null
                && request instanceof ServletWebRequest asked) {
            problem.setInstance(People.instance(asked.getRequest()));
        }
        return super.createResponseEntity(body, headers, status, request);
    }

    /** As it would be, without a line in the log for each: whoever can ask could fill it. */
    @Override
    protected @Nullable ResponseEntity<Object> handleHttpRequestMethodNotSupported(
            HttpRequestMethodNotSupportedException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        return handleExceptionInternal(e, null, headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleNoResourceFoundException(
            NoResourceFoundException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail problem = e.getBody();
        problem.setDetail("Nothing answers to this address; /v3/api-docs lists what does.");
        return handleExceptionInternal(e, problem, headers, status, request);
    }

    @Override
    protected @Nullable ResponseEntity<Object> handleHttpMediaTypeNotSupported(
            HttpMediaTypeNotSupportedException e, HttpHeaders headers, HttpStatusCode status, WebRequest request) {
        ProblemDetail problem = e.getBody();
        if (e.getContentType() == null) {
            problem.setDetail("Nothing says what is sent: give Content-Type: application/json.");
        }
        return handleExceptionInternal(e, problem, headers, status, request);
    }

    private static boolean isBlank(@Nullable URI type) {
        return type == null || type.toString().equals("about:blank");
    }
}
