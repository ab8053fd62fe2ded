// From a path to the payload: in the file, else beside it. Twin of candela_engines/itm/carriers/_api.py.
#include <algorithm>

#include "candela/carriers.hpp"
#include "carrier.hpp"

namespace candela {
namespace {

using namespace carriers;
namespace fs = std::filesystem;

constexpr const Carrier* all[] = {&png, &jpeg, &tiff, &exr, &dpx, &isobmff, &jxl, &mp4, &matroska, &carriers::sidecar};

const Carrier* recognised(View head) {
    for (const Carrier* carrier : all) {
        if (carrier->recognise(head)) return carrier;
    }
    return nullptr;
}

Found one(const Source& source, const Carrier& carrier, const fs::path& path, std::vector<Bytes>&& copies) {
    const bool differ = std::ranges::any_of(copies, [&](const Bytes& copy) { return copy != copies[0]; });
    if (differ) {
        source.broken("carries " + std::to_string(copies.size()) + " payloads that differ; embed anew, or strip them all");
    }
    return {carrier.name, path, std::move(copies[0]), static_cast<int>(copies.size())};
}

}  // namespace

fs::path sidecar_path(const fs::path& path) {
    std::error_code error;
    fs::path out = path;
    if (fs::is_symlink(fs::symlink_status(path, error))) {
        const fs::path named = fs::weakly_canonical(path, error);
        if (!error) out = named;
    }
    out += ".candela";
    return out;
}

std::optional<Found> find_payload(const fs::path& path) {
    std::optional<Trouble> damaged;
    {
        Source source(path);
        const Carrier* carrier = recognised(source.head(head_bytes));
        if (carrier) {
            std::vector<Bytes> copies;
            try {
                copies = carrier->find(source);
            } catch (const Trouble& error) {
                if (error.kind() != Trouble::Kind::carrier) throw;
                damaged = error;
            }
            if (!copies.empty()) return one(source, *carrier, path, std::move(copies));
        }
    }
    const fs::path beside = sidecar_path(path);
    std::error_code error;
    if (fs::exists(beside, error)) {
        Source source(beside);
        if (!carriers::sidecar.recognise(source.head(head_bytes))) {
            source.broken("has the name of a sidecar file, but is none");
        }
        return one(source, carriers::sidecar, beside, carriers::sidecar.find(source));
    }
    if (damaged) throw *damaged;
    return {};
}

}  // namespace candela
