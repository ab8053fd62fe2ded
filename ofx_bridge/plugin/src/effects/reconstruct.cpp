// "Candela Reconstruct": the HDR picture that travels in an SDR file.
#include <cmath>

#include "effect.hpp"
#include "encoding_choice.hpp"
#include "gpu/render.hpp"
#include "payload/information.hpp"
#include "payload_file.hpp"
#include "render/reconstruction.hpp"

namespace candela::plugin {
namespace {

constexpr char file_param[] = "file", pipeline_param[] = "pipelineFile", numbering_param[] = "frameNumbers",
               offset_param[] = "frameOffset", input_param[] = "inputEncoding", output_param[] = "outputEncoding",
               unit_param[] = "sceneWhite", rolloff_param[] = "rollOff", peak_param[] = "peak", strength_param[] = "strength",
               view_param[] = "view", split_param[] = "splitPosition", missing_param[] = "withoutPayload",
               alpha_param[] = "unpremultiply", information_param[] = "information";

constexpr const char* numbering_labels[] = {"Automatic", "As the host counts", "From the source's first frame"};
constexpr const char* input_labels[] = {"Automatic", "As stored in the file", "sRGB", "BT.1886", "Linear", "ACEScg"};
constexpr const char* view_labels[] = {"Result", "Difference", "Confidence", "Invented light", "Split", "Source"};
constexpr const char* missing_labels[] = {"Fail", "Pass the SDR through, marked"};

std::string file_of(const ParamReader& params, ofx::Time time) {
    const std::string path = params.text(file_param, time);
    return path.empty() ? params.text(pipeline_param, time) : path;
}

// The payload's file at a time, and the frame in it. Throws Trouble, also where no file is named.
Found find(ofx::Effect effect, const ParamReader& params, ofx::Time time) {
    const std::string path = file_of(params, time);
    if (path.empty()) throw Trouble(Trouble::Kind::no_payload, "no file is named; choose the SDR file, or its .candela file");
    const auto host_frame = static_cast<std::int64_t>(std::llround(time)) + params.integer(offset_param, time, 0);
    const int choice = params.integer(numbering_param, time, 0);
    const auto numbering = choice >= 0 && choice <= 2 ? static_cast<Numbering>(choice) : Numbering::automatic;
    return find_payload_of(effect, path, host_frame, numbering);
}

Input input_of(ofx::Effect effect, int choice) {
    if (choice >= 1 && choice <= 5) return static_cast<Input>(choice - 1);
    ofx::PropertySet set = nullptr;
    suites().effect->get_property_set(effect, &set);
    const auto style = Properties(set).text(ofx::prop::colour_style);
    if (!style || *style == ofx::value::colour_none) return Input::stored;
    const auto name = Clip(effect, ofx::value::source).properties().text(ofx::prop::colourspace);
    if (!name || name->empty()) return Input::stored;
    Input out = Input::stored;
    if (!input_of_colourspace(*name, out)) {
        throw UserError("the host gives the source in the colour space " + *name + ", which is none that an SDR file is decoded "
                        "from here; choose the input encoding by hand, or give the effect the file's own codes");
    }
    return out;
}

Look look_of(ofx::Effect effect, const ParamReader& params, ofx::Time time) {
    Look look;
    look.input = input_of(effect, params.integer(input_param, time, 0));
    look.output = encoding_of_choice(params.integer(output_param, time, 0));
    look.unit = params.real(unit_param, time, 100);
    look.peak = params.boolean(rolloff_param, time, false) ? params.real(peak_param, time, 1000) : 0;
    look.strength = std::clamp(params.real(strength_param, time, 1), 0.0, 1.0);
    const int view = params.integer(view_param, time, 0);
    look.view = view >= 0 && view <= 5 ? static_cast<View>(view) : View::result;
    look.split = params.real(split_param, time, 0.5);
    look.unpremultiply = params.boolean(alpha_param, time, false);
    return look;
}

// The first likely frame that the payload is for: one of its own size before a smaller picture in the same proportion.
std::shared_ptr<const FrameModel> fitting(const Found& found, const RenderScale& scale, const std::vector<FrameRect>& likely,
                                          FrameRect& frame) {
    std::optional<Trouble> mismatch;
    const auto own = [&](const FrameRect& r) {
        return std::abs(r.width - found.model->width() * scale.x) < 1 && std::abs(r.height - found.model->height() * scale.y) < 1;
    };
    for (const bool exact : {true, false}) {
        for (const FrameRect& rect : likely) {
            if (exact && !own(rect)) continue;
            try {
                auto model = found.model->at(found.frame, rect.width, rect.height);
                frame = rect;
                return model;
            } catch (const Trouble& trouble) {
                if (trouble.kind() != Trouble::Kind::mismatch) throw;
                if (!mismatch) mismatch = trouble;
            }
        }
    }
    if (mismatch) {
        throw UserError(std::string(mismatch->what()) + "; put the effect before anything that scales or crops");
    }
    throw UserError("the host does not say how large the picture is");
}

class Reconstruct : public EffectKind {
public:
    const char* identifier() const override { return "candela.Reconstruct"; }
    const char* label() const override { return "Candela Reconstruct"; }
    const char* description() const override {
        return "The HDR picture out of an SDR file that carries a Candela network, or has one beside it.";
    }

