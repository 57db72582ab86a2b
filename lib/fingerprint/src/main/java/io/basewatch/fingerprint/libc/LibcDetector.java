package io.basewatch.fingerprint.libc;

import io.basewatch.elf.ElfFiles;
import io.basewatch.fingerprint.Detector;
import io.basewatch.fingerprint.Findings;
import io.basewatch.layerfacts.ImageView;

/** Reads every ELF file of an image and judges which C library its programs really reach. */
public final class LibcDetector implements Detector {

    static final String ID = "libc/4";

    @Override
    public String id() {
        return ID;
    }

    @Override
    public void detect(ImageView image, ElfFiles elfFiles, Findings findings) {
        new LibcJudgement(image, elfFiles, findings).judge();
    }
}
