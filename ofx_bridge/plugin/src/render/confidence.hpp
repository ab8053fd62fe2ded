// How much of a pixel's light the SDR determines, and its false colours. Twin of candela_engines/itm/confidence.py.
#pragma once

#include "candela/payload.hpp"
#include "colour/encodings.hpp"

namespace candela::plugin {

class Confidence {
public:
    explicit Confidence(const Payload& payload);

    // codes over full scale and their light in nits, rows alike; share: 0..1, rows.count of them.
    void of(const Rows& codes, const Rows& nits, float* share) const;

    // sRGB codes 0..1 over the codes, in place: invented light coloured, the rest grey.
    static void false_colour(const Rows& codes, const float* share);

    float soft_from() const { return soft_from_; }  // codes
    float certain() const { return certain_; }      // nits

private:
    float soft_from_, certain_;
};

}  // namespace candela::plugin
