// The SDR picture as the engine reads it: the host's own memory where that can be, else a copy of the part that is needed.
#pragma once

#include <memory>

#include "colour/sdr_input.hpp"
#include "frame_rect.hpp"
#include "host/image.hpp"

namespace candela::plugin {

class SdrPicture {
public:
    // needed: pixels of the picture that will be read. bits: of the payload. unpremultiply: codes are divided by an alpha
    // between 0 and 1. Where the host's image does not cover what is needed there is black.
    SdrPicture(ofx::Effect effect, const Image& image, const FrameRect& frame, const Region& needed, const SdrInput& input,
               int bits, bool unpremultiply);

    const Source& source() const { return source_; }

    // Codes over full scale of pixels inside `needed`.
    void codes(int x, int y, int count, float* r, float* g, float* b) const;

private:
    void copy(ofx::Effect effect, const Image& image, const FrameRect& frame, const Region& needed, const SdrInput& input,
              bool unpremultiply);

    Source source_;
    std::unique_ptr<PixelMemory> copy_;
};

}  // namespace candela::plugin
