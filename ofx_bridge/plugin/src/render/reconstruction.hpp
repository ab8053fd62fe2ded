// A window of an HDR frame out of a host's SDR image: from the network's light to the samples that the host wants.
#pragma once

#include <memory>
#include <optional>

#include "candela/model.hpp"
#include "colour/encodings.hpp"
#include "colour/sdr_input.hpp"
#include "draw/overlay.hpp"
#include "render/frame_rect.hpp"

namespace candela::plugin {

enum class View { result, difference, confidence, invented, split, source };

struct Look {
    Input input = Input::stored;
    Encoding output = Encoding::pq;
    double unit = 100;       // nits of 1.0 in scene-referred encodings
    double peak = 0;         // nits to roll off to; 0 for none
    double strength = 1;     // 0: the SDR with white on 203 nit; blended in PQ codes
    View view = View::result;
    double split = 0.5;      // SDR on the left of this share of the width
    bool unpremultiply = false;
};

struct Reconstruction {
    ofx::Effect effect;
    const Image &source, &output;
    ofx::RectI window;
    FrameRect frame;
    // Of the frame; without them the SDR is placed on 203 nit, and `note` is written over it.
    std::shared_ptr<const FrameModel> model;
    const Payload* payload = nullptr;
    std::string note;
};

void render(const Reconstruction& job, const Look& look);

// Nits that the payload's light does not exceed.
double source_peak(const Payload& payload);

}  // namespace candela::plugin
