// Threads that share short pieces of work: steps of a fit take microseconds, so nobody sleeps between two of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace candela {

// The caller and some helpers. Pieces are claimed one by one, so that a helper whose core is busy with something else
// claims none, and nobody waits for it. Helpers spin for a while, then offer their core to others.
class Team {
public:
    // Starts at most `helpers` threads; fewer, or none, where there are no more to be had.
    explicit Team(int helpers);
    ~Team();
    Team(const Team&) = delete;
    Team& operator=(const Team&) = delete;

    // Runs piece(i, worker) for i in 0..count-1; worker 0 is the caller, others count from 1. Pieces may not throw.
    template <class Piece>
    void share(int count, const Piece& piece) {
        if (count == 1 || helpers_.empty()) {
            for (int i = 0; i < count; ++i) piece(i, 0);
            return;
        }
        run(count, [](const void* p, int i, int worker) { (*static_cast<const Piece*>(p))(i, worker); }, &piece);
    }

    int helpers() const { return static_cast<int>(helpers_.size()); }

    // Whether a helper once kept the caller waiting so long that its core must have been taken away from it.
    bool lost() const { return lost_; }

private:
    using Call = void (*)(const void*, int, int);

    void run(int count, Call call, const void* piece);
    bool claim(int worker);
    void help(int worker);

    // Which piece is next, of how many, in which call of run: claimed as one number.
    std::atomic<std::uint64_t> ticket_{0};
    std::atomic<int> done_{0};
    std::atomic<bool> ended_{false};
    Call call_ = nullptr;
    const void* piece_ = nullptr;
    bool lost_ = false;
    std::vector<std::thread> helpers_;
};

}  // namespace candela
