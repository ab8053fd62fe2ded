// What the parts of the Python module share: arrays in and out, and the functions that bind each part.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstdint>
#include <initializer_list>
#include <utility>
#include <vector>

namespace nb = nanobind;

using Array32 = nb::ndarray<nb::numpy, std::int32_t>;
using Array64 = nb::ndarray<nb::numpy, std::int64_t>;
using ArrayF = nb::ndarray<nb::numpy, float>;
using Given32 = nb::ndarray<const std::int32_t, nb::c_contig, nb::device::cpu>;
using GivenF = nb::ndarray<const float, nb::c_contig, nb::device::cpu>;

// A vector handed to numpy without a copy.
template <class T>
nb::ndarray<nb::numpy, T> array_of(std::vector<T>&& values, std::initializer_list<std::size_t> shape) {
    auto* kept = new std::vector<T>(std::move(values));
    nb::capsule owner(kept, [](void* p) noexcept { delete static_cast<std::vector<T>*>(p); });
    return nb::ndarray<nb::numpy, T>(kept->data(), shape.size(), shape.begin(), owner);
}

void bind_coding(nb::module_& m);
void bind_dense(nb::module_& m);
void bind_video_out(nb::module_& m);
void bind_frame(nb::module_& m);
void bind_fit(nb::module_& m);
void bind_plane(nb::module_& m);
void bind_fields(nb::module_& m);
void bind_targets(nb::module_& m);
void bind_sine(nb::module_& m);
void bind_fidelity(nb::module_& m);
void bind_video(nb::module_& m);
void bind_model(nb::module_& m);
void bind_qc(nb::module_& m);
void bind_views(nb::module_& m);
