// store_test FILE: a payload is read once for all that ask, again when its file changes, and a bad one no more often.
#include "payload/store.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include "../../../engines/native/tests/check.hpp"
#include "candela/trouble.hpp"

namespace {

using namespace candela::plugin;
namespace fs = std::filesystem;

void asked_by_many(const std::string& path, bool sound) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int round = 0; round < 50; ++round) {
                try {
                    CHECK(payload_of(path)->width() > 0 && sound);
                } catch (const candela::Trouble&) {
                    CHECK(!sound);
                }
            }
        });
    }
    for (auto& one : threads) one.join();
}

}  // namespace

int main(int count, char** arguments) {
    CHECK(count == 2);
    const std::string path = arguments[1], other = path + ".other.candela";
    asked_by_many(path, true);
    CHECK(payload_readings() == 1);
    const auto first = payload_of(path);
    CHECK(payload_of(path) == first);

    // Another file under the same name, of the same size.
    fs::copy_file(path, other);
    fs::rename(other, path);
    asked_by_many(path, true);
    CHECK(payload_readings() == 2 && payload_of(path) != first && first->width() > 0);

    // Cut short, it is looked at once, and once more when it is whole again.
    fs::copy_file(path, other);
    fs::resize_file(path, fs::file_size(path) - 1);
    asked_by_many(path, false);
    CHECK(payload_readings() == 3);
    fs::rename(other, path);
    asked_by_many(path, true);
    CHECK(payload_readings() == 4);

    forget_payloads();
    CHECK(payload_of(path)->width() > 0 && payload_readings() == 5);
}
