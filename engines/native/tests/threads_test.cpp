// Work shared out to threads: every item once, and no exception lost or let loose.
#include <atomic>
#include <new>
#include <stdexcept>
#include <thread>

#include "candela/threads.hpp"
#include "check.hpp"

namespace {

void every_item_is_done_where_helpers_have_no_room() {
    const auto caller = std::this_thread::get_id();
    std::atomic<int> done{0};
    candela::share_out(100, 4, [&]() -> std::function<void(std::size_t)> {
        if (std::this_thread::get_id() != caller) throw std::bad_alloc();
        return [&](std::size_t) { ++done; };
    });
    CHECK(done == 100);
}

template <class Error>
void an_exception_of_the_work_is_thrown_on() {
    for (int run = 0; run < 50; ++run) {
        bool thrown = false;
        try {
            candela::share_out(64, 4, [&] {
                return [&](std::size_t item) {
                    if (item == 13) throw Error();
                };
            });
        } catch (const Error&) {
            thrown = true;
        }
        CHECK(thrown);
    }
}

struct Wrong : std::runtime_error {
    Wrong() : std::runtime_error("wrong") {}
};

}  // namespace

int main() {
    every_item_is_done_where_helpers_have_no_room();
    an_exception_of_the_work_is_thrown_on<Wrong>();
    an_exception_of_the_work_is_thrown_on<std::bad_alloc>();
}
