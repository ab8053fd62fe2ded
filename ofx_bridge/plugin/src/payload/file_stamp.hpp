// What tells one state of a file from another without reading it.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>

namespace candela::plugin {

// Device, file, size, and the times of last change to content and entry; zeros where there is no such file.
using FileStamp = std::array<std::int64_t, 7>;

FileStamp stamp_of(const std::filesystem::path& path);

}  // namespace candela::plugin
