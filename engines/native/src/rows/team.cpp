#include "team.hpp"

#include <new>
#include <system_error>

namespace candela {

RowTeam::RowTeam(int threads) {
    others_.reserve(static_cast<std::size_t>(threads > 1 ? threads - 1 : 0));
    try {
        for (int i = 1; i < threads; ++i) others_.emplace_back([this, i] { wait_for_work(i); });
    } catch (const std::system_error&) {
        // No more threads to be had: those there are do the work.
    } catch (const std::bad_alloc&) {
    }
}

RowTeam::~RowTeam() {
    {
        const std::lock_guard held(lock_);
        over_ = true;
    }
    come_.notify_all();
    for (auto& thread : others_) thread.join();
}

void RowTeam::take(Work work, int member) {
    for (int part; (part = next_.fetch_add(1)) < work.parts;) work.call(work.f, part, member);
}

void RowTeam::run(int parts, Call call, void* f) {
    {
        const std::lock_guard held(lock_);
        work_ = {call, f, parts};
        next_ = 0;
        ++round_;
    }
    come_.notify_all();
    take({call, f, parts}, 0);
    std::unique_lock held(lock_);
    work_ = {};  // whoever comes now is late
    gone_.wait(held, [this] { return busy_ == 0; });
}

void RowTeam::wait_for_work(int member) {
    unsigned seen = 0;
    std::unique_lock held(lock_);
    while (true) {
        come_.wait(held, [&] { return over_ || (work_.call && round_ != seen); });
        if (over_) return;
        seen = round_;
        ++busy_;
        const Work work = work_;
        held.unlock();
        take(work, member);
        held.lock();
        if (--busy_ == 0) gone_.notify_one();
    }
}

}  // namespace candela
