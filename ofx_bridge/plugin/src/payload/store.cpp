// The last used files, each read under a lock of its own.
#include "store.hpp"

#include <atomic>
#include <list>
#include <mutex>
#include <optional>

#include "file_stamp.hpp"

namespace candela::plugin {
namespace {

constexpr std::size_t most_files = 32;  // a sequence has a file for every frame; a payload takes up to some megabytes

struct Entry {
    std::string path;
    std::mutex mutex;  // of what follows
    bool read = false;
    FileStamp file{}, beside{};
    std::shared_ptr<const Model> model;
    std::optional<Trouble> failed;
};

struct Store {
    std::mutex mutex;
    std::list<std::shared_ptr<Entry>> entries;  // the last used first
    std::atomic<std::size_t> readings{0};
};

Store& store() {
    static Store it;
    return it;
}

std::shared_ptr<Entry> entry_of(const std::string& path) {
    Store& all = store();
    const std::lock_guard lock(all.mutex);
    for (auto at = all.entries.begin(); at != all.entries.end(); ++at) {
        if ((*at)->path != path) continue;
        all.entries.splice(all.entries.begin(), all.entries, at);
        return all.entries.front();
    }
    auto entry = std::make_shared<Entry>();
    entry->path = path;
    all.entries.push_front(entry);
    // Who still renders with a file that is dropped here keeps it alive.
    if (all.entries.size() > most_files) all.entries.pop_back();
    return entry;
}

}  // namespace

std::shared_ptr<const Model> payload_of(const std::string& path) {
    const std::filesystem::path file = std::filesystem::u8path(path);
    const auto entry = entry_of(path);
    const std::lock_guard lock(entry->mutex);
    const FileStamp now = stamp_of(file), beside = stamp_of(sidecar_path(file));
    if (entry->read && entry->file == now && entry->beside == beside) {
        if (entry->failed) throw *entry->failed;
        return entry->model;
    }
    entry->read = false;
    entry->model.reset();
    entry->failed.reset();
    ++store().readings;
    try {
        entry->model = std::make_shared<const Model>(Model::open(file));
    } catch (const Trouble& trouble) {
        // What the machine failed at may work the next time.
        if (trouble.kind() == Trouble::Kind::machine) throw;
        entry->failed = trouble;
    }
    // Stamps from before the reading: a change during it is noticed with the next call.
    entry->file = now;
    entry->beside = beside;
    entry->read = true;
    if (entry->failed) throw *entry->failed;
    return entry->model;
}

void forget_payloads() {
    const std::lock_guard lock(store().mutex);
    store().entries.clear();
}

std::size_t payload_readings() { return store().readings; }

}  // namespace candela::plugin
