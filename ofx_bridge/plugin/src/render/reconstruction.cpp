// Bands of rows, each from the SDR's codes to the host's samples before the next is begun.
#include "reconstruction.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "alpha.hpp"
#include "colour/rolloff.hpp"
#include "confidence.hpp"
#include "host/boundary.hpp"
#include "host/work.hpp"
#include "sdr_picture.hpp"

namespace candela::plugin {
namespace {

using Light = candela::Encoding;  // of the engine

// Tiles come on many threads at once already.
int threads_for(const Region& region) {
    const auto pixels = static_cast<std::int64_t>(region.right - region.left) * (region.bottom - region.top);
    return pixels < 1 << 18 ? 1 : static_cast<int>(thread_count());
}

// The SDR's light with white on 203 nit (BT.2408), by the engine's own curves: a network that adds nothing.
class PlacedSdr {
public:
    PlacedSdr(const Source& picture, const Region& region, const ColourState& state, int bits)
        : picture_(picture), network_(nothing(picture, state, bits)), around_(picture, region, threads_for(region)) {}

    void render(const Region& region, const Target& target) const {
        candela::render(network_, picture_, around_, region, target, {.encoding = Light::pq});
    }

private:
    static DefaultNetwork nothing(const Source& picture, const ColourState& state, int bits) {
        const std::vector<float> zeros(21);
        DefaultNetwork::Options options;
        options.width = picture.width;
        options.height = picture.height;
        options.colour = sdr_colour(state, bits);
        return DefaultNetwork(Layers({7, 3}, {zeros.data()}, {zeros.data()}), {}, options);
    }

    const Source& picture_;
    DefaultNetwork network_;
    Surroundings around_;
};

// What stands for a payload where there is none.
Payload guessed(Input input) {
    Payload out;
    out.sdr.transfer = input == Input::srgb ? TransferName::srgb : TransferName::bt1886;
    return out;
}

class Renderer {
public:
    Renderer(const Reconstruction& job, const Look& look, const Region& region)
        : job_(job),
          look_(look),
          payload_(job.payload ? *job.payload : guess_ = guessed(look.input)),
          input_(look.input, payload_.sdr, payload_.bits),
          picture_(job.effect, job.source, job.frame, needed(region), input_, payload_.bits, look.unpremultiply),
          encoding_(look.output, look.unit),
          overlay_(encoding_),
          rolloff_(look.peak > 0 ? source_peak(payload_) : 1, look.peak > 0 ? look.peak : 10000) {
        const bool compares = look.view == View::difference || look.view == View::split || look.strength < 1;
        if (job.model) prepared_ = job.model->prepare(picture_.source(), region, threads_for(region));
        if (compares || !job.model) placed_.emplace(picture_.source(), region, payload_.sdr, payload_.bits);
        if (!job.note.empty()) mark();
    }

    void run(const Region& region) {
        constexpr int step = 16, wide = 480;  // whole tiles
        const int first = region.top / step, beyond = (region.bottom + step - 1) / step;
        share_work(job_.effect, static_cast<std::size_t>(beyond - first), [&](std::size_t item) {
            const int top = (first + static_cast<int>(item)) * step;
            const Region band{region.left, std::max(top, region.top), region.right, std::min(top + step, region.bottom)};
            // Parts that stay in the second-level cache from the engine's light to the host's samples: quicker than to let
            // the engine write between alphas, sample by sample.
            for (Region part = band; part.left < band.right; part.left = part.right) {
                part.right = std::min(part.left - part.left % wide + wide, band.right);
                by_planes(part);
            }
        });
    }

private:
    Region needed(const Region& region) const {
        if (job_.model) return job_.model->needed(region);
        return Surroundings::needed(region, job_.frame.width, job_.frame.height);
    }

    struct Room {
        explicit Room(const Region& band)
            : planes{band.left, band.top, band.right - band.left, band.bottom - band.top, {}},
              size(static_cast<std::size_t>(planes.width) * planes.height),
              memory(new float[3 * size]) {
            for (std::size_t c = 0; c < 3; ++c) planes.channel[c] = memory.get() + c * size;
        }

