package io.basewatch.reportapi.access;

import io.basewatch.fleetstore.AuditLog;

/** The door through which it is kept what operators did. */
public final class Audit {

    private final AuditLog log;

    Audit(AuditLog log) {
        this.log = log;
    }

    /**
     * Keeps that something was done; durable when it returns. To be called when it is done, and before that is answered.
     *
     * @param action what was done, in a word or two: {@code waiver created}
     * @param subject what it was done to
     * @param detail for people; may be empty. Never a secret
     */
    public void record(Caller caller, String action, String subject, String detail) {
        record(caller, action, subject, detail, "done");
    }

    /**
     * The same of what was not done.
     *
     * @param result {@code done}, {@code refused}, {@code failed}
     */
    public void record(Caller caller, String action, String subject, String detail, String result) {
        log.add(caller.name(), caller.role().toString(), action, subject, detail, result);
    }
}
