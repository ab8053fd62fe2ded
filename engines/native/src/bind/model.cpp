// The model of a file, as hosts have it, for the tests that hold it against Python's own.
#include "candela/model.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>

#include "pictures.hpp"

namespace {

using candela::Payload, candela::Trouble;

std::span<const std::uint8_t> span_of(const nb::bytes& data) {
    return {reinterpret_cast<const std::uint8_t*>(data.c_str()), data.size()};
}

template <class Range>
nb::bytes bytes_of(const Range& data) {
    return nb::bytes(data.data(), data.size());
}

const char* name_of(Trouble::Kind kind) {
    constexpr const char* names[] = {"no_payload", "carrier", "payload", "media", "machine", "colour", "frame", "mismatch"};
    return names[static_cast<int>(kind)];
}

nb::dict dict_of(const candela::ColourState& state) {
    nb::dict out;
    out["primaries"] = candela::name_of(state.primaries);
    out["transfer"] = candela::name_of(state.transfer);
    out["range"] = state.narrow ? "narrow" : "full";
    out["peak_nits"] = state.peak_nits;
    out["reference_white_nits"] = state.reference_white_nits;
    out["unit_nits"] = state.unit_nits;
    const auto text = [](const std::string& s) { return s.empty() ? nb::object(nb::none()) : nb::object(nb::cast(s)); };
    out["ocio_space"] = text(state.ocio_space);
    out["ocio_config"] = text(state.ocio_config);
    return out;
}

// The fields of candela_engines.itm.payload.Payload.
nb::dict dict_of(const Payload& p) {
    const auto& f = p.fidelity;
    nb::dict out;
    out["model"] = candela::name_of(p.model);
    out["width"] = p.width;
    out["height"] = p.height;
    out["bits"] = p.bits;
    out["picture_hash"] = bytes_of(p.picture_hash);
    out["sdr"] = dict_of(p.sdr);
    out["hdr"] = dict_of(p.hdr);
    out["fidelity"] = nb::make_tuple(f.pu_psnr, f.delta_e_mean, f.delta_e_p99, f.worst_pu_psnr, f.worst_left, f.worst_top);
    out["numbers"] = nb::tuple(nb::cast(p.numbers));
    nb::list streams;
    for (const auto& stream : p.streams) streams.append(bytes_of(stream));
    out["blobs"] = nb::tuple(streams);
    out["provenance"] = p.distilled ? "distilled" : "fitted";
    out["frames"] = p.frames;
    out["place"] = p.place;
    out["checks"] = bytes_of(p.checks);
    out["clipped"] = p.clipped;
    out["worst"] = p.worst;
    out["flicker"] = p.flicker;
    out["reading"] = nb::make_tuple(p.reading.range, p.reading.matrix);
    return out;
}

nb::list dicts_of(const std::vector<Payload>& payloads) {
    nb::list out;
    for (const auto& payload : payloads) out.append(dict_of(payload));
    return out;
}

nb::object find_payload(const std::string& path) {
    const auto found = candela::find_payload(path);
    if (!found) return nb::none();
    return nb::make_tuple(found->carrier, found->path.string(), bytes_of(found->payload), found->copies);
}

void render(const candela::Model& model, std::int64_t frame, const GivenPicture& picture, int bits, const TakenPicture& out,
            int out_bits, const Box& region, const std::string& encoding, int threads, const std::string& isa) {
    const auto source = source_of(picture, bits);
    const auto target = target_of(out, out_bits, region);
    candela::RenderOptions options;
    options.encoding = encoding_of(encoding);
    options.threads = threads;
    options.isa = isa;
    const auto [left, top, right, bottom] = region;
    nb::gil_scoped_release released;
    const auto network = model.at(frame, source.width, source.height);
    network->render(source, *network->prepare(source, threads), {left, top, right, bottom}, target, options);
}

}  // namespace

void bind_model(nb::module_& m) {
    // As long as the process lives: (kind, message).
    static const nb::handle trouble = PyErr_NewException("candela_engines._native.Trouble", nullptr, nullptr);
    m.attr("Trouble") = trouble;
    nb::register_exception_translator([](const std::exception_ptr& thrown, void*) {
        try {
            std::rethrow_exception(thrown);
        } catch (const Trouble& error) {
            PyErr_SetObject(trouble.ptr(), nb::make_tuple(name_of(error.kind()), error.what()).ptr());
        }
    });
    m.def("decode_payload", [](const nb::bytes& data) { return dict_of(candela::decode_payload(span_of(data))); },
          nb::arg("data"));
    m.def("decode_reel", [](const nb::bytes& data) { return dicts_of(candela::decode_reel(span_of(data))); },
          nb::arg("data"));
    m.def("find_payload", &find_payload, nb::arg("path"));
    nb::class_<candela::Model>(m, "Model")
        .def_static("open", [](const std::string& path) { return candela::Model::open(path); }, nb::arg("path"))
        .def_static("of", [](const nb::bytes& data) { return candela::Model::of(span_of(data)); }, nb::arg("data"))
        .def_prop_ro("shots", [](const candela::Model& self) { return dicts_of(self.shots()); })
        .def_prop_ro("carrier", &candela::Model::carrier)
        .def_prop_ro("path", [](const candela::Model& self) { return self.path().string(); })
        .def("shot_of", &candela::Model::shot_of, nb::arg("frame"))
        .def("render", &render, nb::arg("frame"), nb::arg("picture"), nb::arg("bits"), nb::arg("out"), nb::arg("out_bits"),
             nb::arg("region"), nb::arg("encoding"), nb::arg("threads") = 0, nb::arg("isa") = "");
}
