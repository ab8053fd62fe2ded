#include "render.hpp"

#include <cstdlib>

#include "device.hpp"
#include "host/boundary.hpp"
#include "pack.hpp"

namespace candela::plugin::gpu {
namespace {

const Device& device() {
    const Device* found = candela_cuda();
    if (!found) throw DeviceTrouble(false, "no CUDA device answers; let the host render without CUDA");
    return *found;
}

void check(Outcome outcome, const char* why) {
    if (outcome == Outcome::done) return;
    throw DeviceTrouble(outcome == Outcome::out_of_memory, std::string("CUDA: ") + why);
}

// A part of a device's image in the processor's memory, rows in the same order.
class Copy {
public:
    Copy(ofx::Effect effect, const Image& from, const ofx::RectI& part)
        : on_device_(from),
          part_(part),
          bytes_(static_cast<std::size_t>((part.x2 - part.x1) * from.pixel_bytes())),
          rows_(static_cast<std::size_t>(part.y2 - part.y1)),
          memory_(effect, bytes_ * rows_) {}

    Image image() const {
        auto* lowest = static_cast<std::byte*>(memory_.data());
        const auto row = static_cast<std::ptrdiff_t>(bytes_);
        const bool up = on_device_.row_bytes >= 0;
        return on_device_.elsewhere(part_, up ? lowest : lowest + row * static_cast<std::ptrdiff_t>(rows_ - 1), up ? row : -row);
    }

    void fetch(void* stream) { copy(false, stream); }
    void bring_back(void* stream) { copy(true, stream); }

private:
    void copy(bool to_device, void* stream) {
        if (!bytes_ || !rows_) return;
        void* there = on_device_.at(part_.x1, on_device_.row_bytes >= 0 ? part_.y1 : part_.y2 - 1);
        const auto pitch = rows_ > 1 ? static_cast<std::size_t>(std::abs(on_device_.row_bytes)) : bytes_;
        char why[256] = "";
        const Outcome outcome = to_device ? device().copy(there, pitch, memory_.data(), bytes_, bytes_, rows_, true, stream, why)
                                          : device().copy(memory_.data(), bytes_, there, pitch, bytes_, rows_, false, stream, why);
        check(outcome, why);
    }

    const Image& on_device_;
    ofx::RectI part_;
    std::size_t bytes_, rows_;
    PixelMemory memory_;
};

}  // namespace

bool available() { return candela_cuda() != nullptr; }

void staged(ofx::Effect effect, const Image& source, const Image& output, const ofx::RectI& window, void* stream,
            const std::function<void(const Image& source, const Image& output)>& work) {
    const ofx::RectI part = intersection(window, output.bounds);
    if (is_empty(part)) return;
    Copy from(effect, source, source.bounds), to(effect, output, part);
    from.fetch(stream);
    work(from.image(), to.image());
    to.bring_back(stream);
}

void render(const Reconstruction& job, const Look& look, void* stream) {
    if (suites().effect->abort && suites().effect->abort(job.effect)) throw Aborted();
    Packed packed;
    if (pack(job, look, packed)) {
        char why[256] = "";
        check(device().render(packed.job, stream, why), why);
        return;
    }
    staged(job.effect, job.source, job.output, job.window, stream, [&](const Image& source, const Image& output) {
        candela::plugin::render({job.effect, source, output, job.window, job.frame, job.model, job.payload, job.note}, look);
    });
}

}  // namespace candela::plugin::gpu