        // For the engine, whose targets begin at the picture's corner.
        Target target() const {
            const std::ptrdiff_t row = 4 * static_cast<std::ptrdiff_t>(planes.width);
            auto* corner = reinterpret_cast<std::byte*>(memory.get()) - planes.top * row - 4 * static_cast<std::ptrdiff_t>(planes.left);
            return {corner, Sample::f32, 16, {row, 4, static_cast<std::ptrdiff_t>(4 * size)}};
        }

        template <class F>
        void each(F f) const {
            for (float* x : planes.channel) f(x, size);
        }

        Planes planes;
        std::size_t size;
        std::unique_ptr<float[]> memory;
    };

    void reconstructed(const Region& band, const Room& room, Light light) const {
        job_.model->render(picture_.source(), *prepared_, band, room.target(), {.encoding = light, .threads = 1});
    }

    void by_planes(const Region& band) const {
        const Room room(band);
        if (!job_.model) {
            placed_->render(band, room.target());
            room.each(pq_to_nits);
            encoding_.from_nits(room.planes.rows());
        } else {
            switch (look_.view) {
                case View::difference: difference(band, room); break;
                case View::confidence:
                case View::invented: certainty(band, room); break;
                default: result(band, room);
            }
        }
        overlay_.draw(room.planes);
        store(room.planes);
    }

    void result(const Region& band, const Room& room) const {
        const bool codes = placed_ || look_.output == Encoding::pq;
        graded(band, room, codes);
        if (look_.output == Encoding::pq) return;
        if (codes) room.each(pq_to_nits);
        encoding_.from_nits(room.planes.rows());
    }

    // HDR as it goes out, strength, roll-off and split in it: PQ codes, or light in nits where nothing asks for codes.
    void graded(const Region& band, const Room& room, bool codes) const {
        reconstructed(band, room, codes ? Light::pq : Light::nits);
        if (placed_) {
            const Room sdr(band);
            placed_->render(band, sdr.target());
            for (int c = 0; c < 3; ++c) {
                const float share = static_cast<float>(look_.strength);
                if (share < 1) row_kernels().blend(sdr.planes.channel[c], share, room.planes.channel[c], room.size);
                if (look_.view != View::split) continue;
                const int line = static_cast<int>(std::lround(look_.split * job_.frame.width));
                const int count = std::clamp(line - band.left, 0, room.planes.width);
                for (int y = band.top; y < band.bottom; ++y) {
                    const std::size_t at = room.planes.at(band.left, y);
                    std::copy_n(sdr.planes.channel[c] + at, count, room.planes.channel[c] + at);
                }
            }
        }
        if (codes) rolloff_.pq(room.planes.rows());
        else rolloff_.nits(room.planes.rows());
    }

    // Grey where nothing changed; four times the difference of PQ codes around it.
    void difference(const Region& band, const Room& room) const {
        graded(band, room, true);
        const Room sdr(band);
        placed_->render(band, sdr.target());
        for (int c = 0; c < 3; ++c) {
            float *x = room.planes.channel[c], *from = sdr.planes.channel[c];
            for (std::size_t i = 0; i < room.size; ++i) x[i] = 0.5f + 4 * (x[i] - from[i]);
        }
        paint(room.planes);
    }

    void certainty(const Region& band, const Room& room) const {
        reconstructed(band, room, Light::nits);
        const Room codes(band);
        for (int y = band.top; y < band.bottom; ++y) {
            const std::size_t at = codes.planes.at(band.left, y);
            picture_.codes(band.left, y, codes.planes.width, codes.planes.channel[0] + at, codes.planes.channel[1] + at,
                           codes.planes.channel[2] + at);
        }
        std::vector<float> share(room.size);
        Confidence(payload_).of(codes.planes.rows(), room.planes.rows(), share.data());
        if (look_.view == View::confidence) room.each([&](float* x, std::size_t n) { std::copy_n(share.data(), n, x); });
        else {
            Confidence::false_colour(codes.planes.rows(), share.data());
            for (int c = 0; c < 3; ++c) std::copy_n(codes.planes.channel[c], room.size, room.planes.channel[c]);
        }
        paint(room.planes);
    }

