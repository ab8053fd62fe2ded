// "Candela Scope": what HDR light there is, and what a QC result says of the shot.
#include <cmath>

#include "effect.hpp"
#include "encoding_choice.hpp"
#include "host/work.hpp"
#include "payload/information.hpp"
#include "payload_file.hpp"
#include "qc/result.hpp"
#include "render/active_picture.hpp"
#include "render/alpha.hpp"
#include "scope_page.hpp"

namespace candela::plugin {
namespace {

namespace scope_param {
constexpr char encoding[] = "encoding", view[] = "view", peak[] = "peak", unit[] = "sceneWhite", legend[] = "legend",
               active[] = "activePicture", text[] = "reasons", qc[] = "qcFile", qc_by_pipeline[] = "pipelineFile",
               carrier[] = "payloadFile", carrier_by_pipeline[] = "pipelinePayloadFile", offset[] = "frameOffset";
constexpr const char* views[] = {"Picture", "False colour", "Out of gamut", "Over peak"};
}  // namespace scope_param

constexpr const char* encoding_options[] = {
    "Automatic",        encoding_labels[0], encoding_labels[1], encoding_labels[2],
    encoding_labels[3], encoding_labels[4], encoding_labels[5], encoding_labels[6]};

struct ScopeSettings {
    Encoding encoding;
    ScopeView view;
    double peak, unit;
    bool legend, active, text;
    std::string file, carrier;  // of the QC result, and of the network
    std::int64_t frame;
};

ScopeSettings scope_settings_of(ofx::Effect effect, const ParamReader& params, ofx::Time time) {
    ScopeSettings out{};
    const int choice = params.integer(scope_param::encoding, time, 0);
    out.encoding = encoding_of_choice(choice - 1);
    if (choice == 0) {
        const auto name = Clip(effect, ofx::value::source).properties().text(ofx::prop::colourspace);
        if (name && !name->empty() && !encoding_of_colourspace(*name, out.encoding)) {
            throw UserError("the host gives the source in the colour space " + *name + "; choose its encoding by hand");
        }
    }
    const int view = params.integer(scope_param::view, time, 1);
    out.view = view >= 0 && view <= 3 ? static_cast<ScopeView>(view) : ScopeView::false_colour;
    out.peak = params.real(scope_param::peak, time, 1000);
    out.unit = params.real(scope_param::unit, time, 100);
    out.legend = params.boolean(scope_param::legend, time, true);
    out.active = params.boolean(scope_param::active, time, true);
    out.text = params.boolean(scope_param::text, time, true);
    out.file = params.text(scope_param::qc, time);
    if (out.file.empty()) out.file = params.text(scope_param::qc_by_pipeline, time);
    out.carrier = params.text(scope_param::carrier, time);
    if (out.carrier.empty()) out.carrier = params.text(scope_param::carrier_by_pipeline, time);
    out.frame = static_cast<std::int64_t>(std::llround(time)) + params.integer(scope_param::offset, time, 0);
    return out;
}

class Scope : public EffectKind {
public:
    const char* identifier() const override { return "candela.Scope"; }
    const char* label() const override { return "Candela Scope"; }
    const char* description() const override {
        return "HDR light in false colours, what lies outside a gamut or over a peak, and the reasons of a QC result.";
    }

    void define(ParamDefiner& p) const override {
        using namespace scope_param;
        p.choice(scope_param::encoding, "Encoding", "What the source is. Automatic: what the host says of it, and else PQ.",
                 encoding_options, 0);
        p.choice(view, "View", "False colour: bands of max(R, G, B) in nits. Out of gamut: outside 709, outside P3. Over peak: where a "
                               "component is over the peak.",
                 views, 1);
        p.real(peak, "Peak", "Nits over which light is marked.", 1000, 1, 10000, 100, 4000);
        p.real(unit, "Scene white", "Nits of 1.0 in ACEScg, ACEScct and DaVinci Intermediate.", 100, 1, 10000, 50, 400);
        p.boolean(legend, "Legend", "What the colours mean.", true);
        p.boolean(active, "Active picture", "An outline of the part of the frame that is picture, where there are bars.", true);
        p.boolean(text, "Score and reasons", "What the QC result says of the shot, and where.", true);
        p.file(qc, "QC result", "The JSON that candela qc has written for this clip. Empty: the one that the pipeline has named.");
        p.file(carrier, "File with the network", "The SDR file that the HDR came out of, or its .candela file: where its light is no "
                                                 "master's, that is written with the reasons.");
        p.group("more", "Frames, pipeline", false);
        p.integer(offset, "Frame offset", "Added to the host's frame number.", 0, -10000000, 10000000, -1000, 1000, "more");
        p.file(qc_by_pipeline, "QC result, by the pipeline", "Set by the Candela node or panel; counts where no file is chosen above.",
               "more");
        p.file(carrier_by_pipeline, "File with the network, by the pipeline", "Counts where no such file is chosen above.", "more");
    }

