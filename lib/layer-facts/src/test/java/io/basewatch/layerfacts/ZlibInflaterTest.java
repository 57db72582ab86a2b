package io.basewatch.layerfacts;

class ZlibInflaterTest extends RawInflaterContract {

    @Override
    RawInflater open() {
        return new ZlibInflater();
    }
}
