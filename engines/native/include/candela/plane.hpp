// The guide plane on the side that makes it: relaxed, transformed, quantised and coded to a budget of bytes; and the
// grids that a picture is laid over. Twins of candela_engines/itm: guide, relax, coding/quantise, lattice, field.
//
// Results do not depend on the number of threads nor on the instruction set. `threads`: 0 for as many as the machine
// has. `isa`: of `dense_kernels`, empty for the one in use. Numbers that are not finite are refused by
// std::invalid_argument where it is said so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace candela {

// A coded plane: samples (h, w, C) as any decoder gives them, their step over `plane_unit` and the bytes.
struct CodedPlane {
    std::vector<float> samples;
    int step = 0;
    std::vector<std::uint8_t> bytes;
};

// Codes one plane to any size; keeps what the last budget was relaxed for.
class PlaneCoder {
public:
    // plane, weight: (height, width, channels), finite; 1..4 channels, `most_samples` in all. weight: what a squared
    // error counts, at least 0, in any unit.
    PlaneCoder(const float* plane, const float* weight, int height, int width, int channels, std::string_view isa = {});
    ~PlaneCoder();

    // The best plane of at most `budget` bytes that a few codings find; none where none fits. draft: less care, for
    // trials. Calls from several threads wait for one another.
    std::optional<CodedPlane> code(std::int64_t budget, bool draft, int threads = 0);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace candela
