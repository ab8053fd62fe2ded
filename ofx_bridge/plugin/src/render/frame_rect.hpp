// Where the whole frame lies in a host's images: the network has learned places in it, whatever part is rendered.
#pragma once

#include <vector>

#include "candela/picture.hpp"
#include "host/image.hpp"

namespace candela::plugin {

// In the host's pixels: y counts up from `bottom`.
struct FrameRect {
    int left = 0, bottom = 0, width = 0, height = 0;

    // A rectangle of the host's as a region of the picture, whose y counts down; what lies outside is cut off.
    Region region(const ofx::RectI& r) const;
    // The host's row of a picture's row.
    int host_row(int y) const { return bottom + height - 1 - y; }
};

struct RenderScale {
    double x = 1, y = 1;
};

// Rectangles that may be the frame, the likeliest first: the image's own extent, the clip's, the project's, and what of it is
// there. Hosts differ in which of them is the picture: a bounding box may be smaller than it, or larger.
std::vector<FrameRect> likely_frames(const Image& image, const Clip& clip, const Properties& effect, ofx::Time time,
                                     const RenderScale& scale);
// The same before there is an image.
std::vector<FrameRect> likely_frames(const Clip& clip, const Properties& effect, ofx::Time time, const RenderScale& scale,
                                     double pixel_aspect);

ofx::RectI intersection(const ofx::RectI& a, const ofx::RectI& b);
inline bool is_empty(const ofx::RectI& r) { return r.x1 >= r.x2 || r.y1 >= r.y2; }

}  // namespace candela::plugin
