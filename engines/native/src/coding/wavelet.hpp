// The 9/7 wavelet by lifting, inverse, in integers: the C++ twin of itm/coding/wavelet.py.
#pragma once

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "candela/coding.hpp"

namespace candela {

// How many times a plane is split: until the smaller side is under 12, six times at most.
int levels_for(int height, int width);

// Integer steps of the bands, in the same order: `step` over the length of a band's basis functions.
std::vector<std::int64_t> band_steps(std::int64_t step, int levels);

// The plane from scaled bands. Sums wrap as 64-bit integers do: damaged bands give numbers without meaning.
std::vector<std::int64_t> unsplit(std::vector<std::vector<std::int64_t>> bands, int height, int width);

}  // namespace candela
