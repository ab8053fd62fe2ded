// Finding the payload or reel that a file carries, or that lies beside it. Twin of candela_engines/itm/carriers, reading
// side: the same files are accepted and the same refused. No more of a file is read than its structure and the payload.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "candela/trouble.hpp"

namespace candela {

struct Found {
    const char* carrier = "";      // png, jpeg, tiff, exr, dpx, isobmff, jxl, mp4, matroska or sidecar
    std::filesystem::path path;    // of the file that holds it: the sidecar's own for a sidecar
    std::vector<std::uint8_t> payload;  // or reel
    int copies = 1;
};

// None where there is none. Trouble: `carrier` for a damaged file, `payload` for a damaged payload, `media` and `machine`
// for what cannot be read.
std::optional<Found> find_payload(const std::filesystem::path& path);

// Where the sidecar of a file is, or would be.
std::filesystem::path sidecar_path(const std::filesystem::path& path);

}  // namespace candela
