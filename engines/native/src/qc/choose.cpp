// Which loops run: those of the instruction set that the dense kernel uses.
#include <algorithm>
#include <stdexcept>
#include <string>

#include "candela/dense.hpp"
#include "qc.hpp"

namespace candela {

const QcLoops& qc_loops(std::string_view isa) {
    static const QcLoops all[] = {avx512_qc_loops(), avx2_qc_loops(), portable_qc_loops()};
    const std::string_view wanted = isa.empty() ? dense_kernel().name : isa;
    const bool usable = std::ranges::any_of(
        dense_kernels(), [&](const auto& kernel) { return kernel.usable && kernel.name == wanted; });
    if (!usable) throw std::invalid_argument("no " + std::string(wanted) + " on this machine");
    for (const QcLoops& loops : all) {
        if (!loops.name.empty() && loops.name == wanted) return loops;
    }
    return all[2];  // on Arm the portable loops are NEON's
}

}  // namespace candela
