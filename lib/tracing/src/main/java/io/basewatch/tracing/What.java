package io.basewatch.tracing;

/** All steps that there are: a name never says which image. */
public enum What {
    /** A tag is new, leads elsewhere or is gone: from when it was looked at until Kafka has all that there is to tell. The first of a trace. */
    TAG_CHANGE("tag.change"),
    /** The registry is asked what the tag leads to. */
    TAG_LOOK("tag.look"),
    /** An event goes to Kafka, until that has acknowledged it. */
    EVENT_TELL("event.tell"),
    /** One try at an event that came from Kafka. */
    EVENT_HANDLE("event.handle"),
    /** From an image's manifest to its findings. */
    IMAGE_READ("image.read"),
    /** One layer is pulled and read. */
    LAYER_READ("layer.read"),
    /** What follows from the findings. */
    IMAGE_JUDGE("image.judge"),
    RESULT_STORE("result.store"),
    /** The result goes to Kafka, until that has acknowledged it. */
    RESULT_TELL("result.tell");

    private final String text;

    What(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
