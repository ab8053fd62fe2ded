// What the scope says of light: bands of nits, gamuts, a peak.
#pragma once

#include <vector>

#include "draw/overlay.hpp"
#include "render/false_colour.hpp"

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

}  // namespace candela::plugin
