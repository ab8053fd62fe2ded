// The published networks of a payload. Twin of candela_engines/itm: siren.py and gamma_mlp.py.
#pragma once

#include <vector>

#include "candela/payload.hpp"
#include "candela/sine.hpp"

namespace candela {

// All numbers of a `paper` network. Trouble (Kind::payload) where the payload's numbers or sizes are not a SIREN's.
std::vector<float> siren_of(const Payload& payload);

struct GammaWeights {
    std::vector<float> numbers;
    GammaNorms norms;
};

// Those of a `gamma` network, likewise.
GammaWeights gamma_of(const Payload& payload);

}  // namespace candela
