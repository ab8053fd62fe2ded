// What the scope writes and draws over a picture.
#pragma once

#include <string>

#include "draw/overlay.hpp"
#include "qc/result.hpp"
#include "render/frame_rect.hpp"
#include "render/marking.hpp"

namespace candela::plugin {

class ScopePage {
public:
    ScopePage(const FrameRect& frame, Overlay& overlay);

    // What the colours of a view mean, from the upper left corner down.
    void legend(ScopeView view, double peak);
    void active(const Region& region);
    // A shot of a QC result: boxes where its reasons are, and its text from the lower left corner up. below: a line under it.
    void shot(const QcShot& shot, const std::string& below);
    // A line or some in the same place.
    void words(const std::string& text, bool warns);

private:
    struct Line {
        std::string text;
        Colour colour;
    };
    void lines(const std::vector<Line>& lines);
    int letters() const;

    const FrameRect& frame_;
    Overlay& overlay_;
    int dot_, margin_;
};

}  // namespace candela::plugin
