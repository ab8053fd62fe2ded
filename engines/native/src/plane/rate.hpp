// A rough count of the bits that coding some bands takes at any step: enough to search one with.
#pragma once

#include <cstdint>
#include <vector>

#include "bands.hpp"

namespace candela {

class RateCurve {
public:
    RateCurve() = default;
    RateCurve(const std::vector<FloatBands>& channels, const RowLoops& loops, RowTeam& team);

    // The estimate for a step over `plane_unit`, 2 at least. A coefficient costs what says that it is there, and two
    // bits for every doubling of its magnitude.
    double bits(double step) const;

private:
    // How many magnitudes lie in a bin and beyond, and the sum of their logarithms.
    std::vector<double> beyond_, logs_;
};

inline constexpr double deadzone = 0.62;  // below this share of a step a coefficient costs more than its error

}  // namespace candela
