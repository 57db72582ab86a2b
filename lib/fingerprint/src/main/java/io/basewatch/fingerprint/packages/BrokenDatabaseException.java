package io.basewatch.fingerprint.packages;

/** A binary package database breaks its own format; the problem says where. */
final class BrokenDatabaseException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String problem;

    BrokenDatabaseException(String problem) {
        super(problem);
        this.problem = problem;
    }

    String problem() {
        return problem;
    }
}
