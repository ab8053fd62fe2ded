// Sines, cosines and powers, written once over a vector type `V`. Included by sources of one instruction set each.
//
// Angles are in half turns (1.0 is pi): the distance to the nearest whole half turn is then exact, whatever the size, and
// a layer of sines gets its angles for nothing, 1/pi being in its weights.
#pragma once

namespace candela {
namespace {

inline constexpr float nearest_whole = 12582912.0f;  // 1.5 x 2^23: what is added to it is rounded to a whole number
inline constexpr float most_half_turns = 1 << 21;    // of `sine` and `sine_and_cosine`

// sin(pi r)/r and cos(pi r) for |r| <= 1/2, of s = r^2: minimax polynomials whose coefficients
// are floats, one fitted after the other was rounded.
template <class V>
V sine_over(V s) {
    V p = V::multiply_add(V::all(0.0764328912f), s, V::all(-0.597625196f));
    p = V::multiply_add(p, s, V::all(2.54995775f));
    p = V::multiply_add(p, s, V::all(-5.1677022f));
    return V::multiply_add(p, s, V::all(3.1415925f));
}

template <class V>
V cosine_of(V s) {
    V p = V::multiply_add(V::all(-0.0239636544f), s, V::all(0.234683722f));
    p = V::multiply_add(p, s, V::all(-1.33516157f));
    p = V::multiply_add(p, s, V::all(4.05870533f));
    p = V::multiply_add(p, s, V::all(-4.93480206f));
    return V::multiply_add(p, s, V::all(1.0f));
}

// sin(pi x) for |x| <= most_half_turns, within 1.4e-7 (without fused operations 1.6e-7); of no number or infinity, no
// number.
template <class V>
V sine(V x) {
    const V whole = x + V::all(nearest_whole);
    const V r = x - (whole - V::all(nearest_whole));
    return V::flip(sine_over(r * r) * r, whole);
}

// The same for any x. Beyond 2^24 a float is an even number of half turns, and its sine 0.
template <class V>
V sine_of_any(V x) {
    return sine(V::multiply_add(V::all(-2.0f), V::round(x * V::all(0.5f)), x));
}

// Sine and cosine of pi (x + rest): x within most_half_turns, and the rest of it far below one.
template <class V>
void sine_and_cosine(V x, V rest, V& sine, V& cosine) {
    const V whole = x + V::all(nearest_whole);
    const V r = (x - (whole - V::all(nearest_whole))) + rest;
    const V s = r * r;
    sine = V::flip(sine_over(s) * r, whole);
    cosine = V::flip(cosine_of(s), whole);
}

// log2 of positive normal numbers, within 1e-8 + 1e-7 of itself (minimax on sqrt(1/2)..sqrt(2)).
template <class V>
V log2(V x) {
    V e = V::exponent(x);
    V m = x * V::two_to(V::all(0.0f) - e);
    const auto large = V::less(V::all(1.41421356f), m);
    e = V::select(large, e + V::all(1.0f), e);
    m = V::select(large, m * V::all(0.5f), m) - V::all(1.0f);
    V p = V::multiply_add(V::all(0.125412418f), m, V::all(-0.210303335f));
    for (const float c : {0.217379387f, -0.238519438f, 0.287656675f, -0.360721195f, 0.480922529f, -0.721347128f,
                          1.44269487f}) {
        p = V::multiply_add(p, m, V::all(c));
    }
    return V::multiply_add(p, m, e);
}

// 2^x, x held within -126..126; of no number, no number. Within 2e-7 of itself beside the rounding of x.
template <class V>
V exp2(V x) {
    const V y = V::max(V::min(x, V::all(126.0f)), V::all(-126.0f));
    const V n = V::round(y);
    const V f = y - n;
    V p = V::multiply_add(V::all(0.000154780221f), f, V::all(0.00134004317f));
    for (const float c : {0.00961799451f, 0.0555032722f, 0.240226515f, 0.693147207f, 1.0f}) {
        p = V::multiply_add(p, f, V::all(c));
    }
    return V::multiply_add(V::all(0.0f), x, p * V::two_to(n));
}

}  // namespace
}  // namespace candela
