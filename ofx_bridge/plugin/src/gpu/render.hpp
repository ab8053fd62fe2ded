// Renders whose images are in a device's memory.
#pragma once

#include <functional>

#include "host/image.hpp"
#include "render/reconstruction.hpp"

namespace candela::plugin::gpu {

// Whether a device answers; the host is told so when it describes an effect.
bool available();

// Images of CUDA memory. By the device where it can; else they are copied, rendered by the processor and copied back. stream:
// the host's, or null. DeviceTrouble where the device does not do it.
void render(const Reconstruction& job, const Look& look, void* stream);

// work(source, output) on copies in the processor's memory, of which the window is brought back.
void staged(ofx::Effect effect, const Image& source, const Image& output, const ofx::RectI& window, void* stream,
            const std::function<void(const Image& source, const Image& output)>& work);

}  // namespace candela::plugin::gpu
