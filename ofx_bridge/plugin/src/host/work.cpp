// The multithread suite, which calls a function on several threads and waits for them.
#include "work.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "boundary.hpp"
#include "candela/threads.hpp"

namespace candela::plugin {
namespace {

struct Shared {
    ofx::Effect effect;
    const std::function<void(std::size_t)>& work;
    std::size_t count;
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failed;

    // No exception leaves it: the threads are the host's.
    void run() noexcept {
        try {
            for (std::size_t item; (item = next.fetch_add(1)) < count;) {
                if (effect && suites().effect->abort && suites().effect->abort(effect)) throw Aborted();
                work(item);
            }
        } catch (...) {
            const std::lock_guard lock(mutex);
            if (!failed) failed = std::current_exception();
            next = count;
        }
    }
};

void on_host_thread(unsigned int, unsigned int, void* argument) { static_cast<Shared*>(argument)->run(); }

}  // namespace

unsigned thread_count() {
    unsigned int count = 0;
    const auto* host = suites().threads;
    if (host && host->num_cpus && host->num_cpus(&count) == ofx::ok && count > 0) return std::min(count, 256u);
    return static_cast<unsigned>(candela::thread_count(0));
}

void share_work(ofx::Effect effect, std::size_t count, const std::function<void(std::size_t)>& work) {
    if (!count) return;
    Shared shared{effect, work, count, {}, {}, {}};
    const auto* host = suites().threads;
    const unsigned threads = static_cast<unsigned>(std::min<std::size_t>(thread_count(), count));
    // Inside a thread that the suite started no more of them can be had.
    const bool inside = host && host->is_spawned_thread && host->is_spawned_thread();
    bool done = false;
    if (threads > 1 && !inside) {
        if (host && host->multi_thread) {
            done = host->multi_thread(&on_host_thread, threads, &shared) == ofx::ok;
        } else {
            candela::share_out(threads, threads, [&] { return [&](std::size_t) { shared.run(); }; });
            done = true;
        }
    }
    // What a host refused to share out is done here; after a success nothing is left.
    if (!done || shared.next < count) shared.run();
    if (shared.failed) std::rethrow_exception(shared.failed);
}

}  // namespace candela::plugin
