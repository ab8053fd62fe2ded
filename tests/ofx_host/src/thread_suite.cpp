#include "thread_suite.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "handles.hpp"
#include "report.hpp"

namespace host {
namespace {

std::atomic<unsigned int> cpus_{4};

// The one who holds it may lock it again, as in hosts whose mutexes are recursive; others deadlock, so it is told.
class Counted : public Handle {
public:
    explicit Counted(int count) : Handle(Kind::mutex), count(count) {}
    std::mutex lock;
    std::condition_variable free;
    std::thread::id owner;
    int count;
};

struct Mutexes {
    std::mutex lock;
    std::map<Handle*, std::unique_ptr<Counted>> all;
};

Mutexes& mutexes() {
    static auto& one = *new Mutexes;
    return one;
}

abi::Status run(abi::ThreadFunction* function, unsigned int count, void* custom) {
    called("multiThread");
    if (scope().spawned) {
        report().violation("multiThread is called by a thread that it started");
        return abi::exists;
    }
    if (function == nullptr) return abi::failed;
    const unsigned int threads = count == 0 ? cpus_.load() : std::min(count, cpus_.load());
    const Scope outer = scope();
    std::vector<std::thread> running;
    for (unsigned int i = 0; i < threads; ++i) {
        running.emplace_back([=] {
            scope() = outer;
            scope().spawned = true;
            scope().index = i;
            function(i, threads, custom);
        });
    }
    for (std::thread& one : running) one.join();
    return abi::ok;
}

abi::Status cpus(unsigned int* count) {
    called("multiThreadNumCPUs", false);
    *count = cpus_;
    return abi::ok;
}

abi::Status index(unsigned int* at) {
    called("multiThreadIndex", false);
    *at = scope().index;
    return abi::ok;
}

int is_spawned() {
    called("multiThreadIsSpawnedThread", false);
    return scope().spawned ? 1 : 0;
}

Counted* mutex_of(abi::Mutex handle) {
    auto* mutex = from<Counted>(handle, Kind::mutex);
    if (mutex == nullptr) report().violation("the handle of a mutex is null or dead");
    return mutex;
}

abi::Status create(abi::Mutex* out, int count) {
    called("mutexCreate", false);
    auto mutex = std::make_unique<Counted>(count);
    if (count > 0) mutex->owner = std::this_thread::get_id();
    *out = to<abi::Mutex>(mutex.get());
    const std::lock_guard<std::mutex> held(mutexes().lock);
    mutexes().all[mutex.get()] = std::move(mutex);
    return abi::ok;
}

abi::Status destroy(abi::Mutex handle) {
    called("mutexDestroy", false);
    Counted* mutex = mutex_of(handle);
    if (mutex == nullptr) return abi::bad_handle;
    if (mutex->count > 0) report().violation("destroys a mutex that is locked");
    const std::lock_guard<std::mutex> held(mutexes().lock);
    const auto at = mutexes().all.find(mutex);
    retire(std::move(at->second));
    mutexes().all.erase(at);
    return abi::ok;
}

abi::Status lock(abi::Mutex handle) {
    called("mutexLock", false);
    Counted* mutex = mutex_of(handle);
    if (mutex == nullptr) return abi::bad_handle;
    std::unique_lock<std::mutex> held(mutex->lock);
    if (mutex->count > 0 && mutex->owner == std::this_thread::get_id()) {
        report().violation("locks a mutex that the thread holds: not all hosts' mutexes are recursive");
    } else {
        mutex->free.wait(held, [mutex] { return mutex->count <= 0; });
    }
    mutex->owner = std::this_thread::get_id();
    ++mutex->count;
    return abi::ok;
}

abi::Status unlock(abi::Mutex handle) {
    called("mutexUnLock", false);
    Counted* mutex = mutex_of(handle);
    if (mutex == nullptr) return abi::bad_handle;
    {
        const std::lock_guard<std::mutex> held(mutex->lock);
        if (mutex->count <= 0) report().violation("unlocks a mutex that is not locked");
        else if (mutex->owner != std::this_thread::get_id())
            report().violation("unlocks a mutex that another thread holds");
        --mutex->count;
    }
    mutex->free.notify_one();
    return abi::ok;
}

abi::Status try_lock(abi::Mutex handle) {
    called("mutexTryLock", false);
    Counted* mutex = mutex_of(handle);
    if (mutex == nullptr) return abi::bad_handle;
    const std::lock_guard<std::mutex> held(mutex->lock);
    if (mutex->count > 0) return abi::failed;
    mutex->owner = std::this_thread::get_id();
    ++mutex->count;
    return abi::ok;
}

}  // namespace

void set_cpus(unsigned int count) { cpus_ = std::max(1u, count); }

void report_mutexes() {
    const std::lock_guard<std::mutex> held(mutexes().lock);
    for (auto& [handle, mutex] : mutexes().all) {
        report().violation("a mutex is not destroyed");
        retire(std::move(mutex));
    }
    mutexes().all.clear();
}

const abi::ThreadSuite& thread_suite() {
    static const abi::ThreadSuite suite{run, cpus, index, is_spawned, create, destroy, lock, unlock, try_lock};
    return suite;
}

}  // namespace host
