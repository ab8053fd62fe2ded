// Pieces of work claimed by one atomic number.
#include "team.hpp"

#include <chrono>
#include <new>
#include <system_error>

#include "processor.hpp"

namespace candela {
namespace {

constexpr int spins = 1000;  // pauses before a core is offered to others: some 30 microseconds
constexpr std::chrono::microseconds patience{500};  // beyond what any piece takes

void wait_a_moment(int& turns) {
    if (++turns < spins) {
        pause();
    } else {
        std::this_thread::yield();
    }
}

}  // namespace

Team::Team(int helpers) {
    try {
        for (int i = 1; i <= helpers; ++i) helpers_.emplace_back([this, i] { help(i); });
    } catch (const std::system_error&) {
        // No more threads to be had: those there are do the work.
    } catch (const std::bad_alloc&) {
    }
}

Team::~Team() {
    ended_.store(true, std::memory_order_release);
    for (auto& thread : helpers_) thread.join();
}

// A ticket: the call's number in the upper half, then 16 bits each of pieces in all and of pieces claimed. Claiming
// compares the whole, so that what was read of an earlier call claims nothing.
bool Team::claim(int worker) {
    std::uint64_t ticket = ticket_.load(std::memory_order_acquire);
    for (;;) {
        const int next = static_cast<int>(ticket & 0xFFFF), count = static_cast<int>(ticket >> 16 & 0xFFFF);
        if (next >= count) return false;
        if (ticket_.compare_exchange_weak(ticket, ticket + 1, std::memory_order_acq_rel, std::memory_order_acquire)) {
            call_(piece_, next, worker);
            return true;
        }
    }
}

void Team::help(int worker) {
    const FlushDenormals flushed;
    int turns = 0;
    while (!ended_.load(std::memory_order_acquire)) {
        if (claim(worker)) {
            done_.fetch_add(1, std::memory_order_release);
            turns = 0;
        } else {
            wait_a_moment(turns);
        }
    }
}

void Team::run(int count, Call call, const void* piece) {
    call_ = call;
    piece_ = piece;
    done_.store(0, std::memory_order_relaxed);
    const std::uint64_t number = (ticket_.load(std::memory_order_relaxed) >> 32) + 1;
    ticket_.store(number << 32 | static_cast<std::uint64_t>(count) << 16, std::memory_order_release);
    int own = 0;
    while (claim(0)) ++own;
    if (own == count) return;
    int turns = 0;
    std::chrono::steady_clock::time_point since;
    while (done_.load(std::memory_order_acquire) < count - own) {
        wait_a_moment(turns);
        if (turns == spins) since = std::chrono::steady_clock::now();
        if (turns > spins && std::chrono::steady_clock::now() - since > patience) lost_ = true;
    }
}

}  // namespace candela
