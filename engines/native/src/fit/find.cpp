// Which kernel a fit runs on, and the room that it needs.
#include <stdexcept>
#include <string>
#include <string_view>

#include "candela/dense.hpp"
#include "find.hpp"

namespace candela {

const FitKernel& find_fit_kernel(std::string_view isa) {
    const std::string_view name = isa.empty() ? dense_kernel().name : isa;
    for (const DenseKernel& each : dense_kernels()) {
        if (each.name != name || !each.usable) continue;
        const FitKernel* found = name == "avx512" ? avx512_fit_kernel()
                                 : name == "avx2" ? avx2_fit_kernel()
                                 : name == "neon" ? neon_fit_kernel()
                                                  : portable_fit_kernel();
        if (found) return *found;
    }
    throw std::invalid_argument("no " + std::string(name) + " on this machine");
}

std::size_t scratch_size(const NetworkShape& shape) {
    // Activations; errors of a layer and of the one before; target and weight lie where the latter will be.
    const std::size_t before = shape.widest > 2 * shape.outputs() ? shape.widest : 2 * shape.outputs();
    return (shape.units + shape.widest + before) * unit_stride;
}

SoapState::SoapState(int rows_, int columns_)
    : rows(rows_), columns(columns_), ld(padded(columns_)), ld_left(padded(rows_)) {
    const auto area = static_cast<std::size_t>(rows) * ld, square_left = static_cast<std::size_t>(rows) * ld_left,
               square_right = static_cast<std::size_t>(columns) * ld;
    first = zeros(area);
    second = zeros(area);
    // The bases start as they are: Adam, until the statistics say more.
    for (Numbers* each : {&left, &q_left, &q_left_t}) *each = zeros(square_left);
    for (Numbers* each : {&right, &q_right, &q_right_t}) *each = zeros(square_right);
    for (int i = 0; i < rows; ++i) q_left[i * (ld_left + 1)] = q_left_t[i * (ld_left + 1)] = 1.0f;
    for (int i = 0; i < columns; ++i) q_right[i * (ld + 1)] = q_right_t[i * (ld + 1)] = 1.0f;
    const std::size_t most = static_cast<std::size_t>(ld > ld_left ? ld : ld_left);
    for (Numbers& each : work) each = zeros(most * most);
}

}  // namespace candela
