// File names with a place for the frame number. Twin of candela_engines/media/sequence_names.py, as far as one frame goes.
#pragma once

#include <cstdint>
#include <string>

namespace candela::plugin {

// Whether the name (not its folder) has a place for a number: ####, @@@, %04d, %d, $F, $F4, each with a range before it
// or not, or a range in brackets alone. A lone # or @ inside a word is part of the name.
bool has_frame_place(const std::string& path);

// The file of a frame: a number wider than its padding takes the room that it needs. A path without a place, or one that is
// the name of a file that is there, is given back as it is. UserError for two places or a padding that nobody has.
std::string path_of_frame(const std::string& path, std::int64_t frame);

}  // namespace candela::plugin
