// What a host shows of the SDR picture, brought back to the codes that the file has and the network was fitted to.
#pragma once

#include <memory>

#include "candela/payload.hpp"
#include "curves.hpp"
#include "encodings.hpp"

namespace candela::plugin {

// stored: the file's own codes. linear: its light with white at 1, in its own primaries. acescg: the same light in AP1,
// adapted to its white.
enum class Input { stored, srgb, bt1886, linear, acescg };

class SdrInput {
public:
    // state, bits: of the payload's SDR. Trouble for states that go through OCIO.
    SdrInput(Input input, const ColourState& state, int bits);

    bool changes() const { return changes_; }
    // In place.
    void to_codes(const Rows& rows) const;

    // What to_codes does, for who does it elsewhere: light of codes (sRGB's straight part apart), primaries, a signal of
    // light, and its code.
    struct Steps {
        const NamedCurve *to_light, *to_signal;  // null where there is nothing to be done
        bool srgb_in, srgb_out, matrix;
        const float* by;
        float scale, offset;
    };
    Steps steps() const { return {to_light_.get(), to_signal_.get(), srgb_in_, srgb_out_, matrix_, by_.data(), scale_, offset_}; }
    static constexpr double knee_in = 0.04045, slope_in = 1 / 12.92, knee_out = 0.0031308, slope_out = 12.92;

private:
    bool changes_;
    std::unique_ptr<const NamedCurve> to_light_, to_signal_;  // none where there is nothing to be done
    bool srgb_in_ = false, srgb_out_ = false, matrix_ = false;
    std::array<float, 9> by_{};
    float scale_ = 1, offset_ = 0;  // of a signal, to a code over full scale
};

}  // namespace candela::plugin
