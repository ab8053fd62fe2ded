// A team that is let go while the machine has other work: waiting for a helper whose core was taken away costs more
// than the helper brings.
#pragma once

#include <chrono>
#include <memory>

#include "team.hpp"

namespace candela {

// After a wait that only a lost core explains, steps are done alone for a while, twice as long after every such wait in
// a row. What a step computes does not depend on it.
class Crew {
public:
    // workers: the caller and the most helpers that it may have.
    explicit Crew(int workers) : workers_(workers), alone_(std::make_unique<Team>(0)) {}

    Team& team() { return *(team_ ? team_ : alone_); }

    void begin();      // of a run: helpers start, unless it is too early for them
    void end();        // of a run: none is left behind
    void step_done();  // to be told of every step

private:
    using Clock = std::chrono::steady_clock;

    int workers_;
    std::unique_ptr<Team> team_, alone_;
    Clock::time_point changed_{};  // when helpers came or went
    double rest_ = 0;              // seconds without helpers
};

}  // namespace candela
