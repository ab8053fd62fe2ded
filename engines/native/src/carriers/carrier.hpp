// What every carrier is: a name and two functions. Twin of candela_engines/itm/carriers/_base.py, reading side.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "source.hpp"

namespace candela::carriers {

inline constexpr Place head_bytes = 64;  // by which a format is known
inline constexpr std::size_t most_copies = 16;
inline constexpr std::size_t most_reels = 3;  // fewer, for what they take in memory

struct Carrier {
    const char* name;
    bool (*recognise)(View head);
    // Every payload that is there, checked. Trouble: `payload` for a damaged one, `carrier` for a damaged file.
    std::vector<Bytes> (*find)(Source& source);
};

// One file each.
extern const Carrier png, jpeg, tiff, exr, dpx, isobmff, jxl, mp4, matroska, sidecar;

// Refuses a payload that says it is of an impossible size, before anything is read.
void check_claim(const Source& source, std::int64_t size, std::size_t most);
void check_claim(const Source& source, std::int64_t size);

// Refuses more copies than programs make by accident; each would have to be read.
void check_copies(const Source& source, std::size_t count, std::size_t most = most_copies);

// Refuses a payload unless `stored` is the CRC of all parts together.
void check_crc(const Source& source, View stored, std::initializer_list<View> parts);

inline View view_of(std::string_view text) { return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}; }

}  // namespace candela::carriers
