// zlib streams (RFC 1950, 1951) of a size that is known: what the published networks' weights may be packed in.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace candela {

// The `size` bytes of a sound zlib stream; nothing for any other stream, one of another size, or bytes behind it. Takes
// no more memory than `size`.
std::optional<std::vector<std::uint8_t>> inflate(std::span<const std::uint8_t> data, std::size_t size);

}  // namespace candela
