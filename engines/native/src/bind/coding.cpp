// Coded streams, as Python sees them.
#include <span>
#include <stdexcept>
#include <tuple>

#include "arrays.hpp"
#include "candela/coding.hpp"

namespace {

std::span<const std::uint8_t> span_of(const nb::bytes& data) {
    return {reinterpret_cast<const std::uint8_t*>(data.c_str()), data.size()};
}

nb::bytes bytes_of(const std::vector<std::uint8_t>& data) {
    return nb::bytes(data.data(), data.size());
}

std::vector<std::int32_t> values_of(const Given32& array) { return {array.data(), array.data() + array.size()}; }

std::vector<std::tuple<Array32, Array32, Array32>> decode_layers(const nb::bytes& data, const std::vector<int>& sizes,
                                                                 int bits) {
    std::vector<std::tuple<Array32, Array32, Array32>> out;
    for (auto& layer : candela::decode_layers(span_of(data), sizes, bits)) {
        const auto in = static_cast<std::size_t>(layer.inputs), n = static_cast<std::size_t>(layer.outputs);
        out.emplace_back(array_of(std::move(layer.weights), {in, n}), array_of(std::move(layer.biases), {n}),
                         array_of(std::move(layer.scales), {n}));
    }
    return out;
}

nb::bytes encode_layers(const std::vector<std::tuple<Given32, Given32, Given32>>& layers) {
    std::vector<candela::QuantisedLayer> given;
    for (const auto& [weights, biases, scales] : layers) {
        if (weights.ndim() != 2 || biases.size() != weights.shape(1) || scales.size() != weights.shape(1)) {
            throw std::invalid_argument("a layer is (inputs, outputs), (outputs), (outputs)");
        }
        given.push_back({static_cast<int>(weights.shape(0)), static_cast<int>(weights.shape(1)), values_of(weights),
                         values_of(biases), values_of(scales)});
    }
    return bytes_of(candela::encode_layers(given));
}

std::vector<std::vector<Array32>> decode_bands(const nb::bytes& data, int height, int width, int channels) {
    std::vector<candela::Channel> decoded;
    {
        nb::gil_scoped_release released;  // bytes are immutable, and the caller holds them
        decoded = candela::decode_bands(span_of(data), height, width, channels);
    }
    std::vector<std::vector<Array32>> out(decoded.size());
    for (std::size_t c = 0; c < decoded.size(); ++c) {
        for (auto& band : decoded[c]) {
            const auto h = static_cast<std::size_t>(band.height), w = static_cast<std::size_t>(band.width);
            out[c].push_back(array_of(std::move(band.values), {h, w}));
        }
    }
    return out;
}

std::vector<candela::Channel> channels_of(const std::vector<std::vector<Given32>>& bands, int height, int width) {
    std::vector<candela::Channel> out;
    const std::vector<candela::Shape> shapes = candela::band_shapes(height, width);
    for (const auto& channel : bands) {
        candela::Channel& given = out.emplace_back();
        if (channel.size() != shapes.size()) throw std::invalid_argument("the bands are not those of such a plane");
        for (std::size_t b = 0; b < channel.size(); ++b) {
            const Given32& band = channel[b];
            if (band.ndim() != 2 || static_cast<int>(band.shape(0)) != shapes[b].height ||
                static_cast<int>(band.shape(1)) != shapes[b].width) {
                throw std::invalid_argument("a band has not the shape that it has in such a plane");
            }
            given.push_back({shapes[b].height, shapes[b].width, values_of(band)});
        }
    }
    return out;
}

nb::bytes encode_bands(const std::vector<std::vector<Given32>>& bands, int height, int width) {
    const auto given = channels_of(bands, height, width);
    std::vector<std::uint8_t> data;
    {
        nb::gil_scoped_release released;
        data = candela::encode_bands(given, height, width);
    }
    return bytes_of(data);
}

Array64 join_bands(const std::vector<std::vector<Given32>>& bands, int height, int width, int step) {
    const auto given = channels_of(bands, height, width);
    std::vector<std::int64_t> planes;
    {
        nb::gil_scoped_release released;
        planes = candela::join_bands(given, height, width, step);
    }
    return array_of(std::move(planes), {static_cast<std::size_t>(height), static_cast<std::size_t>(width), bands.size()});
}

}  // namespace

void bind_coding(nb::module_& m) {
    static nb::exception<candela::Damaged> damaged(m, "Damaged", PyExc_ValueError);
    m.def("decode_layers", &decode_layers, nb::arg("data"), nb::arg("sizes"), nb::arg("bits"));
    m.def("encode_layers", &encode_layers, nb::arg("layers"));
    m.def("decode_bands", &decode_bands, nb::arg("data"), nb::arg("height"), nb::arg("width"), nb::arg("channels"));
    m.def("encode_bands", &encode_bands, nb::arg("bands"), nb::arg("height"), nb::arg("width"));
    m.def("join_bands", &join_bands, nb::arg("bands"), nb::arg("height"), nb::arg("width"), nb::arg("step"));
}
