// Canonical coordinates to pixels: times the render scale, x over the pixel aspect.
#include "frame_rect.hpp"

#include <algorithm>
#include <cmath>

namespace candela::plugin {
namespace {

constexpr double most_pixels = 1 << 20;

bool add(std::vector<FrameRect>& out, double x1, double y1, double x2, double y2) {
    const auto sane = [](double v) { return std::abs(v) < most_pixels; };
    if (!(sane(x1) && sane(y1) && sane(x2) && sane(y2))) return false;  // extents may be infinite
    const auto whole = [](double v) { return static_cast<int>(std::lround(v)); };
    const FrameRect r{whole(x1), whole(y1), whole(x2) - whole(x1), whole(y2) - whole(y1)};
    if (r.width < 1 || r.height < 1) return false;
    out.push_back(r);
    return true;
}

void add_canonical(std::vector<FrameRect>& out, const ofx::RectD& r, const RenderScale& scale, double aspect) {
    add(out, r.x1 * scale.x / aspect, r.y1 * scale.y, r.x2 * scale.x / aspect, r.y2 * scale.y);
}

}  // namespace

ofx::RectI intersection(const ofx::RectI& a, const ofx::RectI& b) {
    return {std::max(a.x1, b.x1), std::max(a.y1, b.y1), std::min(a.x2, b.x2), std::min(a.y2, b.y2)};
}

Region FrameRect::region(const ofx::RectI& r) const {
    const auto in = [](int v, int most) { return std::clamp(v, 0, most); };
    Region out{in(r.x1 - left, width), in(bottom + height - r.y2, height), in(r.x2 - left, width),
               in(bottom + height - r.y1, height)};
    if (out.left >= out.right || out.top >= out.bottom) return {};
    return out;
}

std::vector<FrameRect> likely_frames(const Clip& clip, const Properties& effect, ofx::Time time, const RenderScale& scale,
                                     double aspect) {
    std::vector<FrameRect> out;
    if (const auto rod = clip.region_of_definition(time)) add_canonical(out, *rod, scale, aspect);
    const auto width = effect.real(ofx::prop::project_size, 0), height = effect.real(ofx::prop::project_size, 1);
    if (width && height) {
        const double x = effect.real(ofx::prop::project_offset, 0).value_or(0), y = effect.real(ofx::prop::project_offset, 1).value_or(0);
        add_canonical(out, {x, y, x + *width, y + *height}, scale, aspect);
    }
    return out;
}

std::vector<FrameRect> likely_frames(const Image& image, const Clip& clip, const Properties& effect, ofx::Time time,
                                     const RenderScale& scale) {
    std::vector<FrameRect> out;
    if (const auto& r = image.region_of_definition) add(out, r->x1, r->y1, r->x2, r->y2);
    for (const auto& frame : likely_frames(clip, effect, time, scale, image.pixel_aspect)) out.push_back(frame);
    const auto& b = image.bounds;
    add(out, b.x1, b.y1, b.x2, b.y2);
    return out;
}

}  // namespace candela::plugin
