package io.basewatch.elf.loading;

/** How many steps a proof, and all of them, may take: forged files can ask for more than anybody would wait for. A step is a path or an object looked at. */
final class Effort {

    static final String EXHAUSTED = "its objects need each other in more ways than are followed";

    /** Some two hundred times what the largest programs take. */
    private static final long MAX_OF_PROOF = 20_000_000;

    private static final long MAX_OF_ALL = 1_000_000_000;

    private long ofProof;
    private long ofAll;

    void startProof() {
        ofProof = 0;
    }

    /** @return whether another step may be taken */
    boolean step() {
        ofProof++;
        ofAll++;
        return ofProof < MAX_OF_PROOF && ofAll < MAX_OF_ALL;
    }

    boolean isExhausted() {
        return ofProof >= MAX_OF_PROOF || ofAll >= MAX_OF_ALL;
    }
}
