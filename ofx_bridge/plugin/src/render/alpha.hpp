// Alpha from one image to another, untouched.
#pragma once

#include "host/image.hpp"

namespace candela::plugin {

// Of pixels (x, y) to (x + count - 1, y) in the host's coordinates, inside `to`. Without an alpha in `from` it is opaque,
// outside of it transparent.
void copy_alpha(const Image& from, const Image& to, int x, int y, int count);

// Colours of such pixels become black, and their alpha is copied.
void blacken(const Image& from, const Image& to, int x, int y, int count);

// Multiplies rows of colours by an alpha between 0 and 1 of the source's pixels.
void multiply_by_alpha(const Image& from, int x, int y, int count, float* r, float* g, float* b);

}  // namespace candela::plugin
