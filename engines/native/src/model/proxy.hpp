// A proxy's pixels in the whole picture: where they lie, what a field has there, and means over areas of the whole.
#pragma once

#include <vector>

#include "../frame/parts.hpp"

namespace candela {

// One side: `count` pixels of a proxy for `whole` of the picture.
struct ProxySide {
    int count, whole;

    // The middle of a pixel in the picture, whose own pixels have theirs at 0, 1, 2 and so on.
    double at(int pixel) const { return (pixel + 0.5) * whole / count - 0.5; }
};

struct Proxy {
    ProxySide across, down;
};

// A node for every pixel of the proxy, read as it stands.
Field field_of(Grid&& values);

// A grid at the proxy's pixels, bilinear: pixel x of the picture reads it at (x - first) * scale.
Grid bilinear_at(const Grid& nodes, const Proxy& proxy, double scale, double first);

// The same on Shepard's lattice, whose node (i, j) lies on pixel (i * cell, j * cell).
Grid shepard_at(const Grid& nodes, const Proxy& proxy, int cell);

// Means of a proxy's values over squares of `cell` pixels of the picture, centred on every cell-th; edges repeat.
Grid means_over(const Grid& values, const Proxy& proxy, int cell);

}  // namespace candela
