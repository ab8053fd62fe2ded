// "Candela Scope": what HDR light there is, and what a QC result says of the shot.
#include <cmath>
#include <cstdio>
#include <iterator>

#include "effect.hpp"
#include "encoding_choice.hpp"
#include "host/work.hpp"
#include "qc/result.hpp"
#include "render/alpha.hpp"
#include "render/marking.hpp"

namespace candela::plugin {
namespace {

constexpr char encoding_param[] = "encoding", view_param[] = "view", peak_param[] = "peak", unit_param[] = "sceneWhite",
               legend_param[] = "legend", active_param[] = "activePicture", qc_param[] = "qcFile", pipeline_param[] = "pipelineFile",
               text_param[] = "reasons", offset_param[] = "frameOffset";

constexpr const char* encoding_options[] = {
    "Automatic",        encoding_labels[0], encoding_labels[1], encoding_labels[2],
    encoding_labels[3], encoding_labels[4], encoding_labels[5], encoding_labels[6]};
constexpr const char* view_labels[] = {"Picture", "False colour", "Out of gamut", "Over peak"};

constexpr Colour ground{12, 12, 12}, ink{235, 235, 235}, quiet{150, 150, 150};

Colour colour_of(Severity severity) {
    switch (severity) {
        case Severity::blocker: return {255, 72, 72};
        case Severity::issue: return {255, 192, 64};
        default: return {120, 200, 255};
    }
}

const char* word_of(Severity severity) {
    return severity == Severity::blocker ? "BLOCKER" : severity == Severity::issue ? "ISSUE" : "FYI";
}

struct Settings {
    Encoding encoding;
    ScopeView view;
    double peak, unit;
    bool legend, active, text;
    std::string file;
    std::int64_t frame;
};

Settings settings_of(ofx::Effect effect, const ParamReader& params, ofx::Time time) {
    Settings out{};
    const int choice = params.integer(encoding_param, time, 0);
    out.encoding = encoding_of_choice(choice - 1);
    if (choice == 0) {
        const auto name = Clip(effect, ofx::value::source).properties().text(ofx::prop::colourspace);
        if (name && !name->empty() && !encoding_of_colourspace(*name, out.encoding)) {
            throw UserError("the host gives the source in the colour space " + *name + "; choose its encoding by hand");
        }
    }
    const int view = params.integer(view_param, time, 1);
    out.view = view >= 0 && view <= 3 ? static_cast<ScopeView>(view) : ScopeView::false_colour;
    out.peak = params.real(peak_param, time, 1000);
    out.unit = params.real(unit_param, time, 100);
    out.legend = params.boolean(legend_param, time, true);
    out.active = params.boolean(active_param, time, true);
    out.text = params.boolean(text_param, time, true);
    out.file = params.text(qc_param, time);
    if (out.file.empty()) out.file = params.text(pipeline_param, time);
    out.frame = static_cast<std::int64_t>(std::llround(time)) + params.integer(offset_param, time, 0);
    return out;
}

std::string text_of(const char* format, double value) {
    char out[64];
    std::snprintf(out, sizeof out, format, value);
    return out;
}

class Page {
public:
    Page(const FrameRect& frame, Overlay& overlay)
        : frame_(frame), overlay_(overlay), dot_(std::max(1, frame.height / 480)), margin_(8 * dot_) {}

    void legend(const Settings& settings) {
        int y = margin_;
        const auto entry = [&](Colour colour, const std::string& label) {
            overlay_.box(margin_, y, margin_ + 10 * dot_, y + Overlay::line_dots * dot_, colour);
            y = overlay_.note(margin_ + 10 * dot_, y, dot_, label, ink, ground, 60);
        };
        if (settings.view == ScopeView::false_colour) {
            for (std::size_t i = std::size(all_bands); i--;) entry(all_bands[i].colour, std::string(all_bands[i].label) + " nit");
        } else if (settings.view == ScopeView::gamut) {
            entry(outside_p3, "outside P3");
            entry(outside_709, "outside 709, inside P3");
        } else if (settings.view == ScopeView::over_peak) {
            entry(over_peak_colour, text_of("over %.4g nit", settings.peak));
        }
    }

