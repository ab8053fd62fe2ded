// Curves where a vector's lanes are looked up one by one: which numbers the rows serve. Included behind a `Vector`.
#pragma once

#include "candela/colour.hpp"

namespace candela {
namespace {

// Above zero where a lane is neither zero nor served. Turned round, so that what is no number counts as not served.
inline Vector not_served(const Curve& curve, Vector x) {
    const Vector none = Vector::all(0), one = Vector::all(1);
    const Vector over = Vector::select(Vector::less(x, Vector::all(curve.beyond())), none, one);
    const Vector under = Vector::select(Vector::less(x, Vector::all(curve.lowest())), Vector::abs(x), none);
    return over + Vector::select(Vector::less(none, under), one, none);
}

// A curve at numbers that are zero or served.
template <class Pixels>
Vector served(const Curve& curve, Vector x) {
    const Vector y = Pixels::piecewise(curve, Vector::max(x, Vector::all(curve.lowest())));
    return Vector::select(Vector::less(Vector::all(0), x), y, Vector::all(curve.at_zero()));
}

// The same at three vectors; false, and y is not set, where a lane is neither.
template <class Pixels>
bool three_served(const Curve& curve, const Vector (&x)[3], Vector (&y)[3]) {
    const Vector left = not_served(curve, x[0]) + not_served(curve, x[1]) + not_served(curve, x[2]);
    if (Vector::any(Vector::less(Vector::all(0), left))) return false;
    for (int i = 0; i < 3; ++i) y[i] = served<Pixels>(curve, x[i]);
    return true;
}

// The same at `count` numbers, a multiple of `lanes`, from x to y; beyond(place) where a lane of a vector is neither.
template <class Pixels, class F>
void all_served(const Curve& curve, const float* x, float* y, int count, F beyond) {
    for (int p = 0; p < count; p += Vector::lanes) {
        const Vector v = Vector::load(x + p);
        if (Vector::any(Vector::less(Vector::all(0), not_served(curve, v)))) beyond(p);
        else served<Pixels>(curve, v).store(y + p);
    }
}

}  // namespace
}  // namespace candela
