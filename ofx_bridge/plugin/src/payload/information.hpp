// What a payload says of itself, in the words that `candela inspect` has for it.
#pragma once

#include <string>

#include "candela/model.hpp"

namespace candela::plugin {

// Of a payload whose light is no master's (server/candela_server/service/results.py).
inline constexpr char distilled_words[] =
    "there was no HDR master: the payload was distilled from an up-conversion, and the fidelity is to that";

// A few lines: model and picture, where the light came from and how near it is, and shots, if there are several.
std::string information_of(const Model& model);

}  // namespace candela::plugin