    void active(const Region& r) {
        overlay_.outline(r.left, r.top, r.right, r.bottom, std::max(1, dot_ / 2), {64, 255, 96});
        char text[96];
        std::snprintf(text, sizeof text, "active picture %dx%d", r.right - r.left, r.bottom - r.top);
        const int width = Overlay::width_of(text, dot_) + 4 * dot_;
        overlay_.note(r.right - width - dot_, r.top + dot_, dot_, text, {64, 255, 96}, ground, 60);
    }

    void shot(const QcShot& shot) {
        for (const Reason& reason : shot.reasons) {
            if (!reason.box) continue;
            const auto& b = *reason.box;
            const auto x = [&](double v) { return static_cast<int>(std::lround(v * frame_.width)); };
            const auto y = [&](double v) { return static_cast<int>(std::lround(v * frame_.height)); };
            overlay_.outline(x(b[0]), y(b[1]), x(b[2]), y(b[3]), dot_, colour_of(reason.severity));
        }
        struct Line {
            std::string text;
            Colour colour;
        };
        std::vector<Line> lines;
        std::string head = shot.name.empty() ? "shot" : shot.name;
        head += "  " + std::to_string(shot.first) + "-" + std::to_string(shot.last);
        head += shot.score ? text_of("  score %+.2f", *shot.score) : "  not scored";
        const int letters = std::max(10, (frame_.width - 2 * margin_) / (6 * dot_) * 2 / 3);
        const auto add = [&](const std::string& text, Colour colour) {
            for (auto& line : wrapped(text, letters)) lines.push_back({std::move(line), colour});
        };
        add(head, ink);
        const std::size_t most = static_cast<std::size_t>(std::max(3, frame_.height / (2 * Overlay::line_dots * dot_)));
        std::size_t shown = 0;
        for (const Reason& reason : shot.reasons) {
            if (lines.size() + 2 > most) break;
            add(std::string(word_of(reason.severity)) + "  " + reason.sentence, colour_of(reason.severity));
            ++shown;
        }
        if (lines.size() > most) lines.resize(most);
        if (shown < shot.reasons.size()) add("and " + std::to_string(shot.reasons.size() - shown) + " more", quiet);
        int y = frame_.height - margin_ - static_cast<int>(lines.size()) * Overlay::line_dots * dot_;
        for (const Line& line : lines) y = overlay_.note(margin_, y, dot_, line.text, line.colour, ground, letters + 1);
    }

    void nothing(const std::string& text) {
        overlay_.note(margin_, frame_.height - margin_ - Overlay::line_dots * dot_, dot_, text, quiet, ground, 80);
    }

private:
    const FrameRect& frame_;
    Overlay& overlay_;
    int dot_, margin_;
};

class Scope : public EffectKind {
public:
    const char* identifier() const override { return "candela.Scope"; }
    const char* label() const override { return "Candela Scope"; }
    const char* description() const override {
        return "HDR light in false colours, what lies outside a gamut or over a peak, and the reasons of a QC result.";
    }

    void define(ParamDefiner& p) const override {
        p.choice(encoding_param, "Encoding", "What the source is. Automatic: what the host says of it, and else PQ.",
                 encoding_options, 0);
        p.choice(view_param, "View", "False colour: bands of max(R, G, B) in nits. Out of gamut: outside 709, outside P3. Over peak: "
                                     "where a component is over the peak.",
                 view_labels, 1);
        p.real(peak_param, "Peak", "Nits over which light is marked.", 1000, 1, 10000, 100, 4000);
        p.real(unit_param, "Scene white", "Nits of 1.0 in ACEScg, ACEScct and DaVinci Intermediate.", 100, 1, 10000, 50, 400);
        p.boolean(legend_param, "Legend", "What the colours mean.", true);
        p.boolean(active_param, "Active picture", "An outline of the part of the frame that is picture, where there are bars.", true);
        p.boolean(text_param, "Score and reasons", "What the QC result says of the shot, and where.", true);
        p.file(qc_param, "QC result", "The JSON that candela qc has written for this clip. Empty: the one that the pipeline has named.");
        p.group("more", "Frames, pipeline", false);
        p.integer(offset_param, "Frame offset", "Added to the host's frame number.", 0, -10000000, 10000000, -1000, 1000, "more");
        p.file(pipeline_param, "QC result, by the pipeline", "Set by the Candela node or panel; counts where no file is chosen above.",
               "more");
    }

