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

// Names of the native config of OpenFX 1.5, empty where it has none.
const char* colourspace_of(Encoding encoding);
bool encoding_of_colourspace(const std::string& name, Encoding& out);
bool input_of_colourspace(const std::string& name, Input& out);

}  // namespace candela::plugin
