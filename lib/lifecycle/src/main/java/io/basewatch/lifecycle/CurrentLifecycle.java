package io.basewatch.lifecycle;

/** The dates in force. They may be replaced at any time: who makes one answer of several looks asks once. */
public interface CurrentLifecycle {

    Lifecycle get();
}
