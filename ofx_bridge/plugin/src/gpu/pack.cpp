// The choices of render/reconstruction.cpp and render/sdr_picture.cpp, made once for all pixels.
#include "pack.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "candela/gamuts.hpp"
#include "colour/rolloff.hpp"
#include "pack_network.hpp"
#include "render/confidence.hpp"

namespace candela::plugin::gpu {
namespace {

Picture picture_of(const Image& image) {
    const ofx::RectI& b = image.bounds;
    return {image.data, image.row_bytes, b.x1, b.y1, b.x2, b.y2, static_cast<int>(image.sample), image.channels};
}

Rectangle rectangle_of(const Region& r) { return {r.left, r.top, r.right, r.bottom}; }

bool is_whole_number(Sample sample) { return sample == Sample::u8 || sample == Sample::u16; }

// How samples are read, and what one code is: SdrPicture's choice between the host's memory and a copy in floats.
void pack_source(const Reconstruction& from, const Look& look, const SdrInput& input, int bits, Job& job) {
    const Image& image = from.source;
    const Region there = from.frame.region(image.bounds);
    const Rectangle& needed = job.needed;
    const bool covered = there.left <= needed.left && there.top <= needed.top && there.right >= needed.right &&
                         there.bottom >= needed.bottom;
    const bool readable = image.sample != Sample::u16 || bits == 16;
    job.unpremultiply = look.unpremultiply && image.channels == 4;
    const bool direct = covered && readable && !input.changes() && !job.unpremultiply;
    job.whole = direct && is_whole_number(image.sample);
    const int own = job.whole && image.sample == Sample::u8 ? 8 : bits;
    const double codes = std::ldexp(1.0, own) - 1;
    job.network.full_of_means = job.whole ? 1 / codes : 1;
    job.network.full = job.whole ? 1 / static_cast<float>(codes) : 1.0f;
    job.network.step = job.whole ? 1.0f : static_cast<float>(1 / codes);
}

void pack_input(const SdrInput& input, Job& job, Tables& tables) {
    InputSteps& out = job.input;
    out.any = input.changes();
    if (!out.any) return;
    const SdrInput::Steps steps = input.steps();
    out.to_light = steps.to_light != nullptr;
    out.to_signal = steps.to_signal != nullptr;
    out.srgb_in = steps.srgb_in;
    out.srgb_out = steps.srgb_out;
    out.matrix = steps.matrix;
    if (steps.to_light) out.light = tables.curve(*steps.to_light);
    if (steps.to_signal) out.signal = tables.curve(*steps.to_signal);
    std::copy_n(steps.by, 9, out.by);
    out.scale = steps.scale;
    out.offset = steps.offset;
}

void pack_output(const Look& look, Job& job, Tables& tables) {
    const EncodingConverter converter(look.output, look.unit);
    Output& out = job.output;
    out.encoding = static_cast<int>(look.output);
    std::copy_n(converter.matrix().data(), 9, out.matrix);
    switch (look.output) {
        case Encoding::hlg:
            out.curve = tables.curve(CurveName::hlg_code);
            out.luminance = tables.curve(CurveName::hlg_inverse_ootf);
            break;
        case Encoding::acescct: out.curve = tables.curve(CurveName::acescct_code); break;
        case Encoding::intermediate: out.curve = tables.curve(CurveName::intermediate_code); break;
        default: out.curve = tables.curve(CurveName::pq_of_nits);
    }
    job.pq_of_nits = tables.curve(CurveName::pq_of_nits);
    job.nits_of_pq = tables.curve(CurveName::nits_of_pq);
    job.nits_of_low_pq = tables.curve(CurveName::nits_of_low_pq);
    job.srgb_light = tables.curve(CurveName::srgb_light);
    const Matrix3 paint = rgb_to_rgb(gamut_of(Primaries::bt709), gamut_of(Primaries::bt2020));
    for (std::size_t i = 0; i < 9; ++i) job.paint[i] = static_cast<float>(paint[i] * reference_white);
}

void pack_look(const Reconstruction& from, const Look& look, Job& job) {
    job.view = static_cast<int>(look.view);
    job.split = static_cast<int>(std::lround(look.split * from.frame.width));
    job.strength = static_cast<float>(look.strength);
    job.compares = look.view == View::difference || look.view == View::split || look.strength < 1;
    const RollOff rolloff(look.peak > 0 ? source_peak(*from.payload) : 1, look.peak > 0 ? look.peak : 10000);
    job.rolls_off = rolloff.needed();
    job.floor = rolloff.curve().floor;
    job.span = rolloff.curve().span;
    job.knee = rolloff.curve().knee;
    job.top = rolloff.curve().top;
    job.knee_nits = rolloff.knee_nits();
    const Confidence confidence(*from.payload);
    job.soft_from = confidence.soft_from();
    job.certain = confidence.certain();
}

}  // namespace

bool pack(const Reconstruction& from, const Look& look, Packed& out) {
    const DefaultNetwork* network = from.model ? from.model->default_network() : nullptr;
    if (!network || !from.payload || !from.note.empty() || look.view == View::source) return false;
    Job& job = out.job = {};
    const FrameRect& frame = from.frame;
    const ofx::RectI window = intersection(from.window, from.output.bounds);
    job.window = {window.x1, window.y1, window.x2, window.y2};
    job.source = picture_of(from.source);
    job.target = picture_of(from.output);
    job.frame_left = frame.left;
    job.frame_bottom = frame.bottom;
    job.frame_width = frame.width;
    job.frame_height = frame.height;
    job.needed = rectangle_of(from.model->needed(frame.region(window)));
    if (is_empty(window) || job.needed.left >= job.needed.right || job.needed.top >= job.needed.bottom) return false;
    const SdrInput input(look.input, from.payload->sdr, from.payload->bits);
    pack_source(from, look, input, from.payload->bits, job);
    pack_network(*network, job, out.tables);
    pack_input(input, job, out.tables);
    pack_output(look, job, out.tables);
    pack_look(from, look, job);
    job.tables = out.tables.words().data();
    job.table_bytes = 4 * out.tables.words().size();
    return job.scratch_floats < std::numeric_limits<int>::max();
}

}  // namespace candela::plugin::gpu
