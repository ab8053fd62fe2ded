// Pictures and layers of numpy as the library takes them.
#pragma once

#include <stdexcept>
#include <string>
#include <tuple>

#include "arrays.hpp"
#include "candela/colour.hpp"
#include "candela/dense.hpp"
#include "candela/frame.hpp"

using GivenPicture = nb::ndarray<nb::ro, nb::device::cpu>;
using TakenPicture = nb::ndarray<nb::device::cpu>;
using Box = std::tuple<int, int, int, int>;  // left, top, right, bottom

template <class Array>
candela::Sample sample_of(const Array& array) {
    const auto type = array.dtype();
    if (type == nb::dtype<std::uint8_t>()) return candela::Sample::u8;
    if (type == nb::dtype<std::uint16_t>()) return candela::Sample::u16;
    if (type == nb::dtype<float>()) return candela::Sample::f32;
    if (type.code == static_cast<std::uint8_t>(nb::dlpack::dtype_code::Float) && type.bits == 16) {
        return candela::Sample::f16;
    }
    throw std::invalid_argument("samples are uint8, uint16, float16 or float32");
}

template <class Array>
candela::Layout layout_of(const Array& array) {
    if (array.ndim() != 3 || array.shape(2) < 3) throw std::invalid_argument("a picture is (height, width, 3 or more)");
    const auto size = static_cast<std::ptrdiff_t>(array.itemsize());
    return {array.stride(0) * size, array.stride(1) * size, array.stride(2) * size};
}

inline candela::Source source_of(const GivenPicture& picture, int bits) {
    const auto layout = layout_of(picture);
    return {picture.data(), sample_of(picture), bits, static_cast<int>(picture.shape(1)),
            static_cast<int>(picture.shape(0)), layout};
}

// A target of which there is the region alone.
inline candela::Target target_of(const TakenPicture& out, int bits, const Box& region) {
    const auto [left, top, right, bottom] = region;
    const auto layout = layout_of(out);
    if (static_cast<std::ptrdiff_t>(out.shape(0)) != std::ptrdiff_t{bottom} - top ||
        static_cast<std::ptrdiff_t>(out.shape(1)) != std::ptrdiff_t{right} - left) {
        throw std::invalid_argument("the result has another size than the region");
    }
    auto* data = static_cast<std::byte*>(out.data());
    return {data - top * layout.row - left * layout.pixel, sample_of(out), bits, layout};
}

inline candela::Encoding encoding_of(const std::string& name) {
    if (name != "pq" && name != "nits") throw std::invalid_argument("an encoding is pq or nits, not " + name);
    return name == "nits" ? candela::Encoding::nits : candela::Encoding::pq;
}

// Layers of arrays: weights (inputs, outputs) and biases (outputs).
inline candela::Layers layers_of(const std::vector<GivenF>& weights, const std::vector<GivenF>& biases) {
    std::vector<int> sizes;
    std::vector<const float*> w, b;
    if (weights.empty() || weights.size() != biases.size()) throw std::invalid_argument("a bias for every layer");
    for (std::size_t l = 0; l < weights.size(); ++l) {
        if (weights[l].ndim() != 2 || biases[l].size() != weights[l].shape(1) ||
            (l && weights[l].shape(0) != weights[l - 1].shape(1))) {
            throw std::invalid_argument("layers are (inputs, outputs) and (outputs), each on the one before");
        }
        if (!l) sizes.push_back(static_cast<int>(weights[l].shape(0)));
        sizes.push_back(static_cast<int>(weights[l].shape(1)));
        w.push_back(weights[l].data());
        b.push_back(biases[l].data());
    }
    return {sizes, w, b};
}

inline const candela::DenseKernel& kernel_named(const std::string& isa) {
    if (isa.empty()) return candela::dense_kernel();
    for (const auto& each : candela::dense_kernels()) {
        if (each.name == isa && each.usable) return each;
    }
    throw std::invalid_argument("no " + isa + " on this machine");
}
