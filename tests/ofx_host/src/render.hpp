// Render as hosts do it: the questions first, then every frame and window between Begin and End of a sequence, by
// several threads and of several instances at once.
#pragma once

#include <string>
#include <vector>

#include "instance.hpp"

namespace host {

struct Order {
    std::vector<Instance*> instances;
    std::vector<double> times;
    std::vector<abi::RectI> windows;  // pixels at the scale; empty: the whole region of definition
    double scale = 1;
    int threads = 1, repeat = 1;
    bool tight = false;    // outputs as big as their window; otherwise as the region of definition
    Layout layout;         // of outputs: padding and direction
    int abort_after = -1;  // polls
    bool ask_identity = true, check = true, sequential = false, interactive = false, draft = false;
    bool source_check = true;
};

struct Rendered {
    std::size_t instance = 0;
    double time = 0;
    abi::RectI window{};
    abi::Status status = 0;
    double milliseconds = 0, processor = 0;  // by the clock; of the whole process's threads together
    int polls = 0;
    std::string identity{};  // the clip that was taken instead
    long unwritten = 0;
    std::string components{}, depth{};
    std::vector<unsigned char> pixels{};  // of the window, highest row first
};

struct RenderResult {
    abi::Status begin = 0, end = 0;
    double milliseconds = 0;    // of all, by the clock
    std::vector<Rendered> all;  // in order of instances, times, windows; of the last repetition
};

RenderResult render(const Order& order);

}  // namespace host
