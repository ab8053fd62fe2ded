// One level of the wavelet, whole rows at a time in one pass: a row is lifted against its neighbours above and below
// while they are in the cache, then along itself.
//
// A level may be done in parts, by pairs of rows (an even row and the odd one below it), on several threads: each part
// reads two pairs more on either side and works those out anew, so the parts give what the whole gives, to the bit.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "rows.hpp"

namespace candela {

inline constexpr int pairs_beside = 2;

// A part of a level's rows, in pairs.
struct PairRange {
    int first, last;
};

// In how many parts threads share so many pairs, and which they are. Too few are not worth the way to another thread.
inline int parts_of(int pairs, int threads) { return threads < 2 ? 1 : std::clamp(pairs / 24, 1, 2 * threads); }

inline PairRange part_of(int part, int pairs, int threads) {
    const int parts = parts_of(pairs, threads);
    const auto edge = [&](int i) { return static_cast<int>(static_cast<long long>(pairs) * i / parts); };
    return {edge(part), edge(part + 1)};
}

template <class T>
class LiftLevel {
public:
    // height, width: of what is split, 2 at least. One object for each thread.
    LiftLevel(const LiftLoops<T>& loops, int height, int width)
        : loops_(loops), width_(width), lows_((height + 1) / 2), highs_(height / 2),
          numbers_(static_cast<std::size_t>(9) * width + 16) {}

    // load(y, row) writes row y of the signal. out(k, y) is where row y of the approximation (k = 0) and of the
    // details rows high, columns high, both (k = 1..3) goes; done(k, y) follows when it stands there.
    template <class Load, class Out, class Done>
    void split(PairRange part, Load load, Out out, Done done) {
        const int start = std::max(part.first - pairs_beside, 0), stop = std::min(part.last + pairs_beside, lows_);
        const int inner = start ? start + 1 : 0;
        for (int t = start; t < part.last + 2; ++t) {
            if (t < stop) {
                load(2 * t, low(t));
                if (t < highs_) load(2 * t + 1, high(t));
            }
            details(t - 1, start, 0, loops_.add);
            approximation(t - 1, inner, 1, loops_.add);
            details(t - 2, inner, 2, loops_.add);
            approximation(t - 2, std::max(part.first, 0), 3, loops_.add);
            const int y = t - 2;
            if (y < part.first) continue;
            loops_.split(low(y), width_, out(0, y), out(2, y));
            done(0, y);
            done(2, y);
            if (y < highs_) {
                loops_.split(high(y), width_, out(1, y), out(3, y));
                done(1, y);
                done(3, y);
            }
        }
    }

    // band(k, y) is row y of the approximation or the details, as above; it stays valid until the next call for the
    // same k. emit(y, row) takes row y of the signal.
    template <class Band, class Emit>
    void join(PairRange part, Band band, Emit emit) {
        const int start = std::max(part.first - pairs_beside, 0), stop = std::min(part.last + pairs_beside, lows_);
        const int inner = start ? start + 1 : 0;
        T* scratch = numbers_.data() + static_cast<std::size_t>(8) * width_;
        for (int t = start; t < part.last + 2; ++t) {
            if (t < stop) {
                loops_.join(band(0, t), band(2, t), width_, low(t), scratch);
                if (t < highs_) loops_.join(band(1, t), band(3, t), width_, high(t), scratch);
            }
            if (t < stop) approximation(t, inner, 3, loops_.take);
            details(t - 1, inner, 2, loops_.take);
            approximation(t - 1, std::max(part.first, 0), 1, loops_.take);
            const int y = t - 2;
            if (y < part.first) continue;
            details(y, part.first, 0, loops_.take);
            emit(2 * y, low(y));
            if (y < highs_) emit(2 * y + 1, high(y));
        }
    }

private:
    using Loop = void (*)(T*, const T*, const T*, int, int);

    // Four pairs are in work at a time.
    T* low(int i) { return numbers_.data() + static_cast<std::size_t>(i & 3) * 2 * width_; }
    T* high(int i) { return low(i) + width_; }

    // Edges are mirrored about the outermost row.
    void details(int i, int from, int step, Loop loop) {
        if (i >= from && i < highs_) loop(high(i), low(i), low(std::min(i + 1, lows_ - 1)), step, width_);
    }
    void approximation(int i, int from, int step, Loop loop) {
        if (i >= from && i < lows_) loop(low(i), high(std::max(i - 1, 0)), high(std::min(i, highs_ - 1)), step, width_);
    }

    const LiftLoops<T>& loops_;
    int width_, lows_, highs_;
    std::vector<T> numbers_;
};

}  // namespace candela
