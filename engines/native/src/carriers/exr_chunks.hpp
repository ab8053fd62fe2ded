// How many chunks a part of an OpenEXR file has, which its header does not always say.
#pragma once

#include <cstdint>

#include "source.hpp"

namespace candela::carriers {

inline constexpr std::uint64_t exr_tiled = 0x200, exr_deep = 0x800, exr_multi_part = 0x1000;

// Attributes of a header that the number follows from; empty where it has none of the right length.
struct ExrNeeded {
    Bytes chunk_count, compression, data_window, tiles;
};

// Trouble (carrier) where the header cannot be. Numbers beyond all files stay at the largest.
std::uint64_t exr_chunk_count(const Source& source, const ExrNeeded& needed, std::uint64_t version);

}  // namespace candela::carriers
