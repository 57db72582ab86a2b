package io.basewatch.layerfacts;

import io.basewatch.fleetmodel.Reason;
import java.io.IOException;

/** Reading a layer stopped at this point, for a reason in the layer itself (an IOException of another class is the source's). */
final class LayerFault extends IOException {

    private final Reason.Code code;

    LayerFault(Reason.Code code, String message) {
        super(message);
        this.code = code;
    }

    static LayerFault corrupt(String message) {
        return new LayerFault(Reason.Code.LAYER_CORRUPT, message);
    }

    static LayerFault limit(String message) {
        return new LayerFault(Reason.Code.LIMIT_EXCEEDED, message);
    }

    Reason.Code code() {
        return code;
    }
}