    bool renders_with_cuda() const override { return true; }

    void define(ParamDefiner& p) const override {
        p.file(file_param, "File", "The SDR file that carries the network, or its .candela file. In sequences: name.####.exr, "
                                   "%04d, @@@@ or $F4. Empty: the file that the pipeline has named.");
        p.information(information_param, "Carries", "What the file carries, and whether its light is a master's.");
        p.choice(input_param, "Input encoding", "What the host's pixels are. Automatic: what the host says of the source, and "
                                                "else the codes as they are stored in the file. Linear: its light, white at 1, "
                                                "in its own primaries.",
                 input_labels, 0);
        p.choice(output_param, "Output encoding", "What the result is.", encoding_labels, 0);
        p.real(unit_param, "Scene white", "Nits of 1.0 in ACEScg, ACEScct and DaVinci Intermediate.", 100, 1, 10000, 50, 400);
        p.boolean(rolloff_param, "Roll-off", "Roll light off to the output peak: the EETF of BT.2390 on max(R, G, B), which keeps "
                                             "hues.",
                  false);
        p.real(peak_param, "Output peak", "Nits that the rolled-off light stays within.", 1000, 50, 10000, 100, 4000);
        p.real(strength_param, "Strength", "0: the SDR with its white on 203 nit. 1: the HDR. Between, PQ codes are blended.", 1, 0,
               1, 0, 1);
        p.choice(view_param, "View", "Difference: PQ codes against the SDR's, four times, around grey. Confidence: white where the "
                                     "SDR determines the light. Invented light: in colours where the SDR was clipped. Split: SDR "
                                     "on the left.",
                 view_labels, 0);
        p.real(split_param, "Split position", "Where the split is, of the frame's width.", 0.5, 0, 1, 0, 1);
        p.choice(missing_param, "Without a network", "What to do where the file carries none, or none for this frame.",
                 missing_labels, 0);
        p.group("more", "Frames, alpha, pipeline", false);
        p.choice(numbering_param, "Frame numbers", "Automatic: movies count from the source's first frame, sequences as the host "
                                                   "counts.",
                 numbering_labels, 0, "more");
        p.integer(offset_param, "Frame offset", "Added to the host's frame number.", 0, -10000000, 10000000, -1000, 1000, "more");
        p.boolean(alpha_param, "Unpremultiply", "Divide the codes by an alpha between 0 and 1 before, and multiply after.", false,
                  "more");
        p.file(pipeline_param, "File, by the pipeline", "Set by the Candela node or panel; counts where no file is chosen above.",
               "more");
    }

    bool identity(const ParamReader& params, ofx::Time time) const override {
        return params.integer(view_param, time, 0) == static_cast<int>(View::source);
    }

