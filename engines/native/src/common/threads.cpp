// A counter that threads take items from: whoever is free takes the next.
#include "candela/threads.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
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
    const auto run = [&] {
        const auto work = with_room();
        for (std::size_t item; (item = next.fetch_add(1)) < count;) work(item);
    };
    std::vector<std::thread> others;
    std::exception_ptr failed;
    try {
        for (std::size_t i = 1; i < std::min(threads, count); ++i) {
            others.emplace_back([&] {
                try {
                    run();
                } catch (const std::bad_alloc&) {
                    // No room: its items are taken by those that have some.
                }
            });
        }
    } catch (const std::system_error&) {
        // No more threads to be had: those there are do the work.
    }
    try {
        run();
    } catch (...) {
        failed = std::current_exception();
        next = count;
    }
    for (auto& thread : others) thread.join();
    if (failed) std::rethrow_exception(failed);
}

}  // namespace candela
