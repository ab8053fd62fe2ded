// What the scope says of light: bands of nits, gamuts, a peak, and which part of the frame is picture.
#pragma once

#include <optional>

#include "draw/overlay.hpp"
#include "render/false_colour.hpp"
#include "render/frame_rect.hpp"

namespace candela::plugin {

enum class ScopeView { picture, false_colour, gamut, over_peak };

inline constexpr Colour outside_709{255, 176, 32}, outside_p3{232, 32, 200}, over_peak_colour{255, 32, 32};

// Marks pixels in the values of an encoding: light is that of the same pixels in nits of linear BT.2020 and may be used up.
class Marker {
public:
    Marker(ScopeView view, double peak, const EncodingConverter& encoding);

    void mark(const Planes& values, const Rows& light) const;

private:
    struct Value {
        float rgb[3];
    };
    Value encoded(Colour colour, const EncodingConverter& encoding) const;

    ScopeView view_;
    float peak_;
    std::vector<Value> colours_;
    float to_709_[9], to_p3_[9];
};

// The active picture of a frame in the picture's pixels: rows and columns of which more than one sample in two hundred is
// above 0.2 nit. None where that is all of the frame, or less than a quarter of it, as in scenes that are nearly black.
std::optional<Region> active_picture(ofx::Effect effect, const Image& image, const FrameRect& frame,
                                     const EncodingConverter& encoding);

}  // namespace candela::plugin
