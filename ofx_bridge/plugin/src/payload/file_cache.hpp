// The last used files, each read once, under a lock of its own, and again when it changes.
#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "candela/trouble.hpp"
#include "file_stamp.hpp"

namespace candela::plugin {

template <class Value>
class FileCache {
public:
    explicit FileCache(std::size_t most) : most_(most) {}

    // What read() gives, as long as stamps() stay what they were when it was called. Trouble is kept likewise, but for
    // that of the machine, which may work the next time. Several threads that ask for one file wait for one reading.
    template <class Stamps, class Read>
    std::shared_ptr<const Value> get(const std::string& path, Stamps stamps, Read read) {
        const auto entry = entry_of(path);
        const std::lock_guard lock(entry->mutex);
        const auto now = stamps();
        if (!entry->stamps || *entry->stamps != now) {
            // Stamps from before the reading: a change during it is noticed with the next call.
            entry->stamps.reset();
            entry->value.reset();
            entry->failed.reset();
            ++readings_;
            try {
                entry->value = read();
            } catch (const Trouble& trouble) {
                if (trouble.kind() == Trouble::Kind::machine) throw;
                entry->failed = trouble;
            }
            entry->stamps = now;
        }
        if (entry->failed) throw Trouble(*entry->failed);
        return entry->value;
    }

    void forget() {
        const std::lock_guard lock(mutex_);
        entries_.clear();
    }

    std::size_t readings() const { return readings_; }

private:
    struct Entry {
        std::string path;
        std::mutex mutex;  // of what follows
        std::optional<std::pair<FileStamp, FileStamp>> stamps;
        std::shared_ptr<const Value> value;
        std::optional<Trouble> failed;
    };

    std::shared_ptr<Entry> entry_of(const std::string& path) {
        const std::lock_guard lock(mutex_);
        for (auto at = entries_.begin(); at != entries_.end(); ++at) {
            if ((*at)->path != path) continue;
            entries_.splice(entries_.begin(), entries_, at);
            return entries_.front();
        }
        auto entry = std::make_shared<Entry>();
        entry->path = path;
        entries_.push_front(entry);
        // Who still works with one that is dropped here keeps it alive.
        if (entries_.size() > most_) entries_.pop_back();
        return entry;
    }

    std::size_t most_;
    std::mutex mutex_;
    std::list<std::shared_ptr<Entry>> entries_;  // the last used first
    std::atomic<std::size_t> readings_{0};
};

}  // namespace candela::plugin
