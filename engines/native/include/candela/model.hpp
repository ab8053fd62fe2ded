// From a file to pictures: the payload that it carries, the network of a frame, HDR light out of SDR codes.
//
//     const candela::Model model = candela::Model::open("clip.mov");
//     const auto network = model.at(1001);                       // kept: asking again is cheap
//     const auto around = network->prepare(picture, threads);    // once for a picture, whatever regions are rendered
//     network->render(picture, *around, region, target, options);
//
// Everything here may be used by any number of threads at once. What fails throws Trouble; std::invalid_argument is for a
// caller's own mistakes, such as a region outside the picture.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "candela/carriers.hpp"
#include "candela/frame.hpp"
#include "candela/payload.hpp"
#include "candela/picture.hpp"

namespace candela {

// What the kernels have to know of an SDR state. bits: of the codes, which narrow range needs. Trouble (Kind::colour) for
// states that go through OCIO, which Python alone renders, and for those that no SDR picture has.
SdrColour sdr_colour(const ColourState& state, int bits);

// What a whole SDR picture says to each of its pixels; only the network that made it takes it.
class Prepared;

// The network of one frame and one picture size. What `render` gives does not depend on region, threads or order.
class FrameModel {
public:
    virtual ~FrameModel() = default;

    // Of the pictures that it takes.
    virtual int width() const = 0;
    virtual int height() const = 0;

    // picture: all of it. Integers have their own `bits`; of floats (over full scale, in the payload's SDR state) the
    // bits are those of the payload, whatever the picture says. threads: 0 for as many as the machine has.
    virtual std::shared_ptr<const Prepared> prepare(const Source& picture, int threads) const = 0;

    // The same for a region alone, to the same bits: no more of the picture is read than `needed(region)`, and what is
    // prepared serves that region and parts of it.
    virtual std::shared_ptr<const Prepared> prepare(const Source& picture, const Region& region, int threads) const = 0;

    // The part of the picture that a region is rendered from: whole tiles, and the cells of up to 64 pixels around them.
    virtual Region needed(const Region& region) const = 0;

    // Renders a region of the picture into `target`, whose data points at pixel (0, 0) of the whole picture. Encoding::nits
    // gives light in nits, Encoding::pq the full-range signal of SMPTE ST 2084, 0..1 being 0..10000 nit; both with BT.2020
    // primaries and D65, whatever `Payload::hdr` names: that is what the master was delivered in. options.fold and isa
    // serve the default network alone. The SDR's alpha is not looked at.
    virtual void render(const Source& picture, const Prepared& around, const Region& region, const Target& target,
                        const RenderOptions& options) const = 0;

    // The default network of pictures of the payload's own size, for who evaluates it somewhere else than here; null for
    // the others, and for pictures that are scaled.
    virtual const DefaultNetwork* default_network() const { return nullptr; }
};

class Model {
public:
    // Reads the payload of a file, or of the sidecar beside it. A `.candela` file can be named itself.
    static Model open(const std::filesystem::path& path);
    // The same of a payload's or reel's bytes. name: what messages call them.
    static Model of(std::span<const std::uint8_t> data, const std::string& name = "payload");

    ~Model();
    Model(Model&&) noexcept;
    Model& operator=(Model&&) noexcept;

    // Shots in order; one for a still or for a file of a sequence. All have one picture size.
    const std::vector<Payload>& shots() const;
    int width() const;
    int height() const;
    // Where the payload was found: `png`, `sidecar`, …, or "" for bytes; and the file that holds it.
    const char* carrier() const;
    const std::filesystem::path& path() const;

    // Which shot serves a frame. A still serves every frame, and so does a file of a sequence, at its own place; of a
    // shot or reel none does that is outside its frames.
    std::optional<std::size_t> shot_of(std::int64_t frame) const;

    // The network of a frame, decoded when it is first asked for. Trouble: `frame` outside the shots, `payload` for
    // streams that are not sound, `colour` for SDR colours that need OCIO.
    std::shared_ptr<const FrameModel> at(std::int64_t frame) const;
    // The same for pictures of another size, as hosts show them while they are in a hurry: the picture scaled. Trouble:
    // `mismatch` where its sides are not in the proportion of the payload's, to within a pixel.
    std::shared_ptr<const FrameModel> at(std::int64_t frame, int width, int height) const;

private:
    struct Parts;
    explicit Model(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace candela
