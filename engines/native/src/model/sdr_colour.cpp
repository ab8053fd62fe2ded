// The curves and matrices of SDR states.
#include "sdr_colour.hpp"

#include <string>

#include "candela/gamuts.hpp"

namespace candela {
namespace {

[[noreturn]] void refuse_colour(const std::string& what) { throw Trouble(Trouble::Kind::colour, what); }
                                
}  // namespace

void to_bt2020(Primaries primaries, double (&matrix)[9]) {
    if (primaries == Primaries::bt2020) {
        for (int i = 0; i < 9; ++i) matrix[i] = i % 4 == 0;
        return;
    }
    const Matrix3 m = rgb_to_rgb(gamut_of(primaries), gamut_of(Primaries::bt2020));
    for (std::size_t i = 0; i < 9; ++i) matrix[i] = m[i];
}

SdrColour sdr_colour(const ColourState& state, int bits) {
    if (!state.ocio_space.empty()) {
        refuse_colour("the payload's SDR colours are the space " + state.ocio_space +
                      " of an OCIO config, which only `candela reconstruct` renders");
    }
    if (state.is_hdr() || state.transfer == TransferName::linear) {
        refuse_colour(std::string("the payload's SDR colours are ") + name_of(state.transfer) +
                      " with a peak above white, or linear: no SDR picture has them");
    }
    SdrColour out;
    if (state.narrow) {
        if (bits < 8 || bits > 16) {
            refuse_colour("the payload's SDR codes are of narrow range, which " + std::to_string(bits) + " bits have not");
        }
        const double step = static_cast<double>(1 << (bits - 8)), full = static_cast<double>((1 << bits) - 1);
        out.offset = (0.0 - 16 * step) / (219 * step);
        out.scale = (full - 16 * step) / (219 * step) - out.offset;
    }
    out.transfer = state.transfer == TransferName::srgb ? Transfer::srgb : Transfer::power;
    if (state.transfer == TransferName::gamma22) out.exponent = 2.2;
    if (state.transfer == TransferName::gamma26) out.exponent = 2.6;
    to_bt2020(state.primaries, out.matrix);
    return out;
}

}  // namespace candela
