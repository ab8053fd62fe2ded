// The payload and the reel: bytes that nobody vouches for, to checked values. docs/payload.md is the specification;
// twins of candela_engines/itm/payload.py and reel.py, which accept the same bytes and refuse the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "candela/trouble.hpp"

namespace candela {

enum class Primaries { bt709, p3d65, bt2020, ap0, ap1 };
enum class TransferName { bt1886, srgb, gamma22, gamma24, gamma26, pq, hlg, linear };

// What the numbers of an image mean (colour/state.py).
struct ColourState {
    Primaries primaries = Primaries::bt709;
    TransferName transfer = TransferName::bt1886;
    bool narrow = false;
    double peak_nits = 100, reference_white_nits = 100, unit_nits = 1;
    std::string ocio_space, ocio_config;  // UTF-8; both or none

    // Whether codes reach above graphics white by design.
    bool is_hdr() const;
    bool operator==(const ColourState&) const = default;
};

// The words of the specification: "bt709", "bt1886".
const char* name_of(Primaries primaries);
const char* name_of(TransferName transfer);

// What was measured when the payload was made. PU-PSNR in dB (infinite where equal), the error in delta E ITP.
struct FidelityClaim {
    double pu_psnr = 0, delta_e_mean = 0, delta_e_p99 = 0;
    double worst_pu_psnr = 0;  // of a tile of 64 x 64 pixels, and where it lies
    int worst_left = 0, worst_top = 0;
};

enum class ModelKind { standard, paper, gamma };  // `default`, `paper` and `gamma` in the specification
const char* name_of(ModelKind kind);

// How a movie's codes were read, where somebody said so over its tags: words of the specification, or empty.
struct Reading {
    std::string range, matrix;
    bool operator==(const Reading&) const = default;
};

using FrameRange = std::pair<std::int64_t, std::int64_t>;  // first and last, both of them in it

struct Payload {
    ModelKind model = ModelKind::standard;
    int width = 0, height = 0;
    int bits = 8;  // of an SDR code; 32 for floats
    std::array<std::uint8_t, 16> picture_hash{};
    ColourState sdr, hdr;
    FidelityClaim fidelity;
    std::vector<std::uint32_t> numbers;
    std::vector<std::vector<std::uint8_t>> streams;
    bool distilled = false;             // from a model; else fitted to a master
    std::optional<FrameRange> frames;   // of a shot; a still has none
    std::optional<std::int64_t> place;  // the frame that this copy lies in, where every frame is a file
    std::vector<std::uint8_t> checks;   // two bytes of every frame's hash, or none
    // Light that nearly all of the master reaches where the SDR is clipped, and how far the network errs there: PQ codes
    // over 4096.
    std::optional<std::pair<int, int>> clipped;
    std::optional<std::pair<std::int64_t, double>> worst;  // the frame that came out worst, and its PU-PSNR
    std::optional<std::pair<double, double>> flicker;      // from frame to frame, in ΔE_ITP: median and 95th percentile
    Reading reading;

    // The frames it serves alone: those of its shot, its place, or nothing said (a still: 0).
    std::int64_t count() const { return frames ? frames->second - frames->first + 1 : 1; }
};

inline constexpr std::size_t most_payload = 256 * 1024;
inline constexpr std::size_t most_reel = 64 * 1024 * 1024;

// Trouble (Kind::payload) says what is wrong with the bytes. Streams stay coded until a model is made of them.
Payload decode_payload(std::span<const std::uint8_t> data);

// The shots of a clip in the order of their frames; they do not overlap and have one picture size and bit depth.
std::vector<Payload> decode_reel(std::span<const std::uint8_t> data);
bool is_reel(std::span<const std::uint8_t> data);

}  // namespace candela
