package io.basewatch.layerfacts;

/**
 * How something is concluded from a view of an image.
 *
 * @param <V> of what kind the view is
 */
public interface Conclusion<V, T> {

    /** @param view to be looked at, and not to be held */
    T draw(V view);

    /** Whether it may stand for other images. It must never change then. */
    boolean isLasting(T drawn);

    /** Of the heap, about. */
    int bytes(T drawn);
}