    bool identity(const ParamReader& params, ofx::Time time) const override {
        const bool text = params.boolean(text_param, time, true) &&
                          !(params.text(qc_param, time).empty() && params.text(pipeline_param, time).empty());
        return params.integer(view_param, time, 1) == 0 && !params.boolean(active_param, time, true) && !text;
    }

    // The active picture is looked for in all of the frame.
    std::optional<ofx::RectD> needed(ofx::Effect effect, const Moment& moment, const ofx::RectD&) const override {
        if (!ParamReader(effect).boolean(active_param, moment.time, true)) return {};
        return Clip(effect, ofx::value::source).region_of_definition(moment.time);
    }

    std::string colourspace(ofx::Effect) const override { return "OfxColourspace_Source"; }

    void render(ofx::Effect effect, const Moment& moment, const ofx::RectI& asked) const override {
        const Clip clip(effect, ofx::value::source);
        const Image source = source_image(clip, moment.time);
        const Image output = output_image(Clip(effect, ofx::value::output), moment.time);
        const Settings settings = settings_of(effect, ParamReader(effect), moment.time);
        const EncodingConverter encoding(settings.encoding, settings.unit);
        ofx::PropertySet set = nullptr;
        suites().effect->get_property_set(effect, &set);
        const auto likely = likely_frames(source, clip, Properties(set), moment.time, moment.scale);
        if (likely.empty()) throw UserError("the host does not say how large the picture is");
        const FrameRect frame = likely.front();

        Overlay overlay(encoding);
        Page page(frame, overlay);
        if (settings.legend) page.legend(settings);
        if (settings.active) {
            if (const auto region = active_picture(effect, source, frame, encoding)) page.active(*region);
        }
        if (settings.text && !settings.file.empty()) {
            const auto result = qc_of(settings.file);
            const QcShot* shot = result->at(settings.frame);
            if (shot) page.shot(*shot);
            else page.nothing("frame " + std::to_string(settings.frame) + " is in none of the shots of the QC result");
        }
        const Marker marker(settings.view, settings.peak, encoding);
        marked(effect, source, output, asked, frame, encoding, settings.view, marker, overlay);
    }

private:
    // Values of pixels that are not marked go through as they are: floats hold all of them.
    static void marked(ofx::Effect effect, const Image& source, const Image& output, const ofx::RectI& asked, const FrameRect& frame,
                       const EncodingConverter& encoding, ScopeView view, const Marker& marker, const Overlay& overlay) {
        const ofx::RectI all = intersection(asked, output.bounds), window = intersection(all, source.bounds);
        if (is_empty(all)) return;
        copy_window(effect, source, output, asked);
        if (is_empty(window)) return;
        const int width = window.x2 - window.x1, height = window.y2 - window.y1;
        constexpr int step = 16;
        share_work(effect, static_cast<std::size_t>((height + step - 1) / step), [&](std::size_t part) {
            const int top = frame.bottom + frame.height - window.y2 + static_cast<int>(part) * step;
            const int rows = std::min(step, height - static_cast<int>(part) * step);
            const auto size = static_cast<std::size_t>(width) * rows;
            std::vector<float> room(6 * size);
            float* p = room.data();
            const Planes values{window.x1 - frame.left, top, width, rows, {p, p + size, p + 2 * size}};
            for (int y = top; y < top + rows; ++y) {
                const std::size_t at = values.at(values.left, y);
                row_kernels().load(source.at(window.x1, frame.host_row(y)), source.sample, source.channels, p + at, p + size + at,
                                   p + 2 * size + at, static_cast<std::size_t>(width));
            }
            if (view != ScopeView::picture) {
                const Rows light{p + 3 * size, p + 4 * size, p + 5 * size, size};
                std::copy_n(p, 3 * size, p + 3 * size);
                encoding.to_nits(light);
                marker.mark(values, light);
            }
            overlay.draw(values);
            for (int y = top; y < top + rows; ++y) {
                const std::size_t at = values.at(values.left, y);
                row_kernels().store(p + at, p + size + at, p + 2 * size + at, output.at(window.x1, frame.host_row(y)), output.sample,
                                    output.channels, static_cast<std::size_t>(width));
            }
        });
    }
};

}  // namespace

const EffectKind& scope_effect() {
    static const Scope effect;
    return effect;
}

}  // namespace candela::plugin