    std::optional<ofx::RectD> needed(ofx::Effect effect, const Moment& moment, const ofx::RectD& wanted) const override {
        const Clip clip(effect, ofx::value::source);
        const auto whole = clip.region_of_definition(moment.time);
        if (!whole) return {};
        try {
            ofx::PropertySet set = nullptr;
            suites().effect->get_property_set(effect, &set);
            const double aspect = std::max(clip.properties().real(ofx::prop::pixel_aspect).value_or(1), 1e-3);
            const Found found = find(effect, ParamReader(effect), moment.time);
            FrameRect frame;
            const auto model = fitting(found, moment.scale, likely_frames(clip, Properties(set), moment.time, moment.scale, aspect), frame);
            const double x = moment.scale.x / aspect, y = moment.scale.y;
            const auto down = [](double v) { return static_cast<int>(std::floor(v)); };
            const auto up = [](double v) { return static_cast<int>(std::ceil(v)); };
            const Region need = model->needed(frame.region({down(wanted.x1 * x), down(wanted.y1 * y), up(wanted.x2 * x), up(wanted.y2 * y)}));
            if (need.left >= need.right) return wanted;
            return ofx::RectD{(frame.left + need.left) / x, (frame.bottom + frame.height - need.bottom) / y,
                              (frame.left + need.right) / x, (frame.bottom + frame.height - need.top) / y};
        } catch (const std::exception&) {
            return whole;  // the render will say what is wrong
        }
    }

    std::string colourspace(ofx::Effect effect) const override {
        const ParamReader params(effect);
        if (identity(params, 0)) return "OfxColourspace_Source";
        ofx::PropertySet set = nullptr;
        suites().effect->get_property_set(effect, &set);
        const std::string style = Properties(set).text(ofx::prop::colour_style).value_or("");
        return colourspace_of(encoding_of_choice(params.integer(output_param, 0, 0)), style);
    }

    // The text of what the file carries follows the file. Values may be set here alone.
    void changed(ofx::Effect effect, const std::string& param, ofx::Time time) const override {
        if (param == information_param) return;
        const ParamReader params(effect);
        std::string text = "no file is named";
        if (!file_of(params, time).empty()) {
            try {
                text = information_of(*find(effect, params, time).model);
            } catch (const std::exception& error) {
                text = error.what();
            }
        }
        if (params.text(information_param, time) != text) params.set_text(information_param, text);
    }

    void render(ofx::Effect effect, const Moment& moment, const ofx::RectI& window) const override {
        const Clip source_clip(effect, ofx::value::source);
        const Image source = source_image(source_clip, moment.time);
        const Image output = output_image(Clip(effect, ofx::value::output), moment.time);
        const ParamReader params(effect);
        if (identity(params, moment.time)) {
            if (!moment.cuda) return copy_window(effect, source, output, window);
            return gpu::staged(effect, source, output, window, moment.stream,
                               [&](const Image& from, const Image& to) { copy_window(effect, from, to, window); });
        }
        const Look look = look_of(effect, params, moment.time);
        ofx::PropertySet set = nullptr;
        suites().effect->get_property_set(effect, &set);
        const auto likely = likely_frames(source, source_clip, Properties(set), moment.time, moment.scale);
        Reconstruction job{effect, source, output, window, {}, {}, nullptr, {}};
        Found found;
        try {
            found = find(effect, params, moment.time);
            job.model = fitting(found, moment.scale, likely, job.frame);
            job.payload = found.shot();
        } catch (const Trouble& trouble) {
            const bool none = trouble.kind() == Trouble::Kind::no_payload || trouble.kind() == Trouble::Kind::frame;
            if (!none || params.integer(missing_param, moment.time, 0) != 1) throw;
            job.frame = likely.front();
            job.note = std::string("SDR, not HDR: ") + trouble.what();
        }
        if (moment.cuda) gpu::render(job, look, moment.stream);
        else candela::plugin::render(job, look);
    }
};

}  // namespace

const EffectKind& reconstruct_effect() {
    static const Reconstruct effect;
    return effect;
}

}  // namespace candela::plugin
