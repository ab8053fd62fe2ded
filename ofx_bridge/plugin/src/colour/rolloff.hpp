// Light rolled off to a smaller peak: the EETF of ITU-R BT.2390-8 5.4.1 on max(R, G, B), the same gain on all three, which
// keeps hue and chromaticity. Twin of eetf_max_rgb in candela_engines/colour/bt2390.py.
#pragma once

#include "encodings.hpp"

namespace candela::plugin {

class RollOff {
public:
    // Nits, 0 < target; nothing changes where source <= target.
    RollOff(double source_peak, double target_peak);

    bool needed() const { return needed_; }
    // Linear BT.2020 light in nits, in place.
    void nits(const Rows& rows) const;
    // The same of PQ codes.
    void pq(const Rows& rows) const;

    // Of codes: what PQ has for black, the span from there to the source's peak, and, as shares of it, the knee and the top.
    struct Curve {
        float floor, span, knee, top;
    };
    const Curve& curve() const { return curve_; }
    float knee_nits() const { return knee_nits_; }

private:
    static constexpr std::size_t together = 256;

    // Codes of the largest component to those that they become.
    void bend(float* codes, std::size_t count) const;

    bool needed_;
    Curve curve_;
    float knee_code_, knee_nits_;
};

}  // namespace candela::plugin
