// A file's payload as shots, and their networks kept as they are asked for.
#include "candela/model.hpp"

#include <algorithm>
#include <cstdlib>
#include <list>
#include <mutex>
#include <variant>

#include "../carriers/source.hpp"
#include "frames.hpp"
#include "scaled.hpp"
#include "sdr_colour.hpp"

namespace candela {
namespace {

constexpr std::size_t most_frames_kept = 8;  // a network of a frame is about as large as its plane

struct Paper {
    std::vector<float> numbers;
};
struct Gamma {
    GammaWeights weights;
    SdrColour colour;
};
using Network = std::variant<Standard, Paper, Gamma>;

Network network_of(const Payload& payload) {
    switch (payload.model) {
        case ModelKind::paper: return Paper{siren_of(payload)};
        case ModelKind::gamma: {
            GammaWeights weights = gamma_of(payload);
            return Gamma{std::move(weights), sdr_colour(payload.sdr, 32)};
        }
        default: return Standard(payload);
    }
}

double place_in(const Payload& shot, std::int64_t frame) {
    const auto [first, last] = shot.frames.value_or(FrameRange{0, 0});
    return last > first ? static_cast<double>(frame - first) / static_cast<double>(last - first) : 0;
}

struct Kept {
    std::size_t shot;
    std::int64_t frame;
    int width, height;
    std::shared_ptr<const FrameModel> model;
};

}  // namespace

struct Model::Parts {
    std::vector<Payload> shots;
    const char* carrier = "";
    std::filesystem::path path;
    std::string name;

    std::mutex mutex;  // of what follows
    std::vector<std::shared_ptr<const Network>> networks;
    std::list<Kept> kept;  // the last one asked for first

    [[noreturn]] void refuse(Trouble::Kind kind, const std::string& what) const { throw Trouble(kind, name + ": " + what); }

    const Network& network(std::size_t shot) {
        auto& kept_network = networks[shot];
        try {
            if (!kept_network) kept_network = std::make_shared<const Network>(network_of(shots[shot]));
        } catch (const Trouble& error) {
            refuse(error.kind(), error.what());
        }
        return *kept_network;
    }

    std::shared_ptr<const FrameModel> made(std::size_t shot, std::int64_t frame, int width, int height) {
        const Payload& payload = shots[shot];
        const Network& its = network(shot);
        if (const auto* paper = std::get_if<Paper>(&its)) return paper_frame(paper->numbers, payload.bits, width, height);
        if (const auto* gamma = std::get_if<Gamma>(&its)) {
            return gamma_frame(gamma->weights, gamma->colour, payload.bits, width, height);
        }
        const Standard& standard = std::get<Standard>(its);
        const double place = place_in(payload, frame);
        if (width == payload.width && height == payload.height) return standard_frame(standard, place, payload.bits);
        return scaled_frame(standard, place, payload.bits, width, height);
    }

    void check_size(int width, int height) const {
        const std::int64_t w = shots[0].width, h = shots[0].height;
        const std::int64_t apart = std::abs(width * h - height * w);  // in pixels: over the longer side
        if (width < 1 || height < 1 || width > w || height > h || apart > std::max(w, h)) {
            refuse(Trouble::Kind::mismatch, "the payload is for " + std::to_string(w) + "x" + std::to_string(h) +
                                                ", the picture has " + std::to_string(width) + "x" + std::to_string(height));
        }
    }
};

Model::Model(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Model::~Model() = default;
Model::Model(Model&&) noexcept = default;
Model& Model::operator=(Model&&) noexcept = default;

Model Model::of(std::span<const std::uint8_t> data, const std::string& name) {
    auto parts = std::make_unique<Parts>();
    parts->name = name;
    try {
        if (is_reel(data)) parts->shots = decode_reel(data);
        else parts->shots.push_back(decode_payload(data));
    } catch (const Trouble& error) {
        parts->refuse(error.kind(), error.what());
    }
    parts->networks.resize(parts->shots.size());
    return Model(std::move(parts));
}

Model Model::open(const std::filesystem::path& path) {
    const auto found = find_payload(path);
    if (!found) {
        throw Trouble(Trouble::Kind::no_payload, carriers::shown(path) + ": carries no payload, and there is no " +
                                                     carriers::shown(sidecar_path(path).filename()));
    }
    Model out = of(found->payload, carriers::shown(found->path));
    out.parts_->carrier = found->carrier;
    out.parts_->path = found->path;
    return out;
}

const std::vector<Payload>& Model::shots() const { return parts_->shots; }
int Model::width() const { return parts_->shots[0].width; }
int Model::height() const { return parts_->shots[0].height; }
const char* Model::carrier() const { return parts_->carrier; }
const std::filesystem::path& Model::path() const { return parts_->path; }

std::optional<std::size_t> Model::shot_of(std::int64_t frame) const {
    const auto& shots = parts_->shots;
    if (!shots[0].frames || shots[0].place) return 0;
    const auto after = std::ranges::upper_bound(shots, frame, {}, [](const Payload& shot) { return shot.frames->first; });
    if (after == shots.begin() || frame > std::prev(after)->frames->second) return {};
    return static_cast<std::size_t>(std::prev(after) - shots.begin());
}

std::shared_ptr<const FrameModel> Model::at(std::int64_t frame) const { return at(frame, width(), height()); }

std::shared_ptr<const FrameModel> Model::at(std::int64_t frame, int width, int height) const {
    auto& parts = *parts_;
    const auto shot = shot_of(frame);
    if (!shot) {
        const auto& shots = parts.shots;
        parts.refuse(Trouble::Kind::frame, "frame " + std::to_string(frame) + " is in none of its " +
                                               std::to_string(shots.size()) + " shots, frames " +
                                               std::to_string(shots.front().frames->first) + " to " +
                                               std::to_string(shots.back().frames->second));
    }
    parts.check_size(width, height);
    const std::lock_guard lock(parts.mutex);
    const auto* standard = std::get_if<Standard>(&parts.network(*shot));
    // Where nothing moves all frames have one network.
    const std::int64_t its = standard && standard->moves() ? parts.shots[*shot].place.value_or(frame) : 0;
    for (auto at = parts.kept.begin(); at != parts.kept.end(); ++at) {
        if (at->shot != *shot || at->frame != its || at->width != width || at->height != height) continue;
        parts.kept.splice(parts.kept.begin(), parts.kept, at);
        return at->model;
    }
    parts.kept.push_front({*shot, its, width, height, parts.made(*shot, its, width, height)});
    if (parts.kept.size() > most_frames_kept) parts.kept.pop_back();
    return parts.kept.front().model;
}

}  // namespace candela
