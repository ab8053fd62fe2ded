// Source: OpenEXR File Layout, "Offset Tables" and "Components Three"; lines of a chunk as in OpenEXR 3.4.
#include "exr_chunks.hpp"

#include <bit>

namespace candela::carriers {
namespace {

// By compression: none, RLE, ZIPS, ZIP, PIZ, PXR24, B44, B44A, DWAA, DWAB, HTJ2K256, HTJ2K32.
constexpr std::uint64_t lines[] = {1, 1, 1, 16, 32, 16, 32, 32, 32, 256, 256, 32};

std::int64_t signed_at(const Bytes& bytes, std::size_t at) {
    return static_cast<std::int32_t>(static_cast<std::uint32_t>(little(View(bytes).subspan(at, 4))));
}

std::uint64_t times(std::uint64_t a, std::uint64_t b) { return a && b > ~std::uint64_t{0} / a ? ~std::uint64_t{0} : a * b; }

std::uint64_t tile_count(const Source& source, const Bytes& description, std::uint64_t width, std::uint64_t height) {
    const std::uint64_t across = little(View(description).first(4)), down = little(View(description).subspan(4, 4));
    const int mode = description[8] & 15, round_up = description[8] >> 4;
    if (!across || !down || mode > 2 || round_up > 1) source.broken("an impossible EXR tile description");
    const auto tiles = [&](std::uint64_t length, std::uint64_t tile, int level) {
        const std::uint64_t scaled = (length + (round_up ? (std::uint64_t{1} << level) - 1 : 0)) >> level;
        return (std::max<std::uint64_t>(scaled, 1) + tile - 1) / tile;
    };
    const auto levels = [&](std::uint64_t length) {
        return static_cast<int>(std::bit_width(round_up ? length - 1 : length)) + round_up;
    };
    if (mode == 0) return times(tiles(width, across, 0), tiles(height, down, 0));
    std::uint64_t sum = 0, columns = 0, rows = 0;
    if (mode == 1) {
        for (int level = 0; level < levels(std::max(width, height)); ++level) {
            sum = plus(sum, times(tiles(width, across, level), tiles(height, down, level)));
        }
        return sum;
    }
    for (int level = 0; level < levels(width); ++level) columns += tiles(width, across, level);
    for (int level = 0; level < levels(height); ++level) rows += tiles(height, down, level);
    return times(columns, rows);
}

}  // namespace

std::uint64_t exr_chunk_count(const Source& source, const ExrNeeded& needed, std::uint64_t version) {
    const std::int64_t stated = needed.chunk_count.empty() ? 0 : signed_at(needed.chunk_count, 0);
    if (version & (exr_multi_part | exr_deep) && stated > 0) return static_cast<std::uint64_t>(stated);
    if (needed.data_window.empty()) source.broken("an EXR header without a dataWindow");
    const std::int64_t width = signed_at(needed.data_window, 8) - signed_at(needed.data_window, 0) + 1;
    const std::int64_t height = signed_at(needed.data_window, 12) - signed_at(needed.data_window, 4) + 1;
    if (width < 1 || height < 1) {
        source.broken("an EXR dataWindow of " + std::to_string(width) + " x " + std::to_string(height) + " pixels");
    }
    const auto w = static_cast<std::uint64_t>(width), h = static_cast<std::uint64_t>(height);
    if (!needed.tiles.empty() && version & (exr_tiled | exr_multi_part | exr_deep)) {
        return tile_count(source, needed.tiles, w, h);
    }
    const std::size_t compression = needed.compression.empty() ? 255 : needed.compression[0];
    if (compression >= std::size(lines)) source.broken("EXR compression " + std::to_string(compression) + " is not known");
    return (h + lines[compression] - 1) / lines[compression];
}

}  // namespace candela::carriers