    bool identity(const ParamReader& params, ofx::Time time) const override {
        const auto named = [&](const char* name) { return !params.text(name, time).empty(); };
        const bool text = params.boolean(scope_param::text, time, true) &&
                          (named(scope_param::qc) || named(scope_param::qc_by_pipeline) || named(scope_param::carrier) ||
                           named(scope_param::carrier_by_pipeline));
        return params.integer(scope_param::view, time, 1) == 0 && !params.boolean(scope_param::active, time, true) && !text;
    }

    // The active picture is looked for in all of the frame.
    std::optional<ofx::RectD> needed(ofx::Effect effect, const Moment& moment, const ofx::RectD&) const override {
        if (!ParamReader(effect).boolean(scope_param::active, moment.time, true)) return {};
        return Clip(effect, ofx::value::source).region_of_definition(moment.time);
    }

    std::string colourspace(ofx::Effect) const override { return "OfxColourspace_Source"; }

    void render(ofx::Effect effect, const Moment& moment, const ofx::RectI& asked) const override {
        const Clip clip(effect, ofx::value::source);
        const Image source = source_image(clip, moment.time);
        const Image output = output_image(Clip(effect, ofx::value::output), moment.time);
        const ScopeSettings settings = scope_settings_of(effect, ParamReader(effect), moment.time);
        const EncodingConverter encoding(settings.encoding, settings.unit);
        ofx::PropertySet set = nullptr;
        suites().effect->get_property_set(effect, &set);
        const auto likely = likely_frames(source, clip, Properties(set), moment.time, moment.scale);
        if (likely.empty()) throw UserError("the host does not say how large the picture is");
        const FrameRect frame = likely.front();

        Overlay overlay(encoding);
        ScopePage page(frame, overlay);
        if (settings.legend) page.legend(settings.view, settings.peak);
        if (settings.active) {
            const auto place = place_of(effect, moment.time, moment.scale, source, frame, settings.encoding, settings.unit);
            if (const auto region = active_pictures().of(place, source, frame, encoding)) page.active(*region);
        }
        if (settings.text) write(page, effect, settings);
        const Marker marker(settings.view, settings.peak, encoding);
        marked(effect, source, output, asked, frame, encoding, settings.view, marker, overlay);
    }

    void forget(ofx::Effect effect) const override { active_pictures().forget(effect); }

private:
    // What the QC result says of the shot, and whether its light is a master's.
    static void write(ScopePage& page, ofx::Effect effect, const ScopeSettings& settings) {
        std::string origin;
        if (!settings.carrier.empty()) {
            const Found found = find_payload_of(effect, settings.carrier, settings.frame, Numbering::automatic);
            const Payload* shot = found.shot();
            if (!shot) origin = "frame " + std::to_string(found.frame) + " is in none of the shots of the file with the network";
            else if (shot->distilled) origin = distilled_words;
        }
        if (settings.file.empty()) {
            if (!origin.empty()) page.words(origin, true);
            return;
        }
        const auto result = qc_of(settings.file);
        if (const QcShot* shot = result->at(settings.frame)) return page.shot(*shot, origin);
        const std::string none = "frame " + std::to_string(settings.frame) + " is in none of the shots of the QC result";
        page.words(origin.empty() ? none : none + "; " + origin, !origin.empty());
    }

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
