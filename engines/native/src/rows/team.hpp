// Threads for the length of one call: they take the numbered parts of a loop, whoever is free.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace candela {

// Unlike `share_out`, for many short loops: the threads are there from one to the next.
class RowTeam {
public:
    // The caller is one of them. Fewer where the system has no more to give.
    explicit RowTeam(int threads);
    ~RowTeam();
    RowTeam(const RowTeam&) = delete;
    RowTeam& operator=(const RowTeam&) = delete;

    int size() const { return static_cast<int>(others_.size()) + 1; }

    // Calls f(part, member) for each part 0..parts − 1; member 0..size() − 1 says who. f must not throw.
    template <class F>
    void each(int parts, F&& f) {
        if (others_.empty() || parts < 2) {
            for (int part = 0; part < parts; ++part) f(part, 0);
            return;
        }
        run(parts, [](void* g, int part, int member) { (*static_cast<std::remove_reference_t<F>*>(g))(part, member); },
            &f);
    }

private:
    using Call = void (*)(void*, int, int);
    struct Work {
        Call call = nullptr;
        void* f = nullptr;
        int parts = 0;
    };

    void run(int parts, Call call, void* f);
    void wait_for_work(int member);
    void take(Work work, int member);

    std::vector<std::thread> others_;
    std::mutex lock_;
    std::condition_variable come_, gone_;
    Work work_;
    int busy_ = 0;
    unsigned round_ = 0;
    bool over_ = false;
    std::atomic<int> next_{0};
};

}  // namespace candela
