// Which loops run: those of the instruction set that the dense kernel uses.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "candela/dense.hpp"
#include "rows.hpp"

namespace candela {
namespace {

bool usable(std::string_view name) {
    return std::ranges::any_of(dense_kernels(), [&](const auto& kernel) { return kernel.usable && kernel.name == name; });
}

}  // namespace

const std::vector<RowLoops>& all_row_loops() {
    static const std::vector<RowLoops> all = [] {
        std::vector<RowLoops> found;
        for (RowLoops loops : {avx512_row_loops(), avx2_row_loops(), portable_row_loops()}) {
            if (loops.name.empty()) continue;
            loops.usable = usable(loops.name);
            found.push_back(loops);
        }
        return found;
    }();
    return all;
}

const RowLoops& row_loops(std::string_view isa) {
    if (!isa.empty() && !usable(isa)) throw std::invalid_argument("no " + std::string(isa) + " on this machine");
    const std::string_view wanted = isa.empty() ? dense_kernel().name : isa;
    for (const RowLoops& loops : all_row_loops()) {
        if (loops.usable && loops.name == wanted) return loops;
    }
    return all_row_loops().back();  // on Arm the portable loops are NEON's
}

}  // namespace candela
