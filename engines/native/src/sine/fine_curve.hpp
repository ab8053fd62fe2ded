// A function on the positive numbers in double, as a polynomial for every sixteenth of an octave: where single precision
// is not enough, because an encoding multiplies what it is given by 2^11.
#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <vector>

#include "../colour/interpolate.hpp"

namespace candela {

class FineCurve {
public:
    static constexpr int terms = 6, shift = 48;  // a double's bits above `shift` are its exponent and sixteenth
    static constexpr std::uint64_t mask = (std::uint64_t{1} << shift) - 1, one = std::bit_cast<std::uint64_t>(1.0);
    static constexpr double middle = 1 + 1.0 / 32;  // of a part that begins at 1

    // f is asked on [2^bottom, 2^top), and itself outside.
    FineCurve(std::function<double(double)> f, int bottom, int top)
        : f_(std::move(f)), lowest_(std::ldexp(1.0, bottom)), beyond_(std::ldexp(1.0, top)), at_zero_(f_(0.0)) {
        first_ = static_cast<int>(std::bit_cast<std::uint64_t>(lowest_) >> shift);
        const int rows = (top - bottom) * 16;
        rows_.resize(static_cast<std::size_t>(rows) * terms);
        for (int r = 0; r < rows; ++r) {
            const double unit = std::ldexp(1.0, bottom + r / 16), half = 1.0 / 32;
            double c[terms], power = 1;
            interpolate<terms>(f_, (middle + r % 16 / 16.0) * unit, half * unit, c);
            for (int k = 0; k < terms; ++k, power /= half) rows_[static_cast<std::size_t>(r) * terms + k] = c[k] * power;
        }
    }

    double lowest() const { return lowest_; }
    double beyond() const { return beyond_; }
    int first() const { return first_; }
    const double* rows() const { return rows_.data(); }
    double exact(double x) const { return x == 0 ? at_zero_ : f_(x); }

private:
    std::function<double(double)> f_;
    double lowest_, beyond_, at_zero_;
    int first_;
    std::vector<double> rows_;
};

}  // namespace candela
