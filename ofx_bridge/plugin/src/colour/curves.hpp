// The curves of encodings as polynomials by rows, each with the function that it stands for.
#pragma once

#include "candela/colour.hpp"
#include "exact.hpp"

namespace candela::plugin {

struct NamedCurve {
    // See `Curve` for top and per_octave: the upper half of its rows is what processors are quickest with.
    NamedCurve(CurveFunction of, int top, int per_octave)
        : function(of), rows([of](double x) { return exact_value(of, x); }, top, per_octave) {}

    CurveFunction function;
    Curve rows;
};

enum class CurveName {
    pq_of_nits, nits_of_pq, nits_of_low_pq,  // codes from 2^-8 on, and what lies below
    acescct_code, acescct_light, intermediate_code, intermediate_light,
    hlg_inverse_ootf, hlg_ootf, hlg_code, hlg_scene,
    srgb_light  // of codes 0..1
};
inline constexpr int curve_names = 12;

const NamedCurve& curve_named(CurveName name);

}  // namespace candela::plugin
