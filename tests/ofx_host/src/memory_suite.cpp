#include "memory_suite.hpp"

#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "effect.hpp"
#include "report.hpp"

namespace host {
namespace {

struct Blocks {
    std::mutex lock;
    std::map<void*, std::size_t> plain;
};

Blocks& blocks() {
    static auto& one = *new Blocks;
    return one;
}

class ImageBlock : public Handle {
public:
    ImageBlock(Effect* effect, std::size_t size)
        : Handle(Kind::memory), effect(effect), bytes(new unsigned char[size]) {}
    Effect* effect;
    std::unique_ptr<unsigned char[]> bytes;
    std::atomic<int> locks{0};

protected:
    void empty() override { bytes.reset(); }
};

struct ImageBlocks {
    std::mutex lock;
    std::map<Handle*, std::unique_ptr<ImageBlock>> all;
};

ImageBlocks& image_blocks() {
    static auto& one = *new ImageBlocks;
    return one;
}

abi::Status alloc(void*, std::size_t size, void** out) {
    called("memoryAlloc");
    if (out == nullptr) return abi::bad_value;
    *out = std::malloc(size == 0 ? 1 : size);
    if (*out == nullptr) return abi::memory;
    const std::lock_guard<std::mutex> held(blocks().lock);
    blocks().plain[*out] = size;
    return abi::ok;
}

abi::Status release(void* block) {
    called("memoryFree");
    {
        const std::lock_guard<std::mutex> held(blocks().lock);
        if (blocks().plain.erase(block) == 0) {
            report().violation("frees memory that it was not given");
            return abi::bad_handle;
        }
    }
    std::free(block);
    return abi::ok;
}

ImageBlock* block_of(abi::ImageMemory handle) {
    auto* block = from<ImageBlock>(handle, Kind::memory);
    if (block == nullptr) report().violation("the handle of image memory is null or dead");
    return block;
}

}  // namespace

const abi::MemorySuite& memory_suite() {
    static const abi::MemorySuite suite{alloc, release};
    return suite;
}

abi::Status image_memory_alloc(abi::Effect handle, std::size_t size, abi::ImageMemory* out) {
    called("imageMemoryAlloc");
    auto* effect = from<Effect>(handle, Kind::effect);
    if (handle != nullptr && effect == nullptr) return abi::bad_handle;
    auto block = std::make_unique<ImageBlock>(effect, size);
    *out = to<abi::ImageMemory>(block.get());
    const std::lock_guard<std::mutex> held(image_blocks().lock);
    image_blocks().all[block.get()] = std::move(block);
    return abi::ok;
}

abi::Status image_memory_free(abi::ImageMemory handle) {
    called("imageMemoryFree");
    ImageBlock* block = block_of(handle);
    if (block == nullptr) return abi::bad_handle;
    if (block->locks > 0) report().violation("frees image memory that is locked");
    const std::lock_guard<std::mutex> held(image_blocks().lock);
    const auto at = image_blocks().all.find(block);
    retire(std::move(at->second));
    image_blocks().all.erase(at);
    return abi::ok;
}

abi::Status image_memory_lock(abi::ImageMemory handle, void** out) {
    called("imageMemoryLock");
    ImageBlock* block = block_of(handle);
    if (block == nullptr) return abi::bad_handle;
    ++block->locks;
    *out = block->bytes.get();
    return abi::ok;
}

abi::Status image_memory_unlock(abi::ImageMemory handle) {
    called("imageMemoryUnlock");
    ImageBlock* block = block_of(handle);
    if (block == nullptr) return abi::bad_handle;
    if (--block->locks < 0) report().violation("unlocks image memory that is not locked");
    return abi::ok;
}

void report_memory(const Effect* effect) {
    {
        const std::lock_guard<std::mutex> held(image_blocks().lock);
        auto& all = image_blocks().all;
        for (auto at = all.begin(); at != all.end();) {
            if (effect == nullptr || at->second->effect == effect) {
                report().violation("image memory is not freed");
                retire(std::move(at->second));
                at = all.erase(at);
            } else {
                ++at;
            }
        }
    }
    if (effect != nullptr) return;
    const std::lock_guard<std::mutex> held(blocks().lock);
    for (const auto& [block, size] : blocks().plain) {
        report().violation(std::to_string(size) + " bytes of memory are not freed");
        std::free(block);
    }
    blocks().plain.clear();
}

}  // namespace host
