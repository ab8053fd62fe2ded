// Targets and their planes, as Python sees them.
#include <algorithm>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include "arrays.hpp"
#include "candela/targets.hpp"
#include "pictures.hpp"

namespace {

// Transfer (power or srgb), exponent, scale, offset, matrix to BT.2020 by rows.
using GivenColour = std::tuple<std::string, double, double, double, std::vector<double>>;

candela::SdrColour colour_of(const GivenColour& given) {
    candela::SdrColour out;
    const auto& [transfer, exponent, scale, offset, matrix] = given;
    if (transfer != "srgb" && transfer != "power") throw std::invalid_argument("a transfer is power or srgb, not " + transfer);
    if (matrix.size() != 9) throw std::invalid_argument("a matrix has nine numbers");
    out.transfer = transfer == "srgb" ? candela::Transfer::srgb : candela::Transfer::power;
    out.exponent = exponent;
    out.scale = scale;
    out.offset = offset;
    std::copy(matrix.begin(), matrix.end(), out.matrix);
    return out;
}

candela::Domain domain_of(const std::string& name) {
    if (name == "pq") return candela::Domain::pq;
    if (name == "gain") return candela::Domain::gain;
    if (name == "ratio") return candela::Domain::ratio;
    throw std::invalid_argument("a domain is pq, gain or ratio, not " + name);
}

using Two = std::tuple<ArrayF, ArrayF>;

Two targets_of(const GivenF& signal, const GivenF& nits, const std::string& domain, const GivenColour& colour, int threads,
               const std::string& isa) {
    if (signal.ndim() != 2 || nits.ndim() != 2 || signal.shape(1) != 3 || nits.shape(1) != 3 || nits.shape(0) != signal.shape(0)) {
        throw std::invalid_argument("codes and nits are (n, 3) both");
    }
    const std::size_t n = signal.shape(0);
    std::vector<float> target(3 * n), weight(3 * n);
    const auto of = colour_of(colour);
    const auto in = domain_of(domain);
    {
        nb::gil_scoped_release released;
        candela::targets_of(signal.data(), nits.data(), n, in, of, target.data(), weight.data(), threads, isa);
    }
    return {array_of(std::move(target), {n, 3}), array_of(std::move(weight), {n, 3})};
}

Two plane_of_targets(const GivenPicture& codes, int bits, const GivenF& nits, int strength, float code,
                     const std::string& domain, const GivenColour& colour, int cell, int channels, int rows, int threads,
                     const std::string& isa) {
    bool fit = codes.ndim() == 3 && nits.ndim() == 3 && nits.shape(2) == 3 && nits.size() > 0;
    for (int i = 0; fit && i < 3; ++i) fit = codes.shape(i) == nits.shape(i);
    if (!fit) throw std::invalid_argument("codes and nits are pictures (H, W, 3) of one size");
    if (cell < 1 || channels < 1 || channels > 3) throw std::invalid_argument("a plane has cells of 1 pixel or more and 1 to 3 channels");
    const candela::PlaneSource source{source_of(codes, bits), nits.data(), strength, code};
    const std::size_t h = (source.codes.height + cell - 1) / cell, w = (source.codes.width + cell - 1) / cell, c = channels;
    std::vector<float> plane(h * w * c), weight(h * w * c);
    const auto of = colour_of(colour);
    const auto in = domain_of(domain);
    {
        nb::gil_scoped_release released;
        candela::plane_of_targets(source, in, of, cell, channels, plane.data(), weight.data(), rows, threads, isa);
    }
    return {array_of(std::move(plane), {h, w, c}), array_of(std::move(weight), {h, w, c})};
}

float largest_of(const GivenF& numbers, int threads) {
    nb::gil_scoped_release released;
    return candela::largest_of(numbers.data(), numbers.size(), threads);
}

}  // namespace

void bind_targets(nb::module_& m) {
    m.def("targets_of", &targets_of, nb::arg("signal"), nb::arg("nits"), nb::arg("domain"), nb::arg("colour"),
          nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("plane_of_targets", &plane_of_targets, nb::arg("codes"), nb::arg("bits"), nb::arg("nits"), nb::arg("strength"),
          nb::arg("code"), nb::arg("domain"), nb::arg("colour"), nb::arg("cell"), nb::arg("channels"), nb::arg("rows") = 0,
          nb::arg("threads") = 0, nb::arg("isa") = "");
    m.def("largest_of", &largest_of, nb::arg("numbers"), nb::arg("threads") = 0);
}
