// The encodings as a host's user chooses them, and as API 1.5 names them.
#pragma once

#include <string>

#include "colour/encodings.hpp"
#include "colour/sdr_input.hpp"

namespace candela::plugin {

inline constexpr const char* encoding_labels[encodings] = {
    "PQ, Rec.2020", "HLG, Rec.2020 (1000 nit)", "Linear Rec.2020, nits", "Linear Rec.2020, 1.0 = 203 nit",
    "ACEScg",       "ACEScct",                  "DaVinci Intermediate"};

// The choice of a parameter; what is out of range is the first.
Encoding encoding_of_choice(int choice);

// The name of the native config of OpenFX 1.5 under a style of colour management: the encoding's own where the style has it,
// else that of its family. Display light as linear numbers is in none, and is told as raw.
const char* colourspace_of(Encoding encoding, const std::string& style);
bool encoding_of_colourspace(const std::string& name, Encoding& out);
bool input_of_colourspace(const std::string& name, Input& out);

}  // namespace candela::plugin
