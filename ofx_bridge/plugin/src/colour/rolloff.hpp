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
    // PQ codes of linear BT.2020 light, in place.
    void pq(const Rows& rows) const;

private:
    bool needed_;
    double span_, top_, knee_;
};

}  // namespace candela::plugin
