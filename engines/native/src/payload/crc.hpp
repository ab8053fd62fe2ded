// CRC-32 (ISO 3309, as in PNG).
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

namespace candela {

// Of bytes; `before`: that of what lies before them.
std::uint32_t crc32(std::span<const std::uint8_t> data, std::uint32_t before = 0);

// Four bytes, most significant first.
std::uint32_t big_endian(std::span<const std::uint8_t> four);

}  // namespace candela
