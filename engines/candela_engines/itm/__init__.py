"""The network in the SDR file: model, fit, payload, carriers, reconstruct."""