    void paint(const Planes& planes) const {
        srgb_to_nits(planes.rows());
        encoding_.from_nits(planes.rows());
    }

    void store(const Planes& planes) const {
        for (int y = planes.top; y < planes.top + planes.height; ++y) {
            const int x = job_.frame.left + planes.left, row = job_.frame.host_row(y);
            const std::size_t at = planes.at(planes.left, y);
            float *r = planes.channel[0] + at, *g = planes.channel[1] + at, *b = planes.channel[2] + at;
            if (look_.unpremultiply) multiply_by_alpha(job_.source, x, row, planes.width, r, g, b);
            const auto count = static_cast<std::size_t>(planes.width);
            const Image &from = job_.source, &to = job_.output;
            const bool beside = from.channels == 4 && to.channels == 4 && from.sample == to.sample && row >= from.bounds.y1 &&
                                row < from.bounds.y2 && x >= from.bounds.x1 && x + planes.width <= from.bounds.x2;
            if (beside) {
                row_kernels().store_with_alpha(r, g, b, from.at(x, row), to.at(x, row), to.sample, count);
            } else {
                row_kernels().store(r, g, b, to.at(x, row), to.sample, to.channels, count);
                copy_alpha(from, to, x, row, planes.width);
            }
        }
    }

    void mark() {
        const int dot = std::max(1, job_.frame.height / 360), thick = 4 * dot;
        constexpr Colour ground{200, 32, 32}, ink{255, 255, 255};
        overlay_.outline(0, 0, job_.frame.width, job_.frame.height, thick, ground);
        overlay_.note(2 * thick, 2 * thick, dot, job_.note, ink, ground, std::max(10, (job_.frame.width - 4 * thick) / (6 * dot) - 1));
    }

    const Reconstruction& job_;
    const Look& look_;
    Payload guess_;
    const Payload& payload_;
    SdrInput input_;
    SdrPicture picture_;
    EncodingConverter encoding_;
    Overlay overlay_;
    RollOff rolloff_;
    std::shared_ptr<const Prepared> prepared_;
    std::optional<PlacedSdr> placed_;
};

}  // namespace

double source_peak(const Payload& payload) {
    // The ceiling of the default network; the others say nothing but their state.
    if (payload.model == ModelKind::standard && payload.numbers.size() > 10 && payload.numbers[10] > 0) {
        return std::clamp(pq_nits(payload.numbers[10] / 4096.0), 1.0, 10000.0);
    }
    return std::clamp(payload.hdr.peak_nits, 1.0, 10000.0);
}

void render(const Reconstruction& job, const Look& look) {
    const ofx::RectI window = intersection(job.window, job.output.bounds);
    if (is_empty(window)) return;
    const FrameRect& frame = job.frame;
    const ofx::RectI inside = intersection(window, {frame.left, frame.bottom, frame.left + frame.width, frame.bottom + frame.height});
    // What the host asks for beyond the frame has no HDR.
    for (int y = window.y1; y < window.y2; ++y) {
        const bool row = !is_empty(inside) && y >= inside.y1 && y < inside.y2;
        if (!row) {
            blacken(job.source, job.output, window.x1, y, window.x2 - window.x1);
            continue;
        }
        blacken(job.source, job.output, window.x1, y, inside.x1 - window.x1);
        blacken(job.source, job.output, inside.x2, y, window.x2 - inside.x2);
    }
    if (is_empty(inside)) return;
    const Region region = frame.region(inside);
    Renderer(job, look, region).run(region);
}

}  // namespace candela::plugin
