// The encodings that hosts work in: light in nits of linear BT.2020 to them and back.
#pragma once

#include <array>

#include "candela/gamuts.hpp"
#include "rows.hpp"

namespace candela::plugin {

enum class Encoding { pq, hlg, linear_nits, linear_white, acescg, acescct, intermediate };
inline constexpr int encodings = 7;

// DaVinci Wide Gamut (Blackmagic Design, "DaVinci Intermediate", 2021).
inline constexpr Gamut davinci_wide_gamut = {{{0.8000, 0.3130}, {0.1682, 0.9877}, {0.0790, -0.1155}, {0.3127, 0.3290}}};

// Three rows of `count` numbers.
struct Rows {
    float *r, *g, *b;
    std::size_t count;
};

// Converts rows in place. unit: nits of 1.0 in ACEScg, ACEScct and DaVinci Intermediate. HLG is that of a display of
// 1000 nit. Nothing is clipped, but PQ has no light below zero. Immutable, for any number of threads.
class EncodingConverter {
public:
    EncodingConverter(Encoding encoding, double unit);

    void from_nits(const Rows& rows) const;
    void to_nits(const Rows& rows) const;

    Encoding encoding() const { return encoding_; }
    const std::array<float, 9>& matrix() const { return out_; }  // from nits, the unit in it

private:
    void hlg_from(const Rows& rows) const;
    void hlg_to(const Rows& rows) const;

    Encoding encoding_;
    std::array<float, 9> out_{}, in_{};  // matrices, with the unit in them
};

// PQ codes to nits and back, row by row.
void pq_to_nits(float* x, std::size_t n);
void nits_to_pq(float* x, std::size_t n);

}  // namespace candela::plugin
