// A counter that threads take items from: whoever is free takes the next.
#include "candela/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace candela {

std::size_t thread_count(int wanted) {
    const std::size_t count = wanted > 0 ? wanted : std::max(1u, std::thread::hardware_concurrency());
    return std::min<std::size_t>(count, 256);
}

void share_out(std::size_t count, std::size_t threads,
               const std::function<std::function<void(std::size_t)>()>& with_room) {
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failed;
    const auto fail = [&] {
        const std::lock_guard lock(mutex);
        if (!failed) failed = std::current_exception();
        next = count;
    };
    const auto run = [&](const std::function<void(std::size_t)>& work) {
        for (std::size_t item; (item = next.fetch_add(1)) < count;) work(item);
    };
    std::vector<std::thread> others;
    try {
        others.reserve(std::min(threads, count));
        for (std::size_t i = 1; i < std::min(threads, count); ++i) {
            others.emplace_back([&] {
                try {
                    std::function<void(std::size_t)> work;
                    try {
                        work = with_room();
                    } catch (const std::bad_alloc&) {
                        return;  // no room, and no item taken: the others have them all
                    }
                    run(work);
                } catch (...) {
                    fail();
                }
            });
        }
    } catch (const std::system_error&) {
        // No more threads to be had: those there are do the work.
    } catch (const std::bad_alloc&) {
    }
    try {
        run(with_room());
    } catch (...) {
        fail();
    }
    for (auto& thread : others) thread.join();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace candela
