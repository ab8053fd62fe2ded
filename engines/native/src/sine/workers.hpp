// Items of work on threads, each thread with room of its own.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <memory>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace candela {

struct FreeAligned {
    void operator()(float* p) const { ::operator delete[](p, std::align_val_t{64}); }
};
using Room = std::unique_ptr<float[], FreeAligned>;

// `count` floats, aligned to 64 bytes, all 0.
inline Room room_for(std::size_t count) {
    Room room(static_cast<float*>(::operator new[](count * sizeof(float), std::align_val_t{64})));
    std::fill_n(room.get(), count, 0.0f);
    return room;
}

// Calls item(i, room) for i below `items`, each once, by `threads` threads (0: as many as the machine has). `prepare` makes
// a thread's room, before its first item; no item may fail after that.
template <class Prepare, class Item>
void on_threads(std::size_t items, int threads, Prepare prepare, Item item) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        auto room = prepare();
        for (std::size_t i; (i = next.fetch_add(1)) < items;) item(i, room);
    };
    std::size_t wanted = threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency());
    wanted = std::min<std::size_t>({wanted, 256, std::max<std::size_t>(1, items)});
    std::vector<std::thread> others;
    std::exception_ptr failed;
    try {
        for (std::size_t i = 1; i < wanted; ++i) {
            others.emplace_back([&] {
                try {
                    work();
                } catch (const std::bad_alloc&) {
                    // Its items are taken by threads that have room.
                }
            });
        }
    } catch (const std::system_error&) {
        // No more threads to be had: those there are do the work.
    }
    try {
        work();
    } catch (...) {
        failed = std::current_exception();
    }
    for (auto& thread : others) thread.join();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace candela
