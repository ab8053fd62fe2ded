// Primaries, whites, and the matrices between them. Twin of candela_engines/colour/gamuts.py.
#pragma once

#include <array>

#include "candela/payload.hpp"

namespace candela {

// CIE 1931 xy of red, green, blue and white.
struct Gamut {
    double xy[4][2];
};

using Matrix3 = std::array<double, 9>;  // by rows

const Gamut& gamut_of(Primaries primaries);

// Linear RGB to CIE XYZ relative to its own white, Y = 1: SMPTE RP 177 3.3.
Matrix3 rgb_to_xyz(const Gamut& gamut);

// Linear RGB of one gamut to that of another; white goes to white, adapted with Bradford (ICC.1:2010 annex E) where the
// whites differ.
Matrix3 rgb_to_rgb(const Gamut& from, const Gamut& to);

}  // namespace candela
