// What a network is fitted to: the outputs that give a master's light over the SDR, what an error of them weighs, and
// the plane that their coarse part makes. Twin of candela_engines/itm: domain, guide (to_plane), pair.
//
// Signals are codes over full scale, nits light of linear BT.2020. `threads`: 0 for
// as many as the machine has; their number changes nothing. `isa` may change the last bits.
#pragma once

#include <cstddef>
#include <string_view>

#include "candela/colour.hpp"
#include "candela/frame.hpp"

namespace candela {

// Targets and weights (n, 3) of pixels: signal, nits (n, 3).
void targets_of(const float* signal, const float* nits, std::size_t n, Domain domain, const SdrColour& colour,
                float* target, float* weight, int threads = 0, std::string_view isa = {});

// A picture whose codes are to be dequantised by `strength` eighths of the step (itm/dequantise.py); code: one code
// over full scale. nits: packed, of the codes' size.
struct PlaneSource {
    Source codes;
    const float* nits = nullptr;
    int strength = 0;
    float code = 0;
};

// The plane of the targets' means over squares of `cell` pixels, and what a squared error of it counts: (ceil(height /
// cell), ceil(width / cell), channels) both, 1..3 channels. rows: how many of a square's rows are looked at, those in
// its middle; 0 for all.
void plane_of_targets(const PlaneSource& source, Domain domain, const SdrColour& colour, int cell, int channels,
                      float* plane, float* weight, int rows = 0, int threads = 0, std::string_view isa = {});

// The largest of `n` numbers, 0 where none is above it; NaN where one is NaN or infinite.
float largest_of(const float* numbers, std::size_t n, int threads = 0);

}  // namespace candela
