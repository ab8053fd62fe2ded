// Matrices from chromaticities.
#include "candela/gamuts.hpp"

namespace candela {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;  // by rows

constexpr double d65[] = {0.3127, 0.3290}, aces[] = {0.32168, 0.33767};
constexpr Gamut gamuts[] = {
    {{{0.640, 0.330}, {0.300, 0.600}, {0.150, 0.060}, {d65[0], d65[1]}}},       // BT.709-6 item 1.3
    {{{0.680, 0.320}, {0.265, 0.690}, {0.150, 0.060}, {d65[0], d65[1]}}},       // SMPTE EG 432-1
    {{{0.708, 0.292}, {0.170, 0.797}, {0.131, 0.046}, {d65[0], d65[1]}}},       // BT.2020-2 table 3
    {{{0.7347, 0.2653}, {0.0, 1.0}, {0.0001, -0.0770}, {aces[0], aces[1]}}},    // SMPTE ST 2065-1
    {{{0.713, 0.293}, {0.165, 0.830}, {0.128, 0.044}, {aces[0], aces[1]}}},     // S-2014-004 (ACEScg)
};
// ICC.1:2010 annex E.
constexpr Matrix bradford = {{{0.8951, 0.2664, -0.1614}, {-0.7502, 1.7135, 0.0367}, {0.0389, -0.0685, 1.0296}}};

Matrix product(const Matrix& a, const Matrix& b) {
    Matrix out{};
    for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) out[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
    }
    return out;
}

Vector product(const Matrix& a, const Vector& v) {
    return {a[0][0] * v[0] + a[0][1] * v[1] + a[0][2] * v[2], a[1][0] * v[0] + a[1][1] * v[1] + a[1][2] * v[2],
            a[2][0] * v[0] + a[2][1] * v[1] + a[2][2] * v[2]};
}

Matrix inverse(const Matrix& m) {
    const auto minor = [&](int i, int j) {
        const int a = (i + 1) % 3, b = (i + 2) % 3, c = (j + 1) % 3, d = (j + 2) % 3;
        return m[a][c] * m[b][d] - m[a][d] * m[b][c];
    };
    const double determinant = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
    Matrix out;
    for (int i = 0; i < 3; ++i) {
        for (int j = 0; j < 3; ++j) out[j][i] = minor(i, j) / determinant;
    }
    return out;
}

Vector xyz_of_white(const Gamut& gamut) {
    const double x = gamut.xy[3][0], y = gamut.xy[3][1];
    return {x / y, 1, (1 - x - y) / y};
}

Matrix to_xyz(const Gamut& gamut) {
    Matrix columns;
    for (int k = 0; k < 3; ++k) {
        columns[0][k] = gamut.xy[k][0];
        columns[1][k] = gamut.xy[k][1];
        columns[2][k] = 1 - gamut.xy[k][0] - gamut.xy[k][1];
    }
    const Vector shares = product(inverse(columns), xyz_of_white(gamut));
    for (auto& row : columns) {
        for (int k = 0; k < 3; ++k) row[k] *= shares[k];
    }
    return columns;
}

Matrix3 flat(const Matrix& m) {
    Matrix3 out;
    for (std::size_t i = 0; i < 9; ++i) out[i] = m[i / 3][i % 3];
    return out;
}

}  // namespace

const Gamut& gamut_of(Primaries primaries) { return gamuts[static_cast<int>(primaries)]; }

Matrix3 rgb_to_xyz(const Gamut& gamut) { return flat(to_xyz(gamut)); }

Matrix3 rgb_to_rgb(const Gamut& from, const Gamut& to) {
    Matrix adapt = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
    if (xyz_of_white(from) != xyz_of_white(to)) {
        const Vector a = product(bradford, xyz_of_white(from)), b = product(bradford, xyz_of_white(to));
        const Matrix gains = {{{b[0] / a[0], 0, 0}, {0, b[1] / a[1], 0}, {0, 0, b[2] / a[2]}}};
        adapt = product(product(inverse(bradford), gains), bradford);
    }
    return flat(product(product(inverse(to_xyz(to)), adapt), to_xyz(from)));
}

}  // namespace candela
