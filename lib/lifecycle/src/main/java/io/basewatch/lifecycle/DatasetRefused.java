package io.basewatch.lifecycle;

import java.util.Locale;

/** Why a dataset is not taken; the message says it for people, with what to do. */
public final class DatasetRefused extends Exception {

    /** Few, for programs and metrics. */
    public enum Why {
        /** It could not be had: no file, no answer, not the answer that has it. */
        UNREADABLE,
        TOO_LARGE,
        /** Its digest is not the one that is configured. */
        DIGEST,
        /** Its signature is not one of the key that is configured. */
        SIGNATURE,
        /** It is not of its form, or of one that only newer versions know. */
        FORM,
        /** A release whose support is known for certain has changed sides. */
        CANARY,
        /** Products or releases are gone. */
        SHRUNK,
        /** It is older than the one in force, or from the future. */
        AGE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private final Why why;

    DatasetRefused(Why why, String message) {
        super(message);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
