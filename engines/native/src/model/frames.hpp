// The networks as frames of one size, and what a picture says to all of its pixels.
#pragma once

#include <optional>

#include "candela/model.hpp"
#include "published.hpp"
#include "standard.hpp"

namespace candela {

class Prepared {
public:
    std::optional<Surroundings> around;  // the published networks have none
};

// Renders with a default network. bits: of floats, whatever the host calls them.
void render_standard(const DefaultNetwork& network, const Source& picture, int bits, const Prepared& around,
                     const Region& region, const Target& target, const RenderOptions& options);

// For pictures of the payload's own size; `scaled.hpp` serves others.
std::shared_ptr<const FrameModel> standard_frame(const Standard& network, double place, int bits);

// For pictures of any size: these networks know places from 0 to 1.
std::shared_ptr<const FrameModel> paper_frame(const std::vector<float>& numbers, int bits, int width, int height);
std::shared_ptr<const FrameModel> gamma_frame(const GammaWeights& weights, const SdrColour& colour, int bits, int width,
                                              int height);

}  // namespace candela
