// The transfer functions that a picture passes through, in double, and as polynomials for whole vectors of pixels.
#pragma once

#include <functional>

namespace candela {

inline constexpr double reference_white = 203.0;  // nits, ITU-R BT.2408

// SMPTE ST 2084: nits to a code and back. Light below 0 has the code of 0, codes below that of 0 have no light.
double pq_code(double nits);
double pq_nits(double code);

// How an SDR code becomes light.
enum class Transfer { power, srgb };

// What the codes of an SDR picture mean: everything that its light depends on.
struct SdrColour {
    Transfer transfer = Transfer::power;
    double exponent = 2.4;        // of `power`; negative codes mirror the curve
    double scale = 1, offset = 0; // signal = code over full scale x scale + offset: narrow range
    double matrix[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1};  // linear RGB of the picture's primaries to BT.2020, by rows

    // Light of a signal, 1.0 being SDR white.
    double light(double signal) const;
};

// A function on the positive numbers as a polynomial for every 2^-`per_octave`-th part of an octave: seventh degree in
// the distance from the part's middle. Single precision keeps a relative error of about 1e-7, for the function is
// smooth where its argument changes by a factor; near zero it may be as steep as PQ is.
class Curve {
public:
    static constexpr int rows = 64, terms = 8;

    // f: the function; it is asked at 0 and on [2^(top - rows / 2^per_octave), 2^top). Outside, `exact` is to be used.
    Curve(std::function<double(double)> f, int top, int per_octave);

    int shift() const { return 23 - per_octave_; }  // of a float's bits, to its part
    int first() const { return first_; }            // part of the first row
    float middle() const { return 1 + 0.5f / static_cast<float>(1 << per_octave_); }  // of a part that begins at 1
    float lowest() const { return lowest_; }        // of the arguments that the rows serve
    float beyond() const { return beyond_; }        // the least argument above them
    float at_zero() const { return at_zero_; }
    const float* row(int index) const { return by_row_ + index * terms; }
    const float* term(int index) const { return by_term_ + index * rows; }
    double exact(double x) const { return f_(x); }

private:
    std::function<double(double)> f_;
    int per_octave_, first_;
    float lowest_, beyond_, at_zero_;
    alignas(64) float by_row_[rows * terms];   // coefficients of a row together, the constant first
    alignas(64) float by_term_[terms * rows];  // the same by term
};

}  // namespace candela
