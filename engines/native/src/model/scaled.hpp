// The `default` network on pictures of another size than its own: a host's proxy, the picture scaled.
//
// The network knows its picture by pixels: means over 4, 16 and 64 of them, and a plane with a sample for so many. On a
// proxy every pixel takes what lies at its place in the whole picture: the means over the same areas, and the same
// samples. What is left out is the SDR's rounding, which averaging has already undone. That is as exact as the proxy is:
// the proxy's colours go through the network, and not the whole picture's result through the scaler.
#pragma once

#include <memory>

#include "candela/model.hpp"
#include "standard.hpp"

namespace candela {

std::shared_ptr<const FrameModel> scaled_frame(const Standard& network, double place, int bits, int width, int height);

}  // namespace candela
