// When helpers pay.
#include "crew.hpp"

#include <algorithm>

namespace candela {
namespace {

constexpr double first_rest = 0.05, longest_rest = 2.0;  // seconds
constexpr double good_spell = 0.5;                       // after so long without a loss the next rest is short again

}  // namespace

void Crew::begin() {
    const auto now = Clock::now();
    if (workers_ < 2 || (rest_ > 0 && std::chrono::duration<double>(now - changed_).count() < rest_)) return;
    if (!team_ && rest_ > 0) changed_ = now;
    team_ = std::make_unique<Team>(workers_ - 1);
}

void Crew::end() { team_.reset(); }

void Crew::step_done() {
    if (workers_ < 2) return;
    if (team_ && !team_->lost()) return;
    if (team_) {
        const auto now = Clock::now();
        const double spell = std::chrono::duration<double>(now - changed_).count();
        rest_ = rest_ > 0 && spell < rest_ + good_spell ? std::min(2 * rest_, longest_rest) : first_rest;
        changed_ = now;
        team_.reset();
    }
}

}  // namespace candela
