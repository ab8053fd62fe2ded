// Sizes follow the frame's height, so that a proxy shows the same page.
#include "scope_page.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>

namespace candela::plugin {
namespace {

constexpr Colour ground{12, 12, 12}, ink{235, 235, 235}, quiet{150, 150, 150}, warning{255, 192, 64}, border{64, 255, 96};

Colour colour_of(Severity severity) {
    switch (severity) {
        case Severity::blocker: return {255, 72, 72};
        case Severity::issue: return warning;
        default: return {120, 200, 255};
    }
}

const char* word_of(Severity severity) {
    return severity == Severity::blocker ? "BLOCKER" : severity == Severity::issue ? "ISSUE" : "FYI";
}

std::string text_of(const char* format, double value) {
    char out[64];
    std::snprintf(out, sizeof out, format, value);
    return out;
}

}  // namespace

ScopePage::ScopePage(const FrameRect& frame, Overlay& overlay)
    : frame_(frame), overlay_(overlay), dot_(std::max(1, frame.height / 480)), margin_(8 * dot_) {}

int ScopePage::letters() const { return std::max(10, (frame_.width - 2 * margin_) / (6 * dot_) * 2 / 3); }

void ScopePage::legend(ScopeView view, double peak) {
    int y = margin_;
    const auto entry = [&](Colour colour, const std::string& label) {
        overlay_.box(margin_, y, margin_ + 10 * dot_, y + Overlay::line_dots * dot_, colour);
        y = overlay_.note(margin_ + 10 * dot_, y, dot_, label, ink, ground, 60);
    };
    if (view == ScopeView::false_colour) {
        for (std::size_t i = std::size(all_bands); i--;) entry(all_bands[i].colour, std::string(all_bands[i].label) + " nit");
    } else if (view == ScopeView::gamut) {
        entry(outside_p3, "outside P3");
        entry(outside_709, "outside 709, inside P3");
    } else if (view == ScopeView::over_peak) {
        entry(over_peak_colour, text_of("over %.4g nit", peak));
    }
}

void ScopePage::active(const Region& r) {
    overlay_.outline(r.left, r.top, r.right, r.bottom, std::max(1, dot_ / 2), border);
    char text[96];
    std::snprintf(text, sizeof text, "active picture %dx%d", r.right - r.left, r.bottom - r.top);
    const int width = Overlay::width_of(text, dot_) + 4 * dot_;
    overlay_.note(r.right - width - dot_, r.top + dot_, dot_, text, border, ground, 60);
}

void ScopePage::shot(const QcShot& shot, const std::string& below) {
    for (const Reason& reason : shot.reasons) {
        if (!reason.box) continue;
        const auto& b = *reason.box;
        const auto x = [&](double v) { return static_cast<int>(std::lround(v * frame_.width)); };
        const auto y = [&](double v) { return static_cast<int>(std::lround(v * frame_.height)); };
        overlay_.outline(x(b[0]), y(b[1]), x(b[2]), y(b[3]), dot_, colour_of(reason.severity));
    }
    std::vector<Line> text;
    const auto add = [&](const std::string& words, Colour colour) {
        for (auto& line : wrapped(words, letters())) text.push_back({std::move(line), colour});
    };
    std::string head = shot.name.empty() ? "shot" : shot.name;
    head += "  " + std::to_string(shot.first) + "-" + std::to_string(shot.last);
    head += shot.score ? text_of("  score %+.2f", *shot.score) : "  not scored";
    add(head, ink);
    const auto most = static_cast<std::size_t>(std::max(3, frame_.height / (2 * Overlay::line_dots * dot_)));
    std::size_t shown = 0;
    for (const Reason& reason : shot.reasons) {
        if (text.size() + 2 > most) break;
        add(std::string(word_of(reason.severity)) + "  " + reason.sentence, colour_of(reason.severity));
        ++shown;
    }
    if (text.size() > most) text.resize(most);
    if (shown < shot.reasons.size()) add("and " + std::to_string(shot.reasons.size() - shown) + " more", quiet);
    if (!below.empty()) add(below, warning);
    lines(text);
}

void ScopePage::words(const std::string& text, bool warns) {
    std::vector<Line> out;
    for (auto& line : wrapped(text, letters())) out.push_back({std::move(line), warns ? warning : quiet});
    lines(out);
}

void ScopePage::lines(const std::vector<Line>& lines) {
    int y = frame_.height - margin_ - static_cast<int>(lines.size()) * Overlay::line_dots * dot_;
    for (const Line& line : lines) y = overlay_.note(margin_, y, dot_, line.text, line.colour, ground, letters() + 1);
}

}  // namespace candela::plugin
