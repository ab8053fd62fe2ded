// A file and its sidecar are looked at together: the one that appears beside a file counts from then on.
#include "store.hpp"

#include "file_cache.hpp"

namespace candela::plugin {
namespace {

// A sequence has a file for every frame; a payload takes up to some megabytes.
FileCache<Model>& cache() {
    static FileCache<Model> it(32);
    return it;
}

}  // namespace

std::shared_ptr<const Model> payload_of(const std::string& path) {
    const std::filesystem::path file = std::filesystem::u8path(path);
    return cache().get(
        path, [&] { return std::pair(stamp_of(file), stamp_of(sidecar_path(file))); },
        [&] { return std::make_shared<const Model>(Model::open(file)); });
}

void forget_payloads() { cache().forget(); }

std::size_t payload_readings() { return cache().readings(); }

}  // namespace candela::plugin
