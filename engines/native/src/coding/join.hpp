// Planes from quantised bands, in 32 bits by the vector loops: what the planes of pictures need. `join_bands` has the
// 64 bits that the rest needs; where both work, they give the same.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "../rows/rows.hpp"
#include "../rows/team.hpp"

namespace candela {

// Row y of quantised band b of one channel, bands in the order of `band_shapes`.
using BandRow = std::function<const std::int32_t*(int band, int y)>;

// The plane (height x width) over `plane_unit`; nothing where 32 bits may not be enough. most: the size of the largest
// number of each band.
std::vector<std::int32_t> join_plane(const BandRow& row, std::span<const std::int64_t> most, int height, int width,
                                     int step, const RowLoops& loops, RowTeam& team);

}  // namespace candela
